/**
 * Segment text: RFC 9293 section 3.10.7.4, seventh step. Data in order is offered to the program in place. Data
 * beyond a gap is kept. Each segment is acknowledged, at once or later (section 3.8.6.3, RFC 5681 section 4.2).
 */
import { FIN, PSH, TCP_HEADER_BYTES, URG } from '../../wire/tcp.js';
import type { ControlBlock, ReceiveVariables } from '../block/control-block.js';
import { timestampNow } from '../block/timestamp-clock.js';
import { offerReceived } from '../life/program.js';
import { Reassembly } from '../parts/reassembly.js';
import { ReceiveBuffer } from '../parts/receive-buffer.js';
import { ReceiveTuning } from '../parts/receive-tuning.js';
import { noteSegmentSize } from '../parts/segment-size.js';
import type { Segment } from '../segment.js';
import { growReceiveBuffer } from '../send/receive-window.js';
import { add } from '../sequence.js';
import { CLOSED } from '../state.js';
import { elapsed } from '../wrapping.js';

/** An echo older than this is no round-trip sample. */
const LONGEST_ECHO_MS = 100_000;

/** Takes a segment's data, which has been trimmed to the window. */
export function receiveText(tcb: ControlBlock, segment: Segment): void {
  learnSegmentSize(tcb, segment);
  if (segment.sequence !== tcb.rcv.nxt) {
    keepForLater(tcb, segment);
    return;
  }
  if (tcb.unread > 0 && memoryIsShort(tcb)) {
    // The program is so slow that the host's memory runs short. The segment is not acknowledged, so the peer sends it
    // again.
    tcb.host.statistics.receiveDropped++;
    return;
  }
  takeInOrder(tcb, segment.bytes, segment.dataFrom, segment.dataTo);
  if (tcb.reassembly !== null) {
    takeFromReassembly(tcb, tcb.reassembly);
    // RFC 5681 section 4.2: the ACK goes at once when a gap is filled, in whole or in part.
    tcb.rcv.ackNow = true;
  } else scheduleAck(tcb);
  if (tcb.rcv.buffer < tcb.rcv.largestBuffer) tuneReceiveBuffer(tcb, segment);
}

/** Measures the round trip, as the receiver sees it, and lets the buffer grow if need be. */
function tuneReceiveBuffer(tcb: ControlBlock, segment: Segment): void {
  const { rcv, host } = tcb;
  const { hasTimestamps, timestampEcho } = segment.options;
  if (!tcb.usesTimestamps || !hasTimestamps) tuningOf(rcv).sampleByWindow(rcv.nxt, rcv.edge, host.clock.stamp);
  else if (segment.dataLength >= tcb.rcv.fullSegment) {
    const milliseconds = elapsed(timestampEcho, timestampNow(tcb));
    if (milliseconds >= 0) tuningOf(rcv).sample(timestampEcho, Math.min(milliseconds, LONGEST_ECHO_MS));
  }
  growReceiveBuffer(tcb);
}

/** The tuning of this connection. It is made at the first sample, and counts from the first byte. */
function tuningOf(rcv: ReceiveVariables): ReceiveTuning {
  rcv.tuning ??= new ReceiveTuning(add(rcv.irs, 1), rcv.offeredMss, rcv.establishedAt);
  return rcv.tuning;
}

/** Gives the next bytes of the stream to the program, or puts them behind those that it has not taken yet. */
function takeInOrder(tcb: ControlBlock, bytes: Uint8Array, from: number, to: number): void {
  const length = to - from;
  tcb.rcv.nxt = add(tcb.rcv.nxt, length);
  tcb.rcv.pendingBytes += length;
  tcb.host.statistics.bytesReceived += length;
  if (tcb.handler === null) return;
  let taken = 0;
  if (tcb.unread === 0) {
    tcb.inCallback = true;
    taken = tcb.handler.received(bytes, from, to);
    tcb.inCallback = false;
    keep(tcb, bytes, from + taken, to);
  } else {
    keep(tcb, bytes, from, to);
    offerReceived(tcb);
  }
}

/** Keeps the bytes that the program left. */
function keep(tcb: ControlBlock, bytes: Uint8Array, from: number, to: number): void {
  if (from === to || tcb.state === CLOSED) return;
  tcb.received ??= new ReceiveBuffer();
  tcb.received.append(bytes, from, to);
  tcb.host.bufferedBytes += to - from;
}

/** True if the host's bound on received bytes in memory is reached. */
function memoryIsShort(tcb: ControlBlock): boolean {
  return tcb.host.bufferedBytes >= tcb.host.settings.maximumBufferedBytes;
}

/**
 * Out of order: the data is kept, and an ACK goes at once, so that the sender learns of the gap (SHLD-31, RFC 5681
 * section 4.2).
 */
function keepForLater(tcb: ControlBlock, segment: Segment): void {
  tcb.host.statistics.outOfOrder++;
  tcb.rcv.ackNow = true;
  if (memoryIsShort(tcb)) {
    tcb.host.statistics.reassemblyDropped++;
    return;
  }
  tcb.reassembly ??= new Reassembly();
  const added = tcb.reassembly.insert(segment.sequence, segment.bytes, segment.dataFrom, segment.dataTo);
  tcb.host.bufferedBytes += added;
  reportDuplicate(tcb, tcb.reassembly);
  if (added > 0) return;
  if (tcb.reassembly.isFull) tcb.host.statistics.reassemblyDropped++;
  else tcb.host.statistics.duplicates++;
}

/**
 * Some of the data was here already. The next ACK reports that (RFC 2883 section 4.2), unless it reports another
 * duplicate already.
 */
function reportDuplicate({ rcv }: ControlBlock, { duplicateFrom, duplicateTo }: Reassembly): void {
  if (duplicateFrom === duplicateTo || rcv.duplicateFrom !== rcv.duplicateTo) return;
  rcv.duplicateFrom = duplicateFrom;
  rcv.duplicateTo = duplicateTo;
}

/** The gap is filled: the data behind it is next (MUST-58). */
function takeFromReassembly(tcb: ControlBlock, reassembly: Reassembly): void {
  reassembly.forgetDuplicate();
  while (tcb.state !== CLOSED) {
    const before = reassembly.bytes;
    const bytes = reassembly.take(tcb.rcv.nxt);
    tcb.host.bufferedBytes -= before - reassembly.bytes;
    if (bytes === undefined) break;
    takeInOrder(tcb, bytes, 0, bytes.length);
  }
  reportDuplicate(tcb, reassembly);
  if (reassembly.isEmpty) tcb.reassembly = null;
}

/** Learns the size of the peer's segments. It is needed to see when two full ones have come. */
function learnSegmentSize({ snd, rcv }: ControlBlock, segment: Segment): void {
  const { packet, dataTo } = segment;
  if (packet.segmentBytes !== 0) {
    noteSegmentSize(rcv, packet.segmentBytes, packet.segmentBytes, false, rcv.offeredMss);
    return;
  }
  const endsWrite = (segment.flags & (PSH | URG | FIN)) !== 0;
  const invariant = dataTo - packet.payloadFrom - TCP_HEADER_BYTES - snd.optionBytes;
  noteSegmentSize(rcv, segment.dataLength, invariant, endsWrite, rcv.offeredMss);
}

/**
 * RFC 9293 section 3.8.6.3: an ACK goes at once when more than one full segment waits for it. A young connection
 * acknowledges every segment at once. In all other cases the ACK is delayed: `sendAckIfDue` in send/output.ts starts
 * its timer.
 */
function scheduleAck(tcb: ControlBlock): void {
  const { rcv } = tcb;
  if (rcv.quickAcks > 0) {
    rcv.quickAcks--;
    rcv.ackNow = true;
  } else if (rcv.pendingBytes > rcv.fullSegment) rcv.ackNow = true;
}
