/**
 * The first reading of a capture: who is the server, on which ports it listens, and which TCP options it did not agree
 * to. A replay reads twice because a SYN must be known to be refused an option before the answer has been read.
 *
 * Memory is bounded: so many addresses, so many SYNs waiting for their answer, so many exceptions.
 */

import type { CaptureRecord } from '../capture/format/record.js';
import { add, toWord } from '../net/tcp/sequence.js';
import { IpAddress } from '../net/wire/address.js';
import { ACK, RST, SYN } from '../net/wire/tcp.js';
import { PortSet } from './addressing.js';
import { FrameView } from './frame-view.js';
import { ALLOW_ALL, agreedOptions } from './rebase.js';

const MAX_ADDRESSES = 4_096;
const MAX_EXCEPTIONS = 262_144;
const MAX_OPEN_PORTS = 262_144;
/** Segments of connections already open that are looked at for signs of a server: each takes memory for a moment. */
const MAX_SEGMENT_HINTS = 64;
const HTTP_PORTS = [80, 8080, 8000, 443];

/** The signs that an address is the server's. */
interface Candidate {
  readonly address: IpAddress;
  syns: number;
  synAcks: number;
  /** Segments to a port below its sender's, or the other way from it: a weaker sign. */
  segmentHints: number;
  /** Frames outside TCP: echo requests, ARP requests: weaker still (a router is asked for, too). */
  hints: number;
}

export class Survey {
  readonly #view = new FrameView();
  readonly #candidates = new Map<string, Candidate>();
  /** Address and port that answered with SYN-ACK, and that were sent a SYN. */
  readonly #answering = new Map<string, Set<number>>();
  readonly #asked = new Map<string, Set<number>>();
  #portCount = 0;
  #segmentHints = 0;
  /** By a hash of the connection: which options remain. */
  readonly #exceptions = new Map<number, number>();
  frames = 0;

  /** Takes note of one frame. */
  observe(record: CaptureRecord): void {
    this.frames++;
    const view = this.#view;
    if (!view.read(record.linkType, record.bytes, record.from, record.to)) return;
    if (view.isTcp) this.#observeTcp(view);
    else this.#hint(view);
  }

  /**
   * True unless the address is in no frame. (Where the capture has too many addresses to remember, this cannot be
   * told.)
   */
  mayHold(address: IpAddress): boolean {
    return this.#candidates.has(address.toString()) || this.#candidates.size >= MAX_ADDRESSES || !isHost(address);
  }

  #observeTcp(view: FrameView): void {
    const { flags } = view;
    this.#candidate(sourceOf(view));
    this.#candidate(destinationOf(view));
    if ((flags & (SYN | ACK | RST)) === SYN) {
      const to = this.#candidate(destinationOf(view));
      if (to !== undefined) to.syns++;
      this.#addPort(this.#asked, destinationOf(view), view.destinationPort);
    } else if ((flags & (SYN | ACK | RST)) === (SYN | ACK)) {
      const from = this.#candidate(sourceOf(view));
      if (from !== undefined) from.synAcks++;
      this.#addPort(this.#answering, sourceOf(view), view.sourcePort);
      this.#noteOptions(view);
    } else if (this.#segmentHints < MAX_SEGMENT_HINTS) {
      this.#segmentHints++;
      const speaksFromLowerPort = view.destinationPort > view.sourcePort;
      const candidate = this.#candidate(speaksFromLowerPort ? sourceOf(view) : destinationOf(view));
      if (candidate !== undefined) candidate.segmentHints++;
    }
  }

  /** The weakest sign: the address is asked something. */
  #hint(view: FrameView): void {
    const candidate = this.#candidate(destinationOf(view));
    if (candidate !== undefined) candidate.hints++;
  }

  #candidate(address: IpAddress): Candidate | undefined {
    const key = address.toString();
    const known = this.#candidates.get(key);
    if (known !== undefined || this.#candidates.size >= MAX_ADDRESSES || !isHost(address)) return known;
    const made = { address, syns: 0, synAcks: 0, segmentHints: 0, hints: 0 };
    this.#candidates.set(key, made);
    return made;
  }

  #addPort(ports: Map<string, Set<number>>, address: IpAddress, port: number): void {
    const key = address.toString();
    const set = ports.get(key) ?? new Set();
    if (port === 0 || set.has(port) || this.#portCount >= MAX_OPEN_PORTS) return; // No host listens on port 0.
    ports.set(key, set.add(port));
    this.#portCount++;
  }

  #noteOptions(view: FrameView): void {
    const agreed = agreedOptions(view.packet.bytes, view.tcpAt, view.optionsTo);
    if (agreed === ALLOW_ALL || this.#exceptions.size >= MAX_EXCEPTIONS) return;
    const { packet, sourcePort, destinationPort, acknowledgment } = view;
    this.#exceptions.set(
      connectionKey(packet.destination3, packet.source3, destinationPort, sourcePort, toWord(add(acknowledgment, -1))),
      agreed,
    );
  }

  /** Which options (`ALLOW_…`) the recorded server agreed to, of what this SYN offers. */
  allowedOptions(view: FrameView): number {
    const { packet, sourcePort, destinationPort, sequence } = view;
    const key = connectionKey(packet.source3, packet.destination3, sourcePort, destinationPort, toWord(sequence));
    return this.#exceptions.get(key) ?? ALLOW_ALL;
  }

  /** The likeliest server: who was sent the most SYNs, or answered the most, or was asked the most. */
  get server(): IpAddress | undefined {
    let best: Candidate | undefined;
    for (const candidate of this.#candidates.values()) {
      if (best === undefined || rank(candidate) > rank(best)) best = candidate;
    }
    return best?.address;
  }

  /**
   * The ports of these addresses that answered; if none did (only one direction was recorded), those that were asked.
   */
  portsOf(servers: readonly IpAddress[]): PortSet {
    const answering = gather(this.#answering, servers);
    if (answering.list().length > 0) return answering;
    const asked = this.askedOf(servers);
    if (asked.list().length > 0) return asked;
    const usual = new PortSet();
    for (const port of HTTP_PORTS) usual.add(port);
    return usual;
  }

  /** The ports of these addresses that were sent a SYN. */
  askedOf(servers: readonly IpAddress[]): PortSet {
    return gather(this.#asked, servers);
  }
}

function gather(ports: ReadonlyMap<string, ReadonlySet<number>>, servers: readonly IpAddress[]): PortSet {
  const set = new PortSet();
  for (const server of servers) for (const port of ports.get(server.toString()) ?? []) set.add(port);
  return set;
}

function rank({ syns, synAcks, segmentHints, hints }: Candidate): number {
  return 1e9 * (syns + synAcks) + 1e6 * segmentHints + Math.min(hints, 1e6 - 1);
}

/** No broadcast or multicast address, and not the unspecified one. */
function isHost(address: IpAddress): boolean {
  if (address.isUnspecified) return false;
  return address.isV4 ? address.word3 >>> 28 < 14 : address.word0 >>> 24 !== 0xff;
}

function sourceOf({ packet }: FrameView): IpAddress {
  return new IpAddress(packet.source0, packet.source1, packet.source2, packet.source3);
}

function destinationOf({ packet }: FrameView): IpAddress {
  return new IpAddress(packet.destination0, packet.destination1, packet.destination2, packet.destination3);
}

/** 32 bits that tell connections apart well enough: two that share them share an exception, too. */
function connectionKey(client: number, server: number, clientPort: number, serverPort: number, isn: number): number {
  let hash = Math.imul(client, 0x85ebca6b) ^ server;
  hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35) + ((clientPort << 16) | serverPort);
  hash = Math.imul(hash ^ (hash >>> 13), 0x27d4eb2f) ^ isn;
  return hash | 0;
}
