/**
 * The opening of a connection from either side: sequence numbers, options, the first segment (RFC 9293 section 3.5).
 */
import { ACK, SYN } from '../../wire/tcp.js';
import type { ControlBlock } from '../block/control-block.js';
import { takeEvent } from '../block/transition.js';
import { chooseCongestionControl } from '../congestion/choose.js';
import type { Listener } from '../listener.js';
import { acceptEcnSyn, synAckFlags, synFlags } from '../loss/ecn.js';
import { armRetransmit } from '../loss/retransmit-timers.js';
import { guessSegmentSize } from '../parts/segment-size.js';
import type { TimeWait } from '../parts/time-wait-table.js';
import type { Segment } from '../segment.js';
import { emitSegment } from '../send/emit.js';
import { setPeerMss, updateMss } from '../send/mss.js';
import { windowScaleFor } from '../send/receive-window.js';
import { add, later } from '../sequence.js';
import { ACTIVE_OPEN, CLOSED, SYN_ACKNOWLEDGED, SYN_ARRIVES, SYN_RECEIVED } from '../state.js';
import { RETRANSMIT } from '../timers.js';
import { TcpConnection } from './connection.js';
import { armKeepAlive } from './silence-timers.js';
import { type CookieContents, timestampOffsetOf } from './syn-cookies.js';

/**
 * A SYN for a listener: takes its options, chooses our ISS, answers SYN-ACK.
 * @param predecessor the connection in TIME-WAIT whose place this one takes, or null
 */
export function openPassively(tcb: ControlBlock, segment: Segment, predecessor: TimeWait | null): void {
  const { settings, connections } = tcb.host;
  const options = segment.options;
  // We offer in the SYN-ACK only what the SYN has offered.
  tcb.usesSack = settings.sack && options.sackPermitted;
  tcb.usesTimestamps = settings.timestamps && options.hasTimestamps;
  tcb.scalesWindows = settings.windowScaling && options.windowScale >= 0;
  acceptEcnSyn(tcb, segment);
  takePeerSyn(tcb, segment);
  chooseIss(tcb, predecessor);
  takeEvent(tcb, SYN_ARRIVES);
  const listener = tcb.listener as Listener;
  listener.halfOpen++;
  connections.add(tcb);
  sendSyn(tcb, SYN | ACK | synAckFlags(tcb));
}

/**
 * Does what `openPassively` would have done with the SYN whose cookie has come back. Leaves the connection in
 * SYN-RECEIVED, for the ACK to be processed.
 */
export function openFromCookie(tcb: ControlBlock, contents: CookieContents, segment: Segment): void {
  const { snd, rcv, host } = tcb;
  tcb.usesTimestamps = host.settings.timestamps && segment.options.hasTimestamps;
  rcv.tsRecent = segment.options.timestampValue;
  rcv.tsRecentMs = host.clock.milliseconds;
  tcb.usesSack = contents.sack;
  tcb.scalesWindows = contents.windowScale >= 0;
  tcb.usesEcn = contents.ecn;
  tcb.rcv.irsKnown = true;
  rcv.irs = contents.irs;
  rcv.nxt = add(contents.irs, 1);
  rcv.edge = add(rcv.nxt, Math.min(tcb.rcv.buffer, 0xffff));
  rcv.scale = tcb.scalesWindows ? windowScaleFor(tcb.rcv.largestBuffer) : 0;
  snd.scale = Math.max(0, contents.windowScale);
  snd.wl1 = contents.irs;
  tcb.rcv.lastAckSent = rcv.nxt;
  setPeerMss(tcb, contents.mss);
  startCongestionControl(tcb);
  snd.tsOffset = timestampOffsetOf(host, tcb.route, tcb.localPort, tcb.remotePort);
  snd.iss = contents.iss;
  snd.una = contents.iss;
  snd.nxt = add(contents.iss, 1);
  tcb.snd.smallTo = snd.iss;
  tcb.recovery.startAt(snd.iss);
  tcb.snd.pushTo = snd.iss;
  tcb.queue.restartAt(snd.nxt);
  tcb.flight.add(snd.iss, snd.nxt, 0, host.clock.stamp);
  // The time of the SYN-ACK is not known, so it gives no round-trip sample (as after a resend, RFC 6298 section 3).
  tcb.flight.first!.resends++;
  takeEvent(tcb, SYN_ARRIVES);
  (tcb.listener as Listener).halfOpen++;
  host.connections.add(tcb);
  host.statistics.cookiesAccepted++;
}

/** RFC 9293 section 3.10.1, active OPEN: chooses our ISS and sends the SYN. */
export function openActively(tcb: ControlBlock): void {
  const settings = tcb.host.settings;
  // The SYN offers these options. Those that the SYN-ACK does not have are switched off again.
  tcb.usesSack = settings.sack;
  tcb.usesTimestamps = settings.timestamps;
  tcb.scalesWindows = settings.windowScaling;
  tcb.rcv.scale = tcb.scalesWindows ? windowScaleFor(tcb.rcv.largestBuffer) : 0;
  chooseIss(tcb, null);
  takeEvent(tcb, ACTIVE_OPEN);
  tcb.host.connections.add(tcb);
  tcb.host.statistics.connectionsOpened++;
  sendSyn(tcb, SYN | synFlags(tcb));
}

/** Takes IRS, RCV.NXT, the peer's MSS, window scale and timestamp from its SYN. */
export function takePeerSyn(tcb: ControlBlock, segment: Segment): void {
  const { rcv, snd } = tcb;
  const options = segment.options;
  tcb.rcv.irsKnown = true;
  rcv.irs = segment.sequence;
  rcv.nxt = add(segment.sequence, 1);
  rcv.edge = rcv.nxt;
  tcb.rcv.lastAckSent = rcv.nxt;
  rcv.scale = tcb.scalesWindows ? windowScaleFor(tcb.rcv.largestBuffer) : 0;
  snd.scale = tcb.scalesWindows ? options.windowScale : 0;
  if (tcb.usesTimestamps) {
    rcv.tsRecent = options.timestampValue;
    rcv.tsRecentMs = tcb.host.clock.milliseconds;
  }
  setPeerMss(tcb, options.mss);
  // The window of a SYN is never scaled (RFC 7323 section 2.2).
  snd.wnd = segment.window;
  snd.maxWindow = segment.window;
  snd.wl1 = segment.sequence;
  startCongestionControl(tcb);
}

/** The peer's MSS is known, and with it the size of our segments and the first window. */
function startCongestionControl(tcb: ControlBlock): void {
  updateMss(tcb);
  guessSegmentSize(tcb.rcv, tcb.snd.mss);
  tcb.congestion = chooseCongestionControl(tcb.host.settings, tcb.snd.mss);
}

/** A connection that follows one in TIME-WAIT begins this far beyond its last number: a window, unscaled. */
const ISS_STEP = 65_537;

/**
 * Chooses ISS and sets everything that counts from it. It lies beyond the numbers of the `predecessor`, if there is
 * one (RFC 6191).
 */
function chooseIss(tcb: ControlBlock, predecessor: TimeWait | null): void {
  const { host, snd } = tcb;
  const { local, remote } = tcb.route;
  const first = host.sequenceNumbers.initial(local, tcb.localPort, remote, tcb.remotePort, host.clock.now);
  tcb.snd.tsOffset = first.timestampOffset;
  snd.iss = predecessor === null ? first.sequence : later(first.sequence, add(predecessor.sndNxt, ISS_STEP));
  snd.una = snd.iss;
  snd.nxt = snd.iss;
  tcb.snd.smallTo = snd.iss;
  tcb.recovery.startAt(snd.iss);
  tcb.snd.pushTo = snd.iss;
  tcb.queue.restartAt(add(snd.iss, 1));
}

function sendSyn(tcb: ControlBlock, flags: number): void {
  const { host, snd } = tcb;
  emitSegment(tcb, snd.iss, flags, 0);
  snd.nxt = add(snd.iss, 1);
  tcb.flight.add(snd.iss, snd.nxt, 0, host.clock.stamp);
  tcb.snd.unackedSinceMs = host.clock.milliseconds;
  armRetransmit(tcb);
}

/**
 * Simultaneous open (RFC 9293 section 3.5, figure 7): our SYN is out when the peer's comes. Ours goes again, with an
 * ACK.
 */
export function answerCrossingSyn(tcb: ControlBlock): void {
  takeEvent(tcb, SYN_ARRIVES);
  emitSegment(tcb, tcb.snd.iss, SYN | ACK, 0);
  armRetransmit(tcb);
}

/** Our SYN is acknowledged: ESTABLISHED. */
export function establish(tcb: ControlBlock): void {
  if (tcb.state === SYN_RECEIVED && tcb.listener !== null) {
    tcb.listener.halfOpen--;
    tcb.host.statistics.connectionsAccepted++;
  }
  takeEvent(tcb, SYN_ACKNOWLEDGED);
  if (tcb.flight.outstanding === 0) tcb.host.timers.stop(tcb, RETRANSMIT);
  tcb.roundTrip.restartAfterLostSyn();
  tcb.rcv.establishedAt = tcb.host.clock.stamp;
  const { pacer } = tcb.host;
  if (pacer?.pacesAll) tcb.pacing ??= pacer.join(tcb);
  reportOpened(tcb);
}

/** ESTABLISHED: makes the program's side, and not before, so that a flood of SYNs costs the program nothing. */
function reportOpened(tcb: ControlBlock): void {
  const { listener, opener } = tcb;
  tcb.opener = null;
  tcb.connection ??= new TcpConnection(tcb);
  if (listener !== null) tcb.handler = listener.accept(tcb.connection);
  else if (opener !== null) tcb.handler = opener.connected(tcb.connection);
  if (tcb.state !== CLOSED) armKeepAlive(tcb); // the program may refuse the connection at once
}
