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
import type { ControlBlock } from '../tcp/block/control-block.js';
import type { TcpHost } from '../tcp/block/host.js';
import { output } from '../tcp/send/output.js';
import { toSequence } from '../tcp/sequence.js';
import { readInt32 } from '../wire/bytes.js';
import { fold, sum } from '../wire/checksum.js';
import * as Tcp from '../wire/tcp.js';
import { isExpected } from './is-expected.js';
import { PacketLayout } from './layout.js';
import { sendWhole } from './send-whole.js';
import { take } from './take.js';

/** The byte of the data offset: the header's length in words, and no reserved bit. */
const NO_OPTIONS = 5 << 4;
const TIMESTAMPS_ALONE = 8 << 4;
const TIMESTAMPS_AT = Tcp.TCP_HEADER_BYTES;
const WITH_TIMESTAMPS = 32;
/** NOP, NOP, timestamps of ten bytes. */
const TIMESTAMPS_HEADER = 0x0101080a;

export class ExpectedPath {
  /** Frames taken so far. */
  taken = 0;
  readonly #internet: InternetParts;
  readonly #host: TcpHost;
  readonly #layout: PacketLayout;

  constructor(internet: InternetParts, host: TcpHost) {
    this.#internet = internet;
    this.#host = host;
    this.#layout = new PacketLayout(internet);
  }

  /** Takes `frame` to its answer if it brings an expected segment. False: nothing was touched. */
  receive(frame: IncomingFrame): boolean {
    const packet = this.#layout.read(frame);
    if (packet === null) return false;
    const tcb = this.#readSegment(packet);
    if (tcb === null) return false;
    const { segment } = this.#host;
    if (!isExpected(tcb, segment) || !sumIsGood(packet)) return false;
    const { ethernet, ip } = this.#internet.context.statistics;
    this.taken++;
    ethernet.received++;
    ip.received++;
    ip.delivered++;
    this.#host.statistics.segmentsReceived++;
    // The way up is over: what follows is TCP's, and what it sends answers this packet.
    this.#internet.answering(packet);
    if (take(tcb, segment) && !sendWhole(tcb)) output(tcb);
    this.#internet.answering(null);
    return true;
  }

  /** Reads the TCP header into the host's segment. Returns its connection; null: none, or another layout. */
  #readSegment(packet: IpPacket): ControlBlock | null {
    const { bytes, payloadFrom: at } = packet;
    const flags = Tcp.flags(bytes, at);
    if ((flags & ~Tcp.PSH) !== Tcp.ACK) return null;
    const offset = bytes[at + 12]!;
    const { segment, connections } = this.#host;
    const { options } = segment;
    if (offset === TIMESTAMPS_ALONE) {
      if (packet.payloadTo - at < WITH_TIMESTAMPS || readInt32(bytes, at + TIMESTAMPS_AT) !== TIMESTAMPS_HEADER)
        return null;
      options.timestampValue = readInt32(bytes, at + TIMESTAMPS_AT + 4);
      options.timestampEcho = readInt32(bytes, at + TIMESTAMPS_AT + 8);
    } else if (offset !== NO_OPTIONS) return null;
    const hasTimestamps = offset === TIMESTAMPS_ALONE;
    options.hasTimestamps = hasTimestamps;
    segment.packet = packet;
    segment.bytes = bytes;
    segment.sourcePort = Tcp.sourcePort(bytes, at);
    segment.destinationPort = Tcp.destinationPort(bytes, at);
    segment.sequence = toSequence(Tcp.sequenceNumber(bytes, at));
    segment.acknowledgment = toSequence(Tcp.acknowledgmentNumber(bytes, at));
    segment.flags = flags;
    segment.window = Tcp.window(bytes, at);
    segment.windowIsPlain = false;
    segment.urgentPointer = 0;
    segment.dataFrom = at + (hasTimestamps ? WITH_TIMESTAMPS : Tcp.TCP_HEADER_BYTES);
    segment.dataTo = packet.payloadTo;
    options.sackBlocks = 0;
    options.accurateCounters = -1;
    return connections.find(packet, segment.sourcePort, segment.destinationPort);
  }
}

/** MUST-3, as in tcp/segment.ts. */
function sumIsGood(packet: IpPacket): boolean {
  const { bytes, payloadFrom, payloadTo } = packet;
  return (
    packet.checksumGood ||
    fold(packet.pseudoSum(payloadTo - payloadFrom) + sum(bytes, payloadFrom, payloadTo)) === 0xffff
  );
}
