/**
 * Writes the messages of the client: RFC 2131 section 4.4.1 with table 5, which says which fields and options each
 * message has.
 */
import type { IpAddress } from '../net/wire/address.js';
import { writeInt32, writeUint16 } from '../net/wire/bytes.js';
import {
  BOOT_REQUEST,
  COOKIE,
  ETHERNET,
  FIELD,
  FLAG_BROADCAST,
  LEAST_MESSAGE_BYTES,
  MESSAGE,
  type MessageType,
  OPTION,
} from './option-codes.js';

/**
 * What we ask for. Option 121 stands before 3, as RFC 3442 demands: a server with little room sends the first ones.
 */
const WISHES = Uint8Array.of(
  OPTION.SUBNET_MASK,
  OPTION.CLASSLESS_ROUTES,
  OPTION.ROUTER,
  OPTION.DNS_SERVERS,
  OPTION.DOMAIN_NAME,
  OPTION.INTERFACE_MTU,
  OPTION.LEASE_TIME,
  OPTION.RENEWAL_TIME,
  OPTION.REBINDING_TIME,
);
/** The longest message of ours: fixed fields, a host name and a client identifier of 255 bytes each, and the rest. */
const MAX_BYTES = 1024;

/** The parts of a message that differ. */
export interface Request {
  readonly type: MessageType;
  /** Int32. */
  readonly transaction: number;
  readonly seconds: number;
  readonly mac: Uint8Array;
  readonly clientId: Uint8Array;
  /** Answers are to be broadcast. */
  readonly wantsBroadcast: boolean;
  /** Our address, if we may use it (`ciaddr`). */
  readonly clientAddress?: IpAddress | undefined;
  /** Option 50. */
  readonly requestedAddress?: IpAddress | undefined;
  /** Option 54. */
  readonly server?: IpAddress | undefined;
  /** Option 12, in messages that ask for a lease. */
  readonly hostName?: string | undefined;
  /** Option 57, in messages that ask for a lease. */
  readonly largestMessage?: number | undefined;
}

/** The message as bytes. */
export function writeRequest(request: Request): Uint8Array {
  const bytes = new Uint8Array(MAX_BYTES);
  bytes[FIELD.OP] = BOOT_REQUEST;
  bytes[FIELD.HARDWARE_TYPE] = ETHERNET;
  bytes[FIELD.HARDWARE_LENGTH] = request.mac.length;
  writeInt32(bytes, FIELD.TRANSACTION, request.transaction);
  writeUint16(bytes, FIELD.SECONDS, Math.min(request.seconds, 0xffff));
  writeUint16(bytes, FIELD.FLAGS, request.wantsBroadcast ? FLAG_BROADCAST : 0);
  request.clientAddress?.writeV4(bytes, FIELD.CLIENT_ADDRESS);
  bytes.set(request.mac, FIELD.CLIENT_HARDWARE);
  writeInt32(bytes, FIELD.COOKIE, COOKIE);
  const end = writeOptions(bytes, request);
  return bytes.slice(0, Math.max(end, LEAST_MESSAGE_BYTES));
}

function writeOptions(bytes: Uint8Array, request: Request): number {
  let at: number = FIELD.OPTIONS;
  const put = (code: number, value: ArrayLike<number>) => {
    bytes[at] = code;
    bytes[at + 1] = value.length;
    bytes.set(value, at + 2);
    at += 2 + value.length;
  };
  put(OPTION.MESSAGE_TYPE, [request.type]);
  put(OPTION.CLIENT_IDENTIFIER, request.clientId);
  if (request.requestedAddress !== undefined) put(OPTION.REQUESTED_ADDRESS, addressBytes(request.requestedAddress));
  if (request.server !== undefined) put(OPTION.SERVER_IDENTIFIER, addressBytes(request.server));
  if (request.type === MESSAGE.DISCOVER || request.type === MESSAGE.REQUEST) {
    const size = request.largestMessage;
    if (size !== undefined) put(OPTION.MAXIMUM_MESSAGE_SIZE, [size >>> 8, size & 0xff]);
    put(OPTION.PARAMETER_REQUEST_LIST, WISHES);
    if (request.hostName !== undefined) put(OPTION.HOST_NAME, asciiBytes(request.hostName));
  }
  bytes[at++] = OPTION.END;
  return at;
}

function addressBytes(address: IpAddress): Uint8Array {
  const bytes = new Uint8Array(4);
  address.writeV4(bytes, 0);
  return bytes;
}

function asciiBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0) & 0x7f);
}
