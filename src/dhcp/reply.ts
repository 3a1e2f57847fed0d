/**
 * A message of a server, checked and read: RFC 2131 sections 2 and 4.4.1.
 *
 * Everybody on the link hears the messages of a server, and anybody can send one. What does not carry our transaction
 * and our Ethernet address is somebody else's. A server that returns client identifiers must return ours (RFC 6842).
 */
import { IpAddress } from '../net/wire/address.js';
import { readInt32, sameBytes } from '../net/wire/bytes.js';
import { BOOT_REPLY, COOKIE, ETHERNET, FIELD, MESSAGE, OPTION } from './option-codes.js';
import { Options } from './options.js';

const MAC_BYTES = 6;

/** A message of a server to us. */
export interface Reply {
  readonly type: typeof MESSAGE.OFFER | typeof MESSAGE.ACK | typeof MESSAGE.NAK;
  /** The address that we get; 0.0.0.0 in a NAK. */
  readonly yourAddress: IpAddress;
  /** Option 54; undefined: it is missing. */
  readonly server: IpAddress | undefined;
  readonly options: Options;
}

/** Whose messages we look for. */
export interface Asker {
  /** Int32. */
  readonly transaction: number;
  readonly mac: Uint8Array;
  /** Option 61 as we send it. */
  readonly clientId: Uint8Array;
}

/** Why a message is no reply to us. */
export type NoReply = 'malformed' | 'not-ours';

/** Reads the message in `bytes[from, to)`. */
export function readReply(bytes: Uint8Array, from: number, to: number, asker: Asker): Reply | NoReply {
  if (to - from < FIELD.OPTIONS || readInt32(bytes, from + FIELD.COOKIE) !== COOKIE) return 'malformed';
  if (bytes[from + FIELD.OP] !== BOOT_REPLY) return 'not-ours';
  if (bytes[from + FIELD.HARDWARE_TYPE] !== ETHERNET || bytes[from + FIELD.HARDWARE_LENGTH] !== MAC_BYTES) {
    return 'not-ours';
  }
  if (readInt32(bytes, from + FIELD.TRANSACTION) !== asker.transaction) return 'not-ours';
  if (!sameBytes(bytes, from + FIELD.CLIENT_HARDWARE, asker.mac, 0, MAC_BYTES)) return 'not-ours';
  const options = Options.read(bytes, from, to);
  if (options === undefined) return 'malformed';
  const type = options.uint8(OPTION.MESSAGE_TYPE);
  if (type !== MESSAGE.OFFER && type !== MESSAGE.ACK && type !== MESSAGE.NAK) return 'malformed';
  const clientId = options.bytes(OPTION.CLIENT_IDENTIFIER);
  if (clientId !== undefined && !isSame(clientId, asker.clientId)) return 'not-ours';
  return {
    type,
    yourAddress: IpAddress.readV4(bytes, from + FIELD.YOUR_ADDRESS),
    server: options.address(OPTION.SERVER_IDENTIFIER),
    options,
  };
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && sameBytes(a, 0, b, 0, a.length);
}
