/**
 * `TCP_INFO`: what a connection says of itself, by the names and in the units that Linux gives them, as code in scripts
 * asks for it. Read from the control block; what this stack does not keep has no value, and a check that needs it
 * counts as not checked.
 *
 * Linux counts in packets; this stack counts in bytes and the numbers here are full segments.
 */
import { UNLIMITED } from '../net/tcp/congestion.js';
import { TcpConnection } from '../net/tcp/connection.js';
import type { ControlBlock } from '../net/tcp/control-block.js';
import type { SentSegment } from '../net/tcp/flight.js';
import type { Connection } from '../net/tcp/handler.js';
import { receiveWindow } from '../net/tcp/receive-window.js';
import { LOSS, OPEN, RECOVERY } from '../net/tcp/recovery-state.js';
import { distance } from '../net/tcp/sequence.js';
import { STATE_NAMES } from '../net/tcp/state.js';

/** Linux's numbers for the states, in the order of ours. */
const STATES = [7, 10, 2, 3, 1, 4, 5, 8, 11, 9, 6];
const CA_OPEN = 0;
const CA_DISORDER = 1;
const CA_RECOVERY = 3;
const CA_LOSS = 4;

/** Constants that code may name. */
const CONSTANTS: Readonly<Record<string, number>> = {
  TCP_ESTABLISHED: 1,
  TCP_SYN_SENT: 2,
  TCP_SYN_RECV: 3,
  TCP_FIN_WAIT1: 4,
  TCP_FIN_WAIT2: 5,
  TCP_TIME_WAIT: 6,
  TCP_CLOSE: 7,
  TCP_CLOSE_WAIT: 8,
  TCP_LAST_ACK: 9,
  TCP_LISTEN: 10,
  TCP_CLOSING: 11,
  TCP_CA_Open: CA_OPEN,
  TCP_CA_Disorder: CA_DISORDER,
  TCP_CA_CWR: 2,
  TCP_CA_Recovery: CA_RECOVERY,
  TCP_CA_Loss: CA_LOSS,
  TCPI_OPT_TIMESTAMPS: 1,
  TCPI_OPT_SACK: 2,
  TCPI_OPT_WSCALE: 4,
  TCPI_OPT_ECN: 8,
  TCPI_OPT_ECN_SEEN: 16,
  TCPI_OPT_SYN_DATA: 32,
  TCPI_OPT_USEC_TS: 64,
  TCPI_OPT_TFO_CHILD: 128,
};

/** The value of a name in a script's code; `undefined` if there is none here. */
export function tcpInfo(connection: Connection | undefined, name: string): number | undefined {
  const constant = CONSTANTS[name];
  if (constant !== undefined) return constant;
  if (connection === undefined) return undefined;
  return FIELDS[name]?.(controlBlock(connection));
}

/** The control block behind a connection. */
export function controlBlock(connection: Connection): ControlBlock {
  if (!(connection instanceof TcpConnection)) throw new TypeError('not a connection of this stack');
  return connection;
}

const FIELDS: Readonly<Record<string, (tcb: ControlBlock) => number>> = {
  tcpi_state: (tcb) => STATES[tcb.state]!,
  tcpi_ca_state: congestionState,
  tcpi_snd_cwnd: (tcb) => Math.floor((tcb.congestion?.cwnd ?? 0) / tcb.snd.mss),
  tcpi_snd_ssthresh: (tcb) =>
    tcb.congestion === undefined || tcb.congestion.ssthresh >= UNLIMITED
      ? UNLIMITED
      : Math.floor(tcb.congestion.ssthresh / tcb.snd.mss),
  tcpi_snd_mss: (tcb) => tcb.snd.mss,
  tcpi_advmss: (tcb) => tcb.host.offeredMss(tcb.route) - tcb.optionBytes,
  tcpi_pmtu: (tcb) => tcb.route.mtu,
  tcpi_rto: (tcb) => Math.round(tcb.roundTrip.rto),
  tcpi_rtt: (tcb) => Math.round(tcb.roundTrip.smoothed),
  tcpi_rttvar: (tcb) => Math.round(tcb.roundTrip.variance),
  tcpi_min_rtt: (tcb) => Math.round(tcb.roundTrip.minimum),
  tcpi_backoff: (tcb) => tcb.roundTrip.backoff,
  tcpi_retransmits: (tcb) => tcb.roundTrip.backoff,
  tcpi_probes: (tcb) => tcb.probesSent,
  tcpi_snd_wscale: (tcb) => tcb.snd.scale,
  tcpi_rcv_wscale: (tcb) => tcb.rcv.scale,
  tcpi_options: (tcb) => (tcb.timestamps.enabled ? 1 : 0) | (tcb.sackEnabled ? 2 : 0) | (tcb.scalingEnabled ? 4 : 0),
  tcpi_unacked: (tcb) => count(tcb, () => true),
  tcpi_sacked: (tcb) => (tcb.sackEnabled ? count(tcb, (segment) => segment.sacked) : tcb.recovery.duplicateAcks),
  tcpi_lost: (tcb) => count(tcb, (segment) => segment.lost || wasLost(tcb, segment)),
  tcpi_retrans: (tcb) => count(tcb, (segment) => segment.resends > 0 && !segment.lost && !segment.sacked),
  tcpi_snd_wnd: (tcb) => tcb.snd.wnd,
  tcpi_rcv_wnd: receiveWindow,
  tcpi_notsent_bytes: (tcb) => Math.max(0, distance(tcb.snd.nxt, tcb.queue.tail)),
};

/** A segment that was sent again stays lost, by Linux's count, until it is known to have arrived. */
function wasLost(tcb: ControlBlock, segment: SentSegment): boolean {
  return segment.resends > 0 && !segment.sacked && tcb.recovery.phase !== OPEN;
}

function congestionState(tcb: ControlBlock): number {
  if (tcb.recovery.phase === RECOVERY) return CA_RECOVERY;
  if (tcb.recovery.phase === LOSS) return CA_LOSS;
  return tcb.flight.sackedBytes > 0 || tcb.recovery.duplicateAcks > 0 ? CA_DISORDER : CA_OPEN;
}

/** How many full segments of the flight a condition holds for. */
function count(tcb: ControlBlock, holds: (segment: SentSegment) => boolean): number {
  let segments = 0;
  for (let segment = tcb.flight.first; segment !== null; segment = segment.next) {
    if (holds(segment)) segments += Math.ceil(segment.length / tcb.snd.mss);
  }
  return segments;
}

/** The variables of a control block for a report, relative to the initial sequence numbers as in scripts. */
export function describeTcb(connection: Connection): Record<string, string> {
  const tcb = controlBlock(connection);
  const { snd, rcv, congestion, roundTrip, recovery } = tcb;
  const sent = (sequence: number) => String(distance(snd.iss, sequence));
  const milliseconds = (time: number) => `${(time / 1000).toFixed(1)} ms`;
  return {
    state: STATE_NAMES[tcb.state]!,
    'SND.UNA': sent(snd.una),
    'SND.NXT': sent(snd.nxt),
    'SND.WND': String(snd.wnd),
    queued: String(distance(snd.una, tcb.queue.tail)),
    'RCV.NXT': String(distance(rcv.irs, rcv.nxt)),
    'RCV.WND': String(receiveWindow(tcb)),
    unread: String(tcb.received.length),
    MSS: String(snd.mss),
    cwnd: String(congestion?.cwnd ?? 0),
    ssthresh: congestion === undefined || congestion.ssthresh >= UNLIMITED ? 'unlimited' : String(congestion.ssthresh),
    phase: ['open', 'recovery', 'loss'][recovery.phase]!,
    'duplicate ACKs': String(recovery.duplicateAcks),
    outstanding: String(tcb.flight.outstanding),
    sacked: String(tcb.flight.sackedBytes),
    lost: String(tcb.flight.lostBytes),
    SRTT: milliseconds(roundTrip.smoothed),
    RTO: milliseconds(roundTrip.rto),
  };
}
