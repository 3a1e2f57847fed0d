/**
 * The size of a segment: RFC 9293 section 3.7.1 (MUST-16) and, for the path, RFC 1191 and RFC 8201.
 */
import { TIMESTAMPS_BYTES } from '../../wire/tcp-options.js';
import type { ControlBlock } from '../block/control-block.js';

/** SendMSS for a peer that has sent no MSS option (MUST-15). */
const DEFAULT_MSS_V4 = 536;
const DEFAULT_MSS_V6 = 1220;

/** Takes note of the MSS option in the peer's SYN; -1 if it had none. */
export function setPeerMss(tcb: ControlBlock, option: number): void {
  const fallback = tcb.route.isV6 ? DEFAULT_MSS_V6 : DEFAULT_MSS_V4;
  const offered = Math.max(option < 0 ? fallback : option, tcb.host.settings.minimumMss);
  tcb.snd.peerMss = Math.min(offered, tcb.rcv.offeredMss);
}

/**
 * Eff.snd.MSS: the least of what the peer takes, what the route takes, and what this connection has found that the path
 * takes (path-search.ts). The options that every segment has are taken off.
 */
export function updateMss(tcb: ControlBlock): void {
  const { snd, pathSearch, host, route } = tcb;
  snd.pathMtu = route.mtu;
  snd.optionBytes = tcb.usesTimestamps ? TIMESTAMPS_BYTES : 0;
  const beyondLimit = Math.max(0, route.mtu - pathSearch.limit);
  snd.mss = Math.min(snd.peerMss, host.pathMss(route) - beyondLimit) - snd.optionBytes;
}

/** The size of the IP packet, bytes, of a segment with `payload` bytes and the options that every segment has. */
export function packetBytes(tcb: ControlBlock, payload: number): number {
  const { host, route, snd } = tcb;
  return payload + snd.optionBytes + route.mtu - host.pathMss(route);
}
