/**
 * The ordinary answer: all that is queued goes out in one frame. It stands for `output` (tcp/send/output.ts) where no
 * window, no timer and no wish of the program says no (RFC 9293 sections 3.8.6.2.1 and 3.7.4, RFC 5681 section 3.1),
 * and for `emitSegment` and `InternetLayer.send` below it.
 */
import { MILLISECOND } from '../clock.js';
import { MAX_FRAGMENTS, TRANSPORT_AT } from '../device/frame.js';
import type { InternetParts } from '../ip/parts.js';
import type { ControlBlock } from '../tcp/block/control-block.js';
import type { TcpHost } from '../tcp/block/host.js';
import { timestampNow } from '../tcp/block/timestamp-clock.js';
import { newDataTrafficClass } from '../tcp/loss/ecn.js';
import { armLossProbe, armRetransmit } from '../tcp/loss/retransmit-timers.js';
import { noteAckSent } from '../tcp/send/emit.js';
import { advertiseWindow } from '../tcp/send/receive-window.js';
import { distance, isAtOrBefore, toWord } from '../tcp/sequence.js';
import { ESTABLISHED } from '../tcp/state.js';
import { RETRANSMIT } from '../tcp/timers.js';
import { writeInt32, writeUint16 } from '../wire/bytes.js';
import { finish, fold } from '../wire/checksum.js';
import { ACK, PSH, TCP_CHECKSUM_AT, TCP_HEADER_BYTES } from '../wire/tcp.js';
import { TIMESTAMPS_BYTES, TIMESTAMPS_HEADER } from '../wire/tcp-options.js';
import { PrefilledHeaders } from './prefilled.js';

const OPTIONS_AT = TRANSPORT_AT + TCP_HEADER_BYTES;

export class WholeAnswer {
  readonly #internet: InternetParts;
  readonly #host: TcpHost;
  readonly #headers: PrefilledHeaders;

  constructor(internet: InternetParts, host: TcpHost) {
    this.#internet = internet;
    this.#host = host;
    this.#headers = new PrefilledHeaders(internet, host.frame);
  }

  /** Sends all that is queued in one frame. False: `output` has to decide, and nothing was sent. */
  send(tcb: ControlBlock): boolean {
    const { snd, route } = tcb;
    const length = distance(snd.nxt, tcb.queue.tail);
    const { routes, neighbors } = this.#internet;
    if (!fits(tcb, length) || !routes.isCurrent(route) || !neighbors.isReady(route.neighbor)) return false;
    this.#emit(tcb, length);
    noteAckSent(tcb);
    noteSent(tcb, length);
    return true;
  }

  /** One segment (or super-segment) down to the device. */
  #emit(tcb: ControlBlock, length: number): void {
    const { snd, route, preferences } = tcb;
    const { frame, device, statistics } = this.#host;
    const { ethernet, ip } = this.#internet.context.statistics;
    const summed = !device.offload.checksum;
    frame.fragmentCount = 0;
    frame.payloadLength = 0;
    const payloadSum = tcb.queue.gather(snd.nxt, length, frame, summed, statistics);
    frame.segmentBytes = length > snd.mss ? snd.mss : 0;
    frame.end = OPTIONS_AT + (tcb.usesTimestamps ? TIMESTAMPS_BYTES : 0);
    const transportBytes = frame.end - TRANSPORT_AT + length;
    const pseudoSum = route.pseudoSum + (transportBytes & 0xffff) + (transportBytes >>> 16);
    const headerSum = putSegment(tcb, frame.header);
    const field = summed ? finish(pseudoSum + headerSum + payloadSum) : fold(pseudoSum);
    writeUint16(frame.header, TRANSPORT_AT + TCP_CHECKSUM_AT, field);
    frame.checksumFrom = summed ? 0 : TRANSPORT_AT;
    frame.checksumOffset = TCP_CHECKSUM_AT;
    this.#headers.put(route, newDataTrafficClass(tcb), preferences.timeToLive, transportBytes);
    statistics.segmentsSent++;
    ip.sent++;
    if (device.send(frame)) ethernet.sent++;
    else ethernet.sendFailures++;
  }
}

/**
 * Writes the TCP header of the answer, with a checksum of 0 (RFC 9293 section 3.1), and the timestamps if they are
 * agreed on. Returns the partial sum of all of it: the words are at hand here, so none is read again.
 */
function putSegment(tcb: ControlBlock, header: Uint8Array): number {
  const { snd, rcv, localPort, remotePort, usesTimestamps } = tcb;
  const sequence = toWord(snd.nxt);
  const acknowledgment = toWord(rcv.nxt);
  const words = (usesTimestamps ? TCP_HEADER_BYTES + TIMESTAMPS_BYTES : TCP_HEADER_BYTES) >> 2;
  const flags = (words << 12) | ACK | (snd.pushTo === tcb.queue.tail ? PSH : 0);
  const window = advertiseWindow(tcb, false);
  writeInt32(header, TRANSPORT_AT, (localPort << 16) | remotePort);
  writeInt32(header, TRANSPORT_AT + 4, sequence);
  writeInt32(header, TRANSPORT_AT + 8, acknowledgment);
  writeInt32(header, TRANSPORT_AT + 12, (flags << 16) | window);
  writeInt32(header, TRANSPORT_AT + 16, 0);
  const fixed = localPort + remotePort + flags + window + halves(sequence) + halves(acknowledgment);
  if (!usesTimestamps) return fixed;
  const now = timestampNow(tcb);
  writeInt32(header, OPTIONS_AT, TIMESTAMPS_HEADER);
  writeInt32(header, OPTIONS_AT + 4, now);
  writeInt32(header, OPTIONS_AT + 8, rcv.tsRecent);
  return fixed + halves(TIMESTAMPS_HEADER) + halves(now) + halves(rcv.tsRecent);
}

function halves(word: number): number {
  return (word >>> 16) + (word & 0xffff);
}

/** True if nothing is in flight, and what is queued fits cwnd, the peer's window and a frame. */
function fits(tcb: ControlBlock, length: number): boolean {
  const { snd, queue, host, congestion, route } = tcb;
  if (length <= 0 || tcb.state !== ESTABLISHED || tcb.flight.first !== null) return false;
  if (tcb.pacing !== null || snd.corked || snd.moreToCome || queue.pieces > MAX_FRAGMENTS) return false;
  if (route.mtu !== snd.pathMtu || !(route.dontFragment || route.isV6)) return false;
  if (length > congestion.cwnd || length > snd.wnd) return false;
  if (length > snd.mss) {
    const most = Math.min(host.device.offload.superSegmentBytes, snd.frameLimit, route.maxTransportBytes - 60);
    if (length > most - (most % snd.mss)) return false;
  }
  return (host.clock.milliseconds - snd.lastSentMs) * MILLISECOND <= tcb.roundTrip.rto;
}

/** `length` bytes of new data have left: `transmitNew` and the end of `sendNew` in tcp/send/output.ts. */
function noteSent(tcb: ControlBlock, length: number): void {
  const { snd, queue, host } = tcb;
  const { milliseconds, stamp } = host.clock;
  const end = queue.tail;
  tcb.flight.add(snd.nxt, end, Math.min(length, snd.mss), stamp);
  snd.nxt = end;
  if (length % snd.mss !== 0) snd.smallTo = end;
  tcb.recovery.prrOut += length;
  host.statistics.bytesSent += length;
  snd.lastSentMs = milliseconds;
  if (snd.unackedSinceMs < 0) snd.unackedSinceMs = milliseconds;
  if (!host.timers.isArmed(tcb, RETRANSMIT)) armRetransmit(tcb);
  noteWindowUse(tcb, length);
  armLossProbe(tcb);
}

/** How far cwnd is used, as in tcp/send/output.ts, with `length` bytes in flight and no more to send. */
function noteWindowUse({ recovery, snd, congestion }: ControlBlock, length: number): void {
  const limited = length >= congestion.cwnd;
  const isNewWindow = isAtOrBefore(recovery.usageTo, snd.una);
  if (!isNewWindow && !limited && (recovery.windowLimited || length <= recovery.mostInFlight)) return;
  recovery.windowLimited = limited;
  recovery.mostInFlight = length;
  recovery.usageTo = snd.nxt;
}
