/**
 * A small DHCP server in memory, written apart from src/dhcp so that a mistake there shows: it reads and builds
 * messages byte by byte.
 */
import { parseMac } from '../../src/net/wire/address.js';
import { addressBytes, concat, word16, word32 } from '../support/packets.js';

export const SERVER = '192.168.1.1';
export const LEASED = '192.168.1.50';

/** A message of the client, taken apart. */
export interface Asked {
  /** Seconds. */
  at: number;
  type: string;
  transaction: number;
  seconds: number;
  isBroadcastWanted: boolean;
  clientAddress: string;
  hardware: string;
  options: Map<number, number[]>;
  /** Of the IP packet and the frame. */
  from: string;
  to: string;
  length: number;
}

const TYPES = ['', 'DISCOVER', 'OFFER', 'REQUEST', 'DECLINE', 'ACK', 'NAK', 'RELEASE'];
export const TYPE = { OFFER: 2, ACK: 5, NAK: 6 } as const;

const dotted = (bytes: Uint8Array) => bytes.join('.');

/** Reads the payload of a datagram to port 67. */
export function readAsked(message: Uint8Array, at: number, from: string, to: string): Asked {
  const options = new Map<number, number[]>();
  for (let i = 240; i < message.length && message[i] !== 255; ) {
    if (message[i] === 0) {
      i++;
      continue;
    }
    const length = message[i + 1] ?? 0;
    options.set(message[i] ?? 0, [...message.subarray(i + 2, i + 2 + length)]);
    i += 2 + length;
  }
  const view = new DataView(message.buffer, message.byteOffset);
  return {
    at,
    type: TYPES[options.get(53)?.[0] ?? 0] ?? '?',
    transaction: view.getInt32(4),
    seconds: view.getUint16(8),
    isBroadcastWanted: view.getUint16(10) === 0x8000,
    clientAddress: dotted(message.subarray(12, 16)),
    hardware: [...message.subarray(28, 34)].map((byte) => byte.toString(16).padStart(2, '0')).join(':'),
    options,
    from,
    to,
    length: message.length,
  };
}

/** The fields of a server's message. */
export interface Answer {
  type: number;
  transaction: number;
  hardware: string;
  yourAddress: string;
  options: readonly (readonly number[])[];
  /** Without the end option, and what stands behind it. */
  endless?: boolean;
  serverName?: readonly number[];
  file?: readonly number[];
}

/** Builds the payload of a datagram from port 67. */
export function buildAnswer({ type, transaction, hardware, yourAddress, options, ...rest }: Answer): Uint8Array {
  const padded = (bytes: readonly number[], length: number) =>
    concat([...bytes], new Uint8Array(length - bytes.length));
  return concat(
    [2, 1, 6, 0],
    word32(transaction),
    word16(0),
    word16(0),
    [0, 0, 0, 0],
    addressBytes(yourAddress),
    addressBytes(SERVER),
    [0, 0, 0, 0],
    padded([...parseMac(hardware)], 16),
    padded(rest.serverName ?? [], 64),
    padded(rest.file ?? [], 128),
    [99, 130, 83, 99],
    [53, 1, type],
    ...options.map((option) => [...option]),
    rest.endless === true ? [] : [255],
  );
}

/** An option that is a list of addresses. */
export function addressOption(code: number, ...addresses: string[]): number[] {
  const bytes = addresses.flatMap((address) => [...addressBytes(address)]);
  return [code, bytes.length, ...bytes];
}

export function numberOption(code: number, value: number): number[] {
  return [code, 4, ...word32(value)];
}

/** How a server behaves; a test changes it on the way. */
export class TestServer {
  address = SERVER;
  /** What it gives. */
  yourAddress = LEASED;
  leaseSeconds = 3600;
  /** Beside server, time and mask. */
  extra: number[][] = [addressOption(3, SERVER), addressOption(6, '192.168.1.2', '192.168.1.3')];
  /** False: it is gone. */
  answers = true;
  refuses = false;
  /** How it sends: to the address that it gives, or to all. */
  broadcasts = false;
  readonly asked: Asked[] = [];

  /** What it says to a message; undefined: nothing. */
  answerTo(asked: Asked): Uint8Array | undefined {
    this.asked.push(asked);
    if (!this.answers || (asked.type !== 'DISCOVER' && asked.type !== 'REQUEST')) return undefined;
    const chosen = asked.options.get(54)?.join('.');
    if (asked.type === 'REQUEST' && chosen !== undefined && chosen !== this.address) return undefined;
    const { transaction, hardware } = asked;
    if (asked.type === 'REQUEST' && this.refuses) {
      const options = [addressOption(54, this.address)];
      return buildAnswer({ type: TYPE.NAK, transaction, hardware, yourAddress: '0.0.0.0', options });
    }
    const type = asked.type === 'DISCOVER' ? TYPE.OFFER : TYPE.ACK;
    return buildAnswer({ type, transaction, hardware, yourAddress: this.yourAddress, options: this.leaseOptions() });
  }

  leaseOptions(): number[][] {
    return [
      addressOption(54, this.address),
      numberOption(51, this.leaseSeconds),
      addressOption(1, '255.255.255.0'),
      ...this.extra,
    ];
  }
}
