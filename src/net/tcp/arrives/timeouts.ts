/**
 * A timer has expired: RFC 9293 section 3.10.8, RFC 6298 section 5.4, RFC 8985 sections 6.2 and 7.3, RFC 9293 sections
 * 3.8.4 (keep-alive) and 3.8.6.1 (zero-window probes).
 */
import { MILLISECOND } from '../../clock.js';
import { ACK } from '../../wire/tcp.js';
import type { ControlBlock } from '../block/control-block.js';
import type { TcpHost } from '../block/host.js';
import { abortConnection, endConnection } from '../life/end.js';
import { isOver, reportTimeout, reportTrouble } from '../life/program.js';
import { rackDetect } from '../loss/loss-detection.js';
import { proportionalRateReduction } from '../loss/rate-reduction.js';
import { enterRecovery, retransmissionTimeout } from '../loss/recovery.js';
import { armPersist, armRetransmit, unackedFor } from '../loss/retransmit-timers.js';
import type { Pacer } from '../parts/pacer.js';
import { OPEN, RECOVERY } from '../parts/recovery-state.js';
import { emitAck, emitSegment } from '../send/emit.js';
import { sendLossProbe } from '../send/loss-probe.js';
import { output, resend, sendIntoSmallWindow } from '../send/output.js';
import { doubtPath, judgeLostProbe } from '../send/path-search.js';
import { add } from '../sequence.js';
import { CLOSED, GIVEN_UP, SYN_RECEIVED, SYN_SENT, WAIT_OVER } from '../state.js';
import {
  APPLICATION,
  DELAYED_ACK,
  FIN_WAIT,
  KEEP_ALIVE,
  LOSS_PROBE,
  PACING,
  PERSIST,
  REORDERING,
  RETRANSMIT,
  TIMER_KINDS,
  type TimerKind,
} from '../timers.js';

/** RFC 9293 section 3.8.3: at least three resends. */
const R1 = 3;

/** Serves every timer that is due. */
export function runTimers(host: TcpHost): void {
  const now = host.clock.now;
  host.timeWaits.expire(now);
  for (let tcb = host.timers.expired(now); tcb !== undefined; tcb = host.timers.expired(now)) {
    for (let kind = 0; kind < TIMER_KINDS && tcb.state !== CLOSED; kind++) {
      if (host.timers.deadline(tcb, kind as TimerKind) > now) continue;
      tcb.host.timers.stop(tcb, kind as TimerKind);
      serve(tcb, kind as TimerKind);
    }
  }
  if (host.pacer !== null) serveWaiting(host.pacer, now);
}

/** Those that share a bandwidth, each in its turn, send a frame (parts/pacer.ts). */
function serveWaiting(pacer: Pacer<ControlBlock>, now: number): void {
  for (let flow = pacer.take(now); flow !== null; flow = pacer.take(now)) {
    output(flow.owner);
    flow.isServed = false; // it may have had nothing to send
  }
}

function serve(tcb: ControlBlock, kind: TimerKind): void {
  switch (kind) {
    case RETRANSMIT:
      retransmit(tcb);
      break;
    case PERSIST:
      probeWindow(tcb);
      break;
    case LOSS_PROBE:
      sendLossProbe(tcb);
      break;
    case REORDERING:
      reorderingTimeout(tcb);
      break;
    case DELAYED_ACK:
      emitAck(tcb);
      break;
    case KEEP_ALIVE:
      keepAlive(tcb);
      break;
    case FIN_WAIT:
      endConnection(tcb, WAIT_OVER, 'closed');
      break;
    case PACING:
      output(tcb);
      break;
    case APPLICATION:
      reportTimeout(tcb);
      if (!isOver(tcb)) output(tcb);
      break;
  }
}

/**
 * RFC 6298 section 5.4: send the earliest segment again and wait twice as long, or give up (RFC 9293 section 3.8.3,
 * R2).
 */
function retransmit(tcb: ControlBlock): void {
  const { flight, host } = tcb;
  if (flight.first === null) return;
  if (isGivenUp(tcb)) {
    endByTimeout(tcb);
    return;
  }
  if (tcb.state === SYN_SENT || tcb.state === SYN_RECEIVED) {
    // A lost SYN says little about the path: the window stays as it is (RFC 6928 section 2).
    tcb.roundTrip.backOff();
    tcb.snd.timeouts++;
    host.statistics.timeouts++;
    resend(tcb, flight.first, tcb.snd.mss);
    return;
  }
  retransmissionTimeout(tcb);
  doubtPath(tcb);
  // Two time-outs in a row: perhaps something on the path drops segments with the option (RFC 9768 section
  // 3.2.3.2.5).
  if (tcb.accurateEcn !== null && tcb.snd.timeouts >= 2) tcb.accurateEcn.optionFailed = true;
  if (tcb.snd.timeouts === R1) troubleAhead(tcb);
  if (isOver(tcb)) return;
  output(tcb);
  if (flight.first !== null) armRetransmit(tcb);
}

/**
 * R1 (MUST-20, SHLD-9, SHLD-10): the path may have changed, so the neighbour is verified again, and the program hears
 * of the trouble.
 */
function troubleAhead(tcb: ControlBlock): void {
  tcb.route.neighbor.suspect();
  reportTrouble(tcb);
}

/** R2: true after so many resends, or at the user time-out (MUST-21, MUST-23). */
function isGivenUp(tcb: ControlBlock): boolean {
  const { settings, clock } = tcb.host;
  const tries = tcb.snd.timeouts;
  if (isPastUserTimeout(tcb)) return true;
  if (tcb.state === SYN_SENT) return tries >= settings.synRetries;
  if (tcb.state === SYN_RECEIVED) return tries >= settings.synAckRetries;
  if (tcb.handler === null) return tries >= settings.orphanRetries;
  // SHLD-17: a peer that has shrunk its window to zero but still answers is alive, however often we send again.
  if (tcb.snd.wnd === 0 && (clock.milliseconds - tcb.rcv.lastHeardMs) * MILLISECOND < settings.maximumRto) return false;
  return tries >= settings.dataRetries;
}

/** The peer stays silent. If ICMP has said why, the program hears that (Linux: sk_err_soft). */
function endByTimeout(tcb: ControlBlock): void {
  endConnection(tcb, GIVEN_UP, 'timeout', tcb.snd.softError ?? undefined);
}

/** MUST-21: true if the user time-out is over. */
function isPastUserTimeout(tcb: ControlBlock): boolean {
  return (
    tcb.preferences.userTimeout > 0 && tcb.snd.unackedSinceMs >= 0 && unackedFor(tcb) >= tcb.preferences.userTimeout
  );
}

/**
 * RFC 9293 section 3.8.6.1: the window is (nearly) closed and nothing is in flight. Asks the peer whether the window
 * is still closed.
 */
function probeWindow(tcb: ControlBlock): void {
  const { host, snd, flight } = tcb;
  if (flight.outstanding > 0) return;
  // MUST-37: while a program waits, probing goes on as long as the peer answers. Once the program has let go of the
  // connection, answers no longer count. Otherwise a peer that never opens its window could make us keep the data for
  // ever.
  const isForgotten = tcb.handler === null && snd.persistTimeouts >= host.settings.orphanRetries;
  if (isForgotten || isPastUserTimeout(tcb) || tcb.snd.probesSent >= host.settings.dataRetries) {
    endByTimeout(tcb);
    return;
  }
  if (sendIntoSmallWindow(tcb)) return;
  // As in Linux the probe is an empty segment with an old number. It is not acceptable, so the peer must answer it,
  // and it takes no sequence number (LX-9).
  snd.persistTimeouts++;
  snd.probesSent++;
  host.statistics.windowProbes++;
  emitSegment(tcb, add(snd.una, -1), ACK, 0);
  armPersist(tcb);
}

/** RFC 8985 section 6.2, step 5: the reordering window has passed. */
function reorderingTimeout(tcb: ControlBlock): void {
  rackDetect(tcb);
  if (tcb.flight.lostBytes === 0) return;
  const isPathProbe = tcb.pathSearch.probeOut && judgeLostProbe(tcb);
  if (tcb.recovery.phase === OPEN && !isPathProbe) enterRecovery(tcb, 0);
  if (tcb.recovery.phase === RECOVERY) proportionalRateReduction(tcb, 0, false);
  output(tcb);
}

/** RFC 9293 section 3.8.4: finds out whether the peer is still there. */
function keepAlive(tcb: ControlBlock): void {
  const { host, snd, flight } = tcb;
  const times = tcb.preferences.keepAlive;
  if (times === null) return;
  const idle = (host.clock.milliseconds - tcb.rcv.lastHeardMs) * MILLISECOND;
  if (flight.outstanding > 0 || idle < times.idle) {
    // MUST-26: a probe goes only when nothing is unacknowledged and nothing was heard.
    tcb.snd.probesSent = 0;
    host.timers.arm(tcb, KEEP_ALIVE, idle < times.idle ? times.idle - idle : times.idle);
    return;
  }
  if (tcb.snd.probesSent >= times.probes) {
    abortConnection(tcb, GIVEN_UP, 'timeout', tcb.snd.softError ?? undefined);
    return;
  }
  tcb.snd.probesSent++;
  host.statistics.keepAliveProbes++;
  emitSegment(tcb, add(snd.una, -1), ACK, 0);
  host.timers.arm(tcb, KEEP_ALIVE, times.interval);
}
