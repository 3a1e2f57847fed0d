/**
 * Tells in a replay which frames go to the server whose part our stack takes, and which came from it.
 *
 * A capture of a loopback interface cannot be replayed as it is: no host takes packets from 127.0.0.0/8 or ::1 off a
 * link (RFC 1122 section 3.2.1.3), and both ends have the same address. Such addresses are translated, the server's to
 * 198.18.0.0/16 and the client's to 198.19.0.0/16 (RFC 2544, for tests between networks) or to 2001:db8::1 and ::2.
 * A host that talks to an address of its own over the loopback interface is the same case: no host takes packets from
 * its own address. There the client's address is translated alone.
 */
import type { IpPacket } from '../net/ip/packet.js';
import { IpAddress } from '../net/wire/address.js';
import type { FrameView } from './frame-view.js';

export const NEITHER = 0;
export const TO_SERVER = 1;
export const FROM_SERVER = 2;
export type Role = typeof NEITHER | typeof TO_SERVER | typeof FROM_SERVER;

const SERVER_NETWORK = 0xc6120000 | 0;
const CLIENT_NETWORK = 0xc6130000 | 0;
const DOCUMENTATION = 0x20010db8;

/** Ports on which the server listens. */
export class PortSet {
  readonly #open = new Set<number>();

  add(port: number): void {
    this.#open.add(port);
  }

  has(port: number): boolean {
    return this.#open.has(port);
  }

  list(): number[] {
    return [...this.#open].sort((a, b) => a - b);
  }
}

export class Addressing {
  readonly #servers: readonly IpAddress[];
  readonly #ports: PortSet;
  readonly #asked: PortSet;

  /**
   * @param ports where the server listens
   * @param asked where the capture's clients have asked it to
   */
  constructor(servers: readonly IpAddress[], ports: PortSet, asked: PortSet) {
    this.#servers = servers;
    this.#ports = ports;
    this.#asked = asked;
  }

  /** The addresses that the stack has: the servers', translated if they are loopback addresses. */
  get stackAddresses(): IpAddress[] {
    return this.#servers.map((address) => translateLoopback(address, true) ?? address);
  }

  /** Says which way the frame goes, and translates the addresses in `view.packet` if they are loopback ones. */
  classify(view: FrameView): Role {
    const { packet } = view;
    const to = this.#isServer(packet, true);
    const from = this.#isServer(packet, false);
    if (!to && !from) return NEITHER;
    // A host without an address that asks for the server's is the server itself, probing (RFC 5227, RFC 4862).
    if (to && isUnspecified(packet)) return FROM_SERVER;
    const toServer = to && (!from || !view.isTcp || this.#isToServerPort(view));
    if (!view.isArp) translatePacket(packet, toServer, to && from);
    return toServer ? TO_SERVER : FROM_SERVER;
  }

  /** Both ends have the server's address: its port tells them apart, be it open or only asked for. */
  #isToServerPort(view: FrameView): boolean {
    if (this.#ports.has(view.destinationPort)) return true;
    return !this.#ports.has(view.sourcePort) && this.#asked.has(view.destinationPort);
  }

  #isServer(packet: IpPacket, destination: boolean): boolean {
    for (let i = 0; i < this.#servers.length; i++) {
      const server = this.#servers[i]!;
      if (destination ? isToOrAsked(packet, server) : packet.isFrom(server)) return true;
    }
    return false;
  }
}

/** Sent to the address, or (RFC 4861 section 7.2.2) to the multicast group in which a neighbour asks for it. */
function isToOrAsked(packet: IpPacket, server: IpAddress): boolean {
  if (packet.isTo(server)) return true;
  return (
    packet.destination0 === (0xff020000 | 0) &&
    packet.destination2 === 1 &&
    packet.destination1 === 0 &&
    packet.destination3 === (0xff000000 | (server.word3 & 0xffffff) | 0) &&
    !server.isV4
  );
}

function isUnspecified(packet: IpPacket): boolean {
  const { source0, source1, source2, source3 } = packet;
  return source3 === 0 && source1 === 0 && source0 === 0 && (source2 === 0 || source2 === 0xffff);
}

/** True for 127.0.0.0/8. */
function isLoopbackV4(word2: number, word3: number): boolean {
  return word2 === 0xffff && word3 >>> 24 === 127;
}

function isLoopbackV6(word0: number, word1: number, word2: number, word3: number): boolean {
  return word3 === 1 && word2 === 0 && word1 === 0 && word0 === 0;
}

/** The address that stands for a loopback address; undefined for any other. */
export function translateLoopback(address: IpAddress, isServer: boolean): IpAddress | undefined {
  const { word0, word1, word2, word3 } = address;
  if (isLoopbackV6(word0, word1, word2, word3)) return new IpAddress(DOCUMENTATION, 0, 0, isServer ? 1 : 2);
  if (!isLoopbackV4(word2, word3)) return undefined;
  return IpAddress.v4((isServer ? SERVER_NETWORK : CLIENT_NETWORK) | (word3 & 0xffff));
}

function translatePacket(packet: IpPacket, toServer: boolean, toItself: boolean): void {
  if (toItself && !isLoopback(packet)) translateClient(packet, toServer);
  else translateBoth(packet, toServer);
}

function isLoopback({ source0, source1, source2, source3 }: IpPacket): boolean {
  return isLoopbackV4(source2, source3) || isLoopbackV6(source0, source1, source2, source3);
}

/** Gives the client of a host that talks to itself another address. */
function translateClient(packet: IpPacket, toServer: boolean): void {
  const v4 = CLIENT_NETWORK | (packet.source3 & 0xffff);
  if (packet.isV6) {
    const side = toServer ? 'source' : 'destination';
    packet[`${side}0`] = DOCUMENTATION;
    packet[`${side}1`] = packet[`${side}2`] = 0;
    packet[`${side}3`] = 2;
  } else if (toServer) packet.source3 = v4;
  else packet.destination3 = v4;
}

function translateBoth(packet: IpPacket, toServer: boolean): void {
  if (isLoopbackV4(packet.source2, packet.source3)) {
    packet.source3 = (toServer ? CLIENT_NETWORK : SERVER_NETWORK) | (packet.source3 & 0xffff);
  } else if (isLoopbackV6(packet.source0, packet.source1, packet.source2, packet.source3)) {
    packet.source0 = DOCUMENTATION;
    packet.source3 = toServer ? 2 : 1;
  }
  if (isLoopbackV4(packet.destination2, packet.destination3)) {
    packet.destination3 = (toServer ? SERVER_NETWORK : CLIENT_NETWORK) | (packet.destination3 & 0xffff);
  } else if (isLoopbackV6(packet.destination0, packet.destination1, packet.destination2, packet.destination3)) {
    packet.destination0 = DOCUMENTATION;
    packet.destination3 = toServer ? 1 : 2;
  }
}
