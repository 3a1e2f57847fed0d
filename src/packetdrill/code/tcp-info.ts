/**
 * `TCP_INFO`: what a connection says of itself, with Linux's names and units, for the code in scripts. A value that
 * this stack does not keep is undefined, and a check that needs it counts as not checked.
 *
 * Linux counts windows in packets. This stack counts them in bytes, and the numbers here are full segments.
 */

import type { ConnectionInfo } from '../../net/tcp/connection-info.js';
import type { Connection } from '../../net/tcp/handler.js';
import { own } from '../own.js';

/** Linux's numbers for the states. */
const STATES: Readonly<Record<string, number>> = {
  ESTABLISHED: 1,
  'SYN-SENT': 2,
  'SYN-RECEIVED': 3,
  'FIN-WAIT-1': 4,
  'FIN-WAIT-2': 5,
  'TIME-WAIT': 6,
  CLOSED: 7,
  'CLOSE-WAIT': 8,
  'LAST-ACK': 9,
  LISTEN: 10,
  CLOSING: 11,
};
/** Linux's numbers for what the congestion control is doing. */
const CONGESTION_STATES = { open: 0, disorder: 1, cwr: 2, recovery: 3, loss: 4 } as const;
/** ssthresh before the first loss. */
const INFINITE_THRESHOLD = 0x7fff_ffff;

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
  TCP_CA_Open: 0,
  TCP_CA_Disorder: 1,
  TCP_CA_CWR: 2,
  TCP_CA_Recovery: 3,
  TCP_CA_Loss: 4,
  TCPI_OPT_TIMESTAMPS: 1,
  TCPI_OPT_SACK: 2,
  TCPI_OPT_WSCALE: 4,
  TCPI_OPT_ECN: 8,
  TCPI_OPT_ECN_SEEN: 16,
  TCPI_OPT_SYN_DATA: 32,
  TCPI_OPT_USEC_TS: 64,
  TCPI_OPT_TFO_CHILD: 128,
};

const FIELDS: Readonly<Record<string, (info: ConnectionInfo) => number>> = {
  tcpi_state: (info) => STATES[info.state]!,
  tcpi_ca_state: (info) => CONGESTION_STATES[info.congestionState],
  tcpi_snd_cwnd: (info) => Math.floor(info.congestionWindow / info.sendMss),
  tcpi_snd_ssthresh: (info) => Math.min(INFINITE_THRESHOLD, Math.floor(info.slowStartThreshold / info.sendMss)),
  tcpi_snd_mss: (info) => info.sendMss,
  tcpi_advmss: (info) => info.offeredMss,
  tcpi_pmtu: (info) => info.pathMtu,
  tcpi_rto: (info) => Math.round(info.rto),
  tcpi_rtt: (info) => Math.round(info.smoothedRtt),
  tcpi_rttvar: (info) => Math.round(info.rttVariance),
  tcpi_min_rtt: (info) => Math.round(info.minimumRtt),
  tcpi_backoff: (info) => info.backoff,
  tcpi_retransmits: (info) => info.timeouts,
  tcpi_probes: (info) => info.probes,
  tcpi_snd_wscale: (info) => info.sendScale,
  tcpi_rcv_wscale: (info) => info.receiveScale,
  tcpi_options: (info) =>
    Number(info.timestamps) | (Number(info.sack) << 1) | (Number(info.windowScaling) << 2) | (Number(info.ecn) << 3),
  tcpi_delivered_ce: (info) => info.accurateEcn?.deliveredCe ?? 0,
  tcpi_received_ce: (info) => info.accurateEcn?.receivedCe ?? 0,
  tcpi_delivered_ce_bytes: (info) => info.accurateEcn?.deliveredCeBytes ?? 0,
  tcpi_delivered_e0_bytes: (info) => info.accurateEcn?.deliveredEct0Bytes ?? 0,
  tcpi_delivered_e1_bytes: (info) => info.accurateEcn?.deliveredEct1Bytes ?? 0,
  tcpi_received_ce_bytes: (info) => info.accurateEcn?.receivedCeBytes ?? 0,
  tcpi_received_e0_bytes: (info) => info.accurateEcn?.receivedEct0Bytes ?? 0,
  tcpi_received_e1_bytes: (info) => info.accurateEcn?.receivedEct1Bytes ?? 0,
  tcpi_unacked: (info) => info.unackedSegments,
  tcpi_sacked: (info) => info.sackedSegments,
  tcpi_lost: lostSegments,
  tcpi_retrans: (info) => info.resentSegments,
  tcpi_total_retrans: (info) => info.totalRetransmits,
  tcpi_snd_wnd: (info) => info.sndWnd,
  tcpi_rcv_wnd: (info) => info.rcvWnd,
  tcpi_notsent_bytes: (info) => info.unsentBytes,
  tcpi_bytes_acked: (info) => info.bytesAcked,
  tcpi_bytes_received: (info) => info.bytesReceived,
};

/** Linux counts a segment that was sent again as lost until it is known to have arrived. */
function lostSegments(info: ConnectionInfo): number {
  const inRecovery = info.congestionState === 'recovery' || info.congestionState === 'loss';
  return info.lostSegments + (inRecovery ? info.resentSegments : 0);
}

/** The value of a name in a script's code; `undefined` if there is none here. */
export function tcpInfo(connection: Connection | undefined, name: string): number | undefined {
  const constant = own(CONSTANTS, name);
  if (constant !== undefined) return constant;
  const field = own(FIELDS, name);
  return field === undefined || connection === undefined ? undefined : field(connection.info());
}

/** The variables of a connection for a report, sequence numbers relative to the initial ones, as in scripts. */
export function describeTcb(connection: Connection): Record<string, string> {
  const info = connection.info();
  const relative = (sequence: number, origin: number) => String((sequence - origin) >>> 0);
  const milliseconds = (time: number) => `${(time / 1000).toFixed(1)} ms`;
  return {
    state: info.state,
    'SND.UNA': relative(info.sndUna, info.iss),
    'SND.NXT': relative(info.sndNxt, info.iss),
    'SND.WND': String(info.sndWnd),
    queued: String(info.queuedBytes),
    unsent: String(info.unsentBytes),
    'RCV.NXT': relative(info.rcvNxt, info.irs),
    'RCV.WND': String(info.rcvWnd),
    unread: String(info.unreadBytes),
    'out of order': String(info.outOfOrderBytes),
    MSS: String(info.sendMss),
    cwnd: String(info.congestionWindow),
    ssthresh: String(info.slowStartThreshold),
    congestion: info.congestionState,
    'unacked/sacked/lost/resent segments': [
      info.unackedSegments,
      info.sackedSegments,
      info.lostSegments,
      info.resentSegments,
    ].join('/'),
    SRTT: milliseconds(info.smoothedRtt),
    RTO: milliseconds(info.rto),
    backoff: String(info.backoff),
  };
}
