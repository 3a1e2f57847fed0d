/**
 * The floor: how fast can request frames be answered over this TAP at all? It answers like a web server in the eyes of
 * wrk, with nearly no TCP behind it: no retransmission, no congestion control, no timer, no check of what comes. It
 * uses fastpath's own device and poll loop. So the floor's figures are the cost of the kernel's TAP, of the system
 * calls and of the foreign-function interface; what fastpath needs beyond them is its stack, its HTTP and its cache.
 *
 * Of each connection it keeps what a large answer needs: what is to be sent, how far it is, and the peer's window. It
 * reads the path and "Connection: close" in a connection's first request only.
 */
import type { Device } from '../../../src/net/device/device.js';
import { type IncomingFrame, OutgoingFrame, TRANSPORT_AT } from '../../../src/net/device/frame.js';
import type { DrivenStack } from '../../../src/net/driver/driven.js';
import * as arp from '../../../src/net/wire/arp.js';
import { writeUint16 } from '../../../src/net/wire/bytes.js';
import { fold } from '../../../src/net/wire/checksum.js';
import * as ethernet from '../../../src/net/wire/ethernet.js';
import * as ipv4 from '../../../src/net/wire/ipv4.js';
import { PROTOCOL } from '../../../src/net/wire/protocol.js';
import type { SummedBytes } from '../../../src/net/wire/summed-bytes.js';
import * as tcp from '../../../src/net/wire/tcp.js';

const MSS = 1460;
/** Our window field; no answer to a request needs more. */
const WINDOW = 0xffff;
const INITIAL_SEQUENCE = 1_000_000;
/** Options of our SYN-ACK: MSS 1460, no-operation, window scale 0. */
const SYN_OPTIONS = Uint8Array.of(2, 4, MSS >> 8, MSS & 0xff, 1, 3, 3, 0);
const WINDOW_SCALE = 3;
/** A frame's length from the IP header on fits 16 bits up to this; beyond, the field is 0 (BIG TCP). */
const MAX_TOTAL_LENGTH = 0xffff;

/** The answers to a path: for a connection that stays, and for one that is then closed. */
export interface Answers {
  readonly keepAlive: SummedBytes;
  readonly close: SummedBytes;
}

class Connection {
  next = 0;
  windowScale = 0;
  answer: SummedBytes | null = null;
  /** How much of the answer has been sent; all of it when nothing is to be sent. */
  sent = 0;
  closes = false;
}

export class FloorResponder implements DrivenStack {
  readonly #device: Device;
  readonly #frame = new OutgoingFrame();
  readonly #connections = new Map<number, Connection>();
  readonly #most: number;
  readonly #peerMac = new Uint8Array(6);
  #port = 0;
  #peerPort = 0;
  #ours = 0;
  #peer = 0;

  constructor(
    device: Device,
    readonly answers: ReadonlyMap<string, Answers>,
  ) {
    this.#device = device;
    this.#most = device.offload.superSegmentBytes - (device.offload.superSegmentBytes % MSS);
  }

  receive(frame: IncomingFrame): void {
    const { bytes, from } = frame;
    const type = ethernet.type(bytes, from);
    ethernet.copyAddress(bytes, from + ethernet.SOURCE, this.#peerMac, 0);
    const at = from + ethernet.HEADER_BYTES;
    if (type === ethernet.TYPE_ARP) this.#answerArp(bytes, at);
    else if (type === ethernet.TYPE_IPV4 && ipv4.protocol(bytes, at) === PROTOCOL.TCP) this.#takeSegment(bytes, at);
  }

  runTimers(): void {}

  nextDeadline(): number {
    return Number.POSITIVE_INFINITY;
  }

  #answerArp(bytes: Uint8Array, at: number): void {
    if (arp.operation(bytes, at) !== arp.REQUEST) return;
    const frame = this.#frame;
    frame.reset();
    frame.start = TRANSPORT_AT - ethernet.HEADER_BYTES;
    frame.end = TRANSPORT_AT + arp.PACKET_BYTES;
    const { mac } = this.#device;
    ethernet.emit(frame.header, frame.start, this.#peerMac, mac, ethernet.TYPE_ARP);
    const [sender, target] = [arp.targetIp(bytes, at), arp.senderIp(bytes, at)];
    arp.emit(frame.header, TRANSPORT_AT, arp.REPLY, mac, sender, this.#peerMac, target);
    this.#device.send(frame);
  }

  #takeSegment(bytes: Uint8Array, ip: number): void {
    const at = ip + ipv4.headerLength(bytes, ip);
    const flags = tcp.flags(bytes, at);
    this.#peer = ipv4.source(bytes, ip);
    this.#ours = ipv4.destination(bytes, ip);
    this.#peerPort = tcp.sourcePort(bytes, at);
    this.#port = tcp.destinationPort(bytes, at);
    const sequence = tcp.sequenceNumber(bytes, at);
    if (flags & tcp.SYN) this.#open(bytes, at, sequence);
    const connection = this.#connections.get(this.#peerPort);
    if (!connection || flags & (tcp.SYN | tcp.RST)) return;
    const dataAt = at + tcp.headerBytes(bytes, at);
    const dataEnd = ip + ipv4.totalLength(bytes, ip);
    const acknowledgment = (sequence + dataEnd - dataAt + (flags & tcp.FIN)) | 0;
    if (dataEnd > dataAt) this.#takeRequest(connection, bytes, dataAt, dataEnd);
    const window = tcp.window(bytes, at) << connection.windowScale;
    this.#sendAnswer(connection, tcp.acknowledgmentNumber(bytes, at), acknowledgment, window);
    if (flags & tcp.FIN) this.#close(connection, acknowledgment);
  }

  #open(bytes: Uint8Array, at: number, sequence: number): void {
    const connection = new Connection();
    connection.windowScale = windowScaleOf(bytes, at);
    connection.next = INITIAL_SEQUENCE + 1;
    this.#connections.set(this.#peerPort, connection);
    this.#frame.reset();
    this.#frame.header.set(SYN_OPTIONS, TRANSPORT_AT + tcp.TCP_HEADER_BYTES);
    const length = tcp.TCP_HEADER_BYTES + SYN_OPTIONS.length;
    this.#emit(length, tcp.SYN | tcp.ACK, INITIAL_SEQUENCE, (sequence + 1) | 0);
  }

  #takeRequest(connection: Connection, bytes: Uint8Array, from: number, to: number): void {
    if (connection.answer === null) {
      const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1');
      const answers = this.answers.get(text.slice(4, text.indexOf(' ', 4)));
      if (!answers) return;
      connection.closes = text.includes('Connection: close');
      connection.answer = connection.closes ? answers.close : answers.keepAlive;
    }
    connection.sent = 0;
  }

  /** Sends as much as the peer's window takes, in the largest frames. */
  #sendAnswer(connection: Connection, acknowledged: number, acknowledgment: number, window: number): void {
    const answer = connection.answer;
    if (answer === null) return;
    while (connection.sent < answer.length) {
      const room = window - ((connection.next - acknowledged) | 0);
      const rest = answer.length - connection.sent;
      let length = Math.min(rest, this.#most);
      if (length > room) length = room - (room % MSS);
      if (length <= 0) return;
      const isLast = length === rest;
      const flags = tcp.ACK | (isLast ? tcp.PSH : 0) | (isLast && connection.closes ? tcp.FIN : 0);
      this.#frame.reset();
      this.#frame.addFragment(answer, connection.sent, length);
      this.#emit(tcp.TCP_HEADER_BYTES, flags, connection.next, acknowledgment);
      connection.sent += length;
      connection.next = (connection.next + length + (flags & tcp.FIN)) | 0;
    }
  }

  #close(connection: Connection, acknowledgment: number): void {
    this.#frame.reset();
    const flags = connection.closes ? tcp.ACK : tcp.ACK | tcp.FIN;
    this.#emit(tcp.TCP_HEADER_BYTES, flags, connection.next, acknowledgment);
    this.#connections.delete(this.#peerPort);
  }

  /** Writes the headers before the frame's payload, from TCP down, and sends it. */
  #emit(tcpBytes: number, flags: number, sequence: number, acknowledgment: number): void {
    const frame = this.#frame;
    const { header, payloadLength } = frame;
    const at = TRANSPORT_AT;
    frame.end = at + tcpBytes;
    tcp.writeHeader(header, at, this.#port, this.#peerPort, sequence, acknowledgment, tcpBytes, flags, WINDOW);
    const addresses = addressSum(this.#ours) + addressSum(this.#peer);
    const length = tcpBytes + payloadLength;
    writeUint16(header, at + tcp.TCP_CHECKSUM_AT, fold(addresses + PROTOCOL.TCP + fold(length)));
    frame.checksumFrom = at;
    frame.checksumOffset = tcp.TCP_CHECKSUM_AT;
    frame.segmentBytes = MSS;
    const ip = at - ipv4.HEADER_BYTES;
    const total = ipv4.HEADER_BYTES + length;
    const field = total > MAX_TOTAL_LENGTH ? 0 : total;
    const protocol = PROTOCOL.TCP;
    ipv4.emit(header, ip, 0, field, 0, ipv4.DONT_FRAGMENT, 64, protocol, this.#ours, this.#peer, addresses);
    frame.start = ip - ethernet.HEADER_BYTES;
    ethernet.emit(header, frame.start, this.#peerMac, this.#device.mac, ethernet.TYPE_IPV4);
    this.#device.send(frame);
  }
}

function addressSum(address: number): number {
  return (address >>> 16) + (address & 0xffff);
}

/** The shift of the window scale option of a SYN; 0 without it. */
function windowScaleOf(bytes: Uint8Array, at: number): number {
  const end = at + tcp.headerBytes(bytes, at);
  for (let option = at + tcp.TCP_HEADER_BYTES; option < end; ) {
    const kind = bytes[option];
    if (kind === 0) return 0;
    if (kind === WINDOW_SCALE) return bytes[option + 2]!;
    option += kind === 1 ? 1 : Math.max(2, bytes[option + 1]!);
  }
  return 0;
}
