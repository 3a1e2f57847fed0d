/**
 * RFC 9293 section 3.10.7.1, the CLOSED state: there is no connection and no listener. Everything but a reset is
 * answered with a reset.
 */
import type { TcpHost } from '../block/host.js';
import type { Segment } from '../segment.js';
import { resetAnswer } from '../send/reset.js';

/** A segment for which there is neither connection nor listener. */
export function arrivesInClosed(host: TcpHost, segment: Segment): void {
  host.statistics.noConnection++;
  resetAnswer(host, segment);
}
