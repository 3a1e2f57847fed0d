/**
 * How large a segment may be: RFC 9293 section 3.7.1 (MUST-16) and, for the path, RFC 1191 and RFC 8201.
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

/** Eff.snd.MSS: what the peer takes and what the path takes, the lesser, without the options that every segment has. */
export function updateMss(tcb: ControlBlock): void {
  tcb.snd.pathMtu = tcb.route.mtu;
  tcb.snd.optionBytes = tcb.agreed.timestamps ? TIMESTAMPS_BYTES : 0;
  tcb.snd.mss = Math.min(tcb.snd.peerMss, tcb.host.pathMss(tcb.route)) - tcb.snd.optionBytes;
}
