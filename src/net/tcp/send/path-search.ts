/**
 * Black holes: routers that drop large packets in silence (RFC 2923 section 2.1), and the way out of them (RFC 4821
 * sections 7.2 to 7.7; RFC 8899 has the same for datagrams). The states are drawn in parts/path-search.ts.
 *
 * An outage looks the same at first: large segments are lost. So loss alone proves nothing. We believe in a black
 * hole only when large segments are lost before *and* after a small one has got through. The result is only for this
 * connection. It does not change the route, so other connections are not affected. An ICMP report does change the
 * route (arrives/icmp-arrives.ts).
 *
 * Then probes search upwards: now and then one segment is larger than the limit. If it arrives, its size is the new
 * limit. If it alone is lost, that says nothing about congestion. After ten minutes the search begins again at the
 * top, because paths heal.
 */
import { MILLISECOND } from '../../clock.js';
import { PATH_MTU_LIFETIME } from '../../ip/path-mtu.js';
import type { ControlBlock } from '../block/control-block.js';
import { pipe } from '../loss/pipe.js';
import type { AckOutcome } from '../parts/ack-outcome.js';
import { DOUBTING, NO_DOUBT, NO_LIMIT, PathSearch, SEARCHING, TRUSTING, VERIFYING } from '../parts/path-search.js';
import { OPEN } from '../parts/recovery-state.js';
import { add, isAfter, type Sequence } from '../sequence.js';
import { packetBytes, updateMss } from './mss.js';

/** This many time-outs in a row raise doubts (R1 of RFC 9293 section 3.8.3). */
const DOUBT = 3;
/** Bytes: what nearly every path takes (RFC 8200 section 5). A packet that is no larger raises no doubts. */
export const FIRST_TRIAL = 1280;
/** What every IPv4 host must take (RFC 791): tried when the first has been lost twice. */
const LAST_TRIAL_V4 = 576;
const FIRST_TRIALS = 2;
/** For so long, milliseconds, a small segment that got through counts as evidence. */
const MEMORY_MS = 60_000;
/** The search is over when it is as exact as this, bytes: what a cut on a block edge may cost. */
const PRECISION = 32;
/** Segments behind a probe that show its loss without a time-out (DupThresh, RFC 5681 section 3.2). */
const FOLLOWERS = 3;
const SEARCH_AGAIN_MS = PATH_MTU_LIFETIME / MILLISECOND;

/** The search of this connection, made now if it has none. */
function ownSearch(tcb: ControlBlock): PathSearch {
  if (tcb.pathSearch === NO_DOUBT) tcb.pathSearch = new PathSearch();
  return tcb.pathSearch;
}

/** A retransmission time-out, before anything is sent again: perhaps the size is the reason. */
export function doubtPath(tcb: ControlBlock): void {
  const { flight, snd, host } = tcb;
  const first = flight.first;
  if (first === null || !host.settings.blackHoleDetection) return;
  const search = ownSearch(tcb);
  if (search.probeOut) noteProbeLost(tcb);
  const lost = packetBytes(tcb, first.segmentBytes);
  if (search.phase === VERIFYING && lost > search.trial) {
    if (host.clock.milliseconds - search.trialMs <= MEMORY_MS) {
      lowerLimit(tcb, search.trial, lost);
      return;
    }
    endDoubt(tcb);
  }
  if (snd.timeouts >= DOUBT) tryStill(tcb, lost);
}

/** Cuts the first segment of the flight so small that it should get through. */
function tryStill(tcb: ControlBlock, lost: number): void {
  const { flight, snd, host } = tcb;
  const search = ownSearch(tcb);
  const inDoubt = search.phase === DOUBTING || search.phase === VERIFYING;
  if (!inDoubt && lost <= FIRST_TRIAL) return;
  const isFirst = tcb.route.isV6 || snd.timeouts < DOUBT + FIRST_TRIALS;
  const size = isFirst ? FIRST_TRIAL : LAST_TRIAL_V4;
  search.phase = DOUBTING;
  search.trial = size;
  search.trialMs = host.clock.milliseconds;
  const first = flight.first;
  const most = size - packetBytes(tcb, 0);
  if (first !== null && first.length > most && most < snd.mss) flight.split(first, add(first.from, most));
}

/** Learns from an ACK which sizes get through. Only called while there is a doubt or a limit. */
export function judgePath(tcb: ControlBlock, outcome: AckOutcome): void {
  const search = ownSearch(tcb);
  if (outcome.largestSegment === 0) return;
  const size = packetBytes(tcb, outcome.largestSegment);
  if (search.phase === SEARCHING) {
    if (size > search.limit) raiseLimit(tcb, size);
    // It is acknowledged, but in smaller segments: it was lost among others.
    else if (search.probeOut && isAfter(tcb.snd.una, search.probeFrom)) noteProbeLost(tcb);
  } else if (size > search.trial) endDoubt(tcb);
  else {
    search.phase = VERIFYING;
    search.trialMs = tcb.host.clock.milliseconds;
  }
}

/** A large segment got through: it was an outage. A limit from before stays. */
function endDoubt(tcb: ControlBlock): void {
  const search = ownSearch(tcb);
  search.phase = search.limit === NO_LIMIT ? TRUSTING : SEARCHING;
}

function lowerLimit(tcb: ControlBlock, limit: number, tooLarge: number): void {
  const { host } = tcb;
  const search = ownSearch(tcb);
  if (search.limit === NO_LIMIT) host.statistics.blackHoles++;
  search.phase = SEARCHING;
  search.limit = limit;
  search.tooLarge = tooLarge;
  search.probeOut = false;
  search.nextProbeMs = host.clock.milliseconds;
  updateMss(tcb);
}

/** A packet of `size` bytes got through, more than the limit. */
function raiseLimit(tcb: ControlBlock, size: number): void {
  const search = ownSearch(tcb);
  search.probeOut = false;
  search.limit = size;
  if (search.tooLarge <= size) search.tooLarge = NO_LIMIT;
  if (size + PRECISION > largest(tcb)) {
    search.phase = TRUSTING;
    search.limit = NO_LIMIT;
  }
  updateMss(tcb);
}

/** The largest packet that this connection could send: by the route and by the peer's MSS. */
function largest(tcb: ControlBlock): number {
  return Math.min(tcb.route.mtu, packetBytes(tcb, tcb.snd.peerMss - tcb.snd.optionBytes));
}

/** A probe is due, and cwnd will have room for it when the next ACKs come: nothing else is sent before it. */
export const WAIT_FOR_ROOM = -1;

/**
 * The payload, bytes, of the probe to send now; 0: none; or `WAIT_FOR_ROOM`. The probe, and the segments behind it
 * that would show its loss, must be in the queue and fit the peer's window: `available` is the lesser of the two,
 * bytes. Only called in SEARCHING.
 */
export function pathProbe(tcb: ControlBlock, available: number): number {
  const { pathSearch: search, snd, host, recovery, congestion } = tcb;
  if (search.probeOut || host.clock.milliseconds < search.nextProbeMs || recovery.phase !== OPEN) return 0;
  const top = largest(tcb);
  // Without SACK the loss of a probe looks like any other, so the limit just ends with its time.
  if (search.limit >= top || (!tcb.usesSack && search.tooLarge === NO_LIMIT)) {
    raiseLimit(tcb, top);
    return 0;
  }
  const size = search.tooLarge > top ? top : (search.limit + search.tooLarge) >> 1;
  if (!tcb.usesSack || search.tooLarge - search.limit <= PRECISION) {
    restUntilNextSearch(tcb);
    return 0;
  }
  const payload = size - packetBytes(tcb, 0);
  const needed = payload + FOLLOWERS * snd.mss;
  if (available < needed || congestion.cwnd < needed) return 0;
  return congestion.cwnd - pipe(tcb) < payload ? WAIT_FOR_ROOM : payload;
}

/** A probe of `length` bytes of payload has left, from SND.NXT `from` on. */
export function notePathProbe(tcb: ControlBlock, from: Sequence, length: number): void {
  const search = ownSearch(tcb);
  search.probeOut = true;
  search.probeFrom = from;
  search.probeSize = packetBytes(tcb, length);
  // The cut on a block edge has made it no larger than other segments.
  if (search.probeSize <= search.limit) restUntilNextSearch(tcb);
  tcb.host.statistics.pathProbes++;
}

/** The search has come to its end; in ten minutes it begins anew. */
function restUntilNextSearch(tcb: ControlBlock): void {
  const { host } = tcb;
  const search = ownSearch(tcb);
  search.probeOut = false;
  search.tooLarge = NO_LIMIT;
  search.nextProbeMs = host.clock.milliseconds + SEARCH_AGAIN_MS;
}

/**
 * Something is lost while a probe is out. Returns true if only the probe is: no sign of congestion (RFC 4821 section
 * 7.5).
 */
export function judgeLostProbe(tcb: ControlBlock): boolean {
  const { pathSearch: search, flight } = tcb;
  const probe = flight.recordAt(search.probeFrom);
  if (probe === null || !probe.lost || probe.from !== search.probeFrom) return false;
  noteProbeLost(tcb);
  return flight.lostBytes === probe.length;
}

function noteProbeLost(tcb: ControlBlock): void {
  const search = ownSearch(tcb);
  search.probeOut = false;
  search.tooLarge = Math.min(search.tooLarge, search.probeSize);
}
