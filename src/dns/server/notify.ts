/** NOTIFY: RFC 1996. It tells another server that a zone has changed. */
import { readUint16, writeUint16 } from '../../net/wire/bytes.js';
import { FLAG, HEADER_BYTES, OPCODE, TYPE } from '../wire/types.js';

/** A NOTIFY for a zone: its name as the question, type SOA. */
export function notifyMessage(id: number, zone: Uint8Array): Uint8Array {
  const message = new Uint8Array(HEADER_BYTES + zone.length + 4);
  writeUint16(message, 0, id);
  writeUint16(message, 2, (OPCODE.NOTIFY << 11) | FLAG.AA);
  writeUint16(message, 4, 1);
  message.set(zone, HEADER_BYTES);
  writeUint16(message, HEADER_BYTES + zone.length, TYPE.SOA);
  writeUint16(message, HEADER_BYTES + zone.length + 2, 1);
  return message;
}

/** The identifier of an answer. */
export function notifyId(bytes: Uint8Array, from: number): number {
  return readUint16(bytes, from);
}
