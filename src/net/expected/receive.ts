/**
 * The expected segment: one early path from frame in to frame out. `Stack.receive` asks it first.
 *
 * Nearly every frame of a busy server is the next segment of an established connection. It acknowledges all that is
 * out, perhaps it brings a request, and the answer fits one frame. Van Jacobson's header prediction (1990) has a short
 * way through TCP for such a segment. Here the short way begins at the Ethernet header and ends at the device:
 *
 *     frame ──▶ layout ──▶ isExpected ──▶ take ──▶ sendWhole ──▶ device
 *                 │ no         │ no         │ no       │ no
 *                 ▼            ▼            ▼          ▼
 *               internet.ts, tcp/arrives, tcp/send/output.ts: the textbook path
 *
 * "No" means that nothing was touched, or that the textbook path goes on from there. So this path treats no rare case.
 * It does exactly what the textbook path does, to the last counter: scripts/oracle lets two stacks live through the
 * same, with it and without it, and compares all that they remember. Read the textbook path first. A change there
 * needs none here as long as the oracle is content.
 */
import type { IncomingFrame } from '../device/frame.js';
import type { IpPacket } from '../ip/packet.js';
import type { InternetParts } from '../ip/parts.js';
import { NO_VLAN } from '../ip/vlan.js';
import type { ControlBlock } from '../tcp/block/control-block.js';
import type { TcpHost } from '../tcp/block/host.js';
import { output } from '../tcp/send/output.js';
import { toSequence } from '../tcp/sequence.js';
import { readInt32 } from '../wire/bytes.js';
import { fold, sum } from '../wire/checksum.js';
import * as Tcp from '../wire/tcp.js';
import { type TcpOptions, TIMESTAMPS_BYTES, TIMESTAMPS_HEADER } from '../wire/tcp-options.js';
import { isExpected } from './is-expected.js';
import { complete, PacketLayout } from './layout.js';
import { WholeAnswer } from './send-whole.js';
import { take } from './take.js';

/** The byte of the data offset: the header's length in words, and no reserved bit. */
const NO_OPTIONS = 5 << 4;
const TIMESTAMPS_ALONE = 8 << 4;
const OPTIONS_AT = Tcp.TCP_HEADER_BYTES;
const WITH_TIMESTAMPS = OPTIONS_AT + TIMESTAMPS_BYTES;

export class ExpectedPath {
  /** Frames taken so far. */
  taken = 0;
  readonly #internet: InternetParts;
  readonly #host: TcpHost;
  readonly #layout: PacketLayout;
  readonly #answer: WholeAnswer;

  /** The path of a host; null if it is switched off, or if all our frames have a tag (IEEE 802.1Q). */
  static of(internet: InternetParts, host: TcpHost): ExpectedPath | null {
    const isOn = host.settings.expectedSegments && internet.context.options.vlan === NO_VLAN;
    return isOn ? new ExpectedPath(internet, host) : null;
  }

  private constructor(internet: InternetParts, host: TcpHost) {
    this.#internet = internet;
    this.#host = host;
    this.#layout = new PacketLayout(internet);
    this.#answer = new WholeAnswer(internet, host);
  }

  /** Takes `frame` to its answer if it brings an expected segment. False: nothing was touched. */
  receive(frame: IncomingFrame): boolean {
    const packet = this.#layout.read(frame);
    if (packet === null) return false;
    const tcb = this.#readSegment(packet);
    if (tcb === null) return false;
    const { segment } = this.#host;
    if (!isExpected(tcb, segment) || !(frame.checksumGood || sumIsGood(packet))) return false;
    const { ethernet, ip } = this.#internet.context.statistics;
    this.taken++;
    ethernet.received++;
    ip.received++;
    ip.delivered++;
    this.#host.statistics.segmentsReceived++;
    complete(packet, frame);
    // The way up is over: what follows is TCP's, and what it sends answers this packet.
    this.#internet.answering(packet);
    if (take(tcb, segment) && !this.#answer.send(tcb)) output(tcb);
    this.#internet.answering(null);
    return true;
  }

  /**
   * Reads the TCP header into the host's segment. Returns its connection; null: none, or another layout. The flags are
   * ACK with or without PSH. So of RFC 9293 section 3.10.7.4 the second step (RST), the fourth (SYN), the sixth (URG)
   * and the eighth (FIN) have nothing to do.
   */
  #readSegment(packet: IpPacket): ControlBlock | null {
    const { bytes, payloadFrom: at } = packet;
    const ports = readInt32(bytes, at);
    const offsetFlagsWindow = readInt32(bytes, at + 12);
    const flags = (offsetFlagsWindow >>> 16) & 0xff;
    if ((flags & ~Tcp.PSH) !== Tcp.ACK) return null;
    const { segment, connections } = this.#host;
    const headerBytes = readOptions(segment.options, bytes, at, packet.payloadTo, offsetFlagsWindow >>> 24);
    if (headerBytes === 0) return null;
    segment.packet = packet;
    segment.bytes = bytes;
    segment.sourcePort = ports >>> 16;
    segment.destinationPort = ports & 0xffff;
    segment.sequence = toSequence(readInt32(bytes, at + 4));
    segment.acknowledgment = toSequence(readInt32(bytes, at + 8));
    segment.flags = flags;
    segment.window = offsetFlagsWindow & 0xffff;
    segment.windowIsPlain = false;
    segment.urgentPointer = 0;
    segment.dataFrom = at + headerBytes;
    segment.dataTo = packet.payloadTo;
    return connections.find(packet, segment.sourcePort, segment.destinationPort);
  }
}

/**
 * Reads the options of the header at `at`: timestamps alone, or none. Returns the header's length, bytes; 0: another
 * layout. @param offset the byte of the data offset, reserved bits included
 */
function readOptions(options: TcpOptions, bytes: Uint8Array, at: number, to: number, offset: number): number {
  options.sackBlocks = 0;
  options.accurateCounters = -1;
  options.hasTimestamps = offset === TIMESTAMPS_ALONE;
  if (offset === NO_OPTIONS) return Tcp.TCP_HEADER_BYTES;
  if (!options.hasTimestamps || to - at < WITH_TIMESTAMPS) return 0;
  if (readInt32(bytes, at + OPTIONS_AT) !== TIMESTAMPS_HEADER) return 0;
  options.timestampValue = readInt32(bytes, at + OPTIONS_AT + 4);
  options.timestampEcho = readInt32(bytes, at + OPTIONS_AT + 8);
  return WITH_TIMESTAMPS;
}

/** MUST-3, as in tcp/segment.ts. */
function sumIsGood(packet: IpPacket): boolean {
  const { bytes, payloadFrom, payloadTo } = packet;
  return fold(packet.pseudoSum(payloadTo - payloadFrom) + sum(bytes, payloadFrom, payloadTo)) === 0xffff;
}
