/** Messages of neighbour discovery, as peers send them to the layer under test and as it answers. */
import { IpAddress, parseMac } from '../../../src/net/wire/address.js';
import { InternetWorld, OURS_6, PEER_6, type WorldOptions } from '../../support/internet-world.js';
import { addressBytes, concat, hexMac, icmpv6, PEER_MAC, readFrame, readIcmp, word32 } from '../../support/packets.js';

export const OUR_LINK_LOCAL = 'fe80::fa:57ff:fe00:2';
export const OUR_SLAAC = '2001:db8:1:0:fa:57ff:fe00:2';
export const PREFIX = '2001:db8:1::';
export const ROUTER = 'fe80::ff';
export const ROUTER_MAC = '02:fa:57:00:00:ff';
export const OUR_GROUP = 'ff02::1:ff00:2';
export const OUR_GROUP_MAC = '33:33:ff:00:00:02';
export const ALL_NODES = 'ff02::1';
export const ALL_NODES_MAC = '33:33:00:00:00:01';

export const ROUTER_FLAG = 0x80000000;
export const SOLICITED = 0x40000000;
export const OVERRIDE = 0x20000000;

export interface Message {
  source?: string;
  destination?: string;
  hopLimit?: number;
  code?: number;
  options?: (Uint8Array | number[])[];
  /** The frame's source. */
  from?: string;
  /** The frame's destination. */
  to?: string;
}

export interface SentMessage {
  at: number;
  type: number;
  code: number;
  rest: number;
  source: string;
  destination: string;
  hopLimit: number;
  ethernetTo: string;
  /** The target of a solicitation or advertisement. */
  target: string;
  /** The Ethernet address in the first option, or ''. */
  mac: string;
  option: number;
  sumIsGood: boolean;
}

export function macOption(type: number, mac: string): Uint8Array {
  return concat([type, 1], parseMac(mac));
}

export function prefixOption(fields: {
  valid: number;
  preferred: number;
  flags?: number;
  length?: number;
  prefix?: string;
}): Uint8Array {
  return concat(
    [3, 4, fields.length ?? 64, fields.flags ?? 0xc0],
    word32(fields.valid),
    word32(fields.preferred),
    [0, 0, 0, 0],
    addressBytes(fields.prefix ?? PREFIX),
  );
}

export class NdpWorld extends InternetWorld {
  constructor(options: WorldOptions = {}) {
    super({ addresses: [`${OURS_6}/64`], ...options });
  }

  /** Hands over any message of neighbour discovery. */
  ndp(type: number, rest: number, body: Uint8Array | number[], message: Message): Uint8Array[] {
    const { source = PEER_6, destination = OURS_6, hopLimit = 255, code = 0, options = [] } = message;
    const payload = icmpv6(source, destination, type, code, rest, concat(body, ...options));
    const link = { from: message.from ?? PEER_MAC, ...(message.to === undefined ? {} : { to: message.to }) };
    return this.ip6({ source, destination, next: 58, hopLimit, payload }, link);
  }

  /** A solicitation for `target`. */
  solicit(target: string, message: Message = {}): SentMessage[] {
    const { options = [macOption(1, PEER_MAC)] } = message;
    return this.#read(this.ndp(135, 0, addressBytes(target), { ...message, options }));
  }

  /** An advertisement for `target`; with `mac` in its option, if not ''. */
  advertise(target: string, mac: string, flags: number, message: Message = {}): Uint8Array[] {
    const options = mac === '' ? [] : [macOption(2, mac)];
    return this.ndp(136, flags | 0, addressBytes(target), { source: target, options, ...message });
  }

  /** A router's advertisement. */
  route6(
    fields: { hopLimit?: number; lifetime?: number; reachableMs?: number; retransMs?: number } = {},
    message: Message = {},
  ): Uint8Array[] {
    const rest = ((fields.hopLimit ?? 0) << 24) | (fields.lifetime ?? 1800);
    const body = concat(word32(fields.reachableMs ?? 0), word32(fields.retransMs ?? 0));
    const link = { source: ROUTER, destination: ALL_NODES, from: ROUTER_MAC, to: ALL_NODES_MAC };
    return this.ndp(134, rest, body, { options: [macOption(1, ROUTER_MAC)], ...link, ...message });
  }

  /** What the layer sends by itself within `seconds`, listener reports aside. */
  watch(seconds: number): SentMessage[] {
    return this.advance(seconds).flatMap(({ at, bytes }) => this.#read([bytes], at));
  }

  /** What `start` sends at once and within `seconds`. */
  startAndWatch(seconds: number): SentMessage[] {
    this.layer.start();
    return [...this.#read(this.device.takeSent(), 0), ...this.watch(seconds)];
  }

  isLocal(address: string): boolean {
    return this.layer.isLocal(IpAddress.parse(address));
  }

  /** Where the next packet to `remote` goes: an Ethernet address, 'asks' or 'waits'. */
  whereTo(remote: string, local?: string): string {
    const frame = this.send(this.route(remote, local), new Uint8Array(40))[0];
    if (frame === undefined) return 'waits';
    return readFrame(frame).payload[6] === 58 ? 'asks' : readFrame(frame).to;
  }

  #read(frames: Uint8Array[], at = this.clock.now / 1e6): SentMessage[] {
    return frames.filter((bytes) => bytes[20] === 58).map((bytes) => readMessage(bytes, at));
  }
}

export function readMessage(frame: Uint8Array, at = 0): SentMessage {
  const { type, code, rest, data, ip, sumIsGood } = readIcmp(frame);
  const hasTarget = type === 135 || type === 136;
  const options = hasTarget ? data.slice(16) : data;
  return {
    at,
    type,
    code,
    rest,
    source: ip.source,
    destination: ip.destination,
    hopLimit: ip.ttl,
    ethernetTo: ip.ethernetTo,
    target: hasTarget ? String(IpAddress.readV6(data, 0)) : '',
    mac: options.length >= 8 ? hexMac(options, 2) : '',
    option: options[0] ?? 0,
    sumIsGood,
  };
}
