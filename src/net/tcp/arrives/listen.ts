/**
 * RFC 9293 section 3.10.7.2, the LISTEN state. A full backlog leads to SYN cookies (life/syn-cookies.ts).
 */
import { ACK, FIN, RST, SYN } from '../../wire/tcp.js';
import { ControlBlock } from '../block/control-block.js';
import type { TcpHost } from '../block/host.js';
import { openFromCookie, openPassively } from '../life/open.js';
import { readCookie, sendCookie } from '../life/syn-cookies.js';
import type { Listener } from '../listener.js';
import type { TimeWait } from '../parts/time-wait-table.js';
import type { Segment } from '../segment.js';
import { resetAnswer } from '../send/reset.js';
import { arrivesInOtherStates } from './other-states.js';

/**
 * A segment for a port that is listened on, and for no connection.
 * @param predecessor the connection in TIME-WAIT that the segment, a SYN, has ended; null if there was none
 */
export function arrivesInListen(
  host: TcpHost,
  listener: Listener,
  segment: Segment,
  predecessor: TimeWait | null,
): void {
  // First, check for a RST: ignored.
  if (segment.has(RST)) return;
  // Second, check for an ACK: we have sent nothing that it could acknowledge, unless it brings back a cookie.
  if (segment.has(ACK)) {
    if (!acceptCookie(host, listener, segment)) resetAnswer(host, segment, listener);
    return;
  }
  // Third, check for a SYN. (Security and precedence are not implemented, here as elsewhere.)
  if (segment.has(SYN)) {
    // A SYN with a FIN opens nothing: only scanners that look for holes in filters send it. Linux drops it, too.
    if (segment.has(FIN)) return;
    thirdCheckSyn(host, listener, segment, predecessor);
    return;
  }
  // Fourth, other data or control: dropped. It cannot belong to an earlier life of a connection, which would have an
  // ACK.
}

/** SYN: answers with a SYN-ACK and goes to SYN-RECEIVED. The peer has to send data on the SYN again (9293-E11). */
function thirdCheckSyn(host: TcpHost, listener: Listener, segment: Segment, predecessor: TimeWait | null): void {
  const { synCookies, maximumConnections } = host.settings;
  const isFull = listener.halfOpen >= listener.backlog;
  const hostIsFull = host.connections.size >= maximumConnections;
  if (isFull || hostIsFull) host.statistics.backlogOverflows++;
  // There is neither a reset nor a cookie, which would be refused when it comes back. The client tries again, and by
  // then there may be room (LX-7).
  if (hostIsFull) return;
  const route = host.internet.routeBack(segment.packet);
  if (route === undefined) return;
  if (isFull || synCookies === 'always') {
    if (synCookies !== 'off') sendCookie(host, listener, route, segment);
    return;
  }
  const tcb = new ControlBlock(host, route, segment.destinationPort, segment.sourcePort, listener);
  openPassively(tcb, segment, predecessor);
}

/** An ACK that brings a cookie back: the connection is as if its SYN had been kept (RFC 4987 section 3.6). */
function acceptCookie(host: TcpHost, listener: Listener, segment: Segment): boolean {
  if (segment.has(SYN) || !host.cookies.mayHold(host.clock.now)) return false;
  if (host.connections.size >= host.settings.maximumConnections) return false;
  const route = host.internet.routeBack(segment.packet);
  if (route === undefined) return false;
  const contents = readCookie(host, route, segment);
  if (contents === undefined) return false;
  const tcb = new ControlBlock(host, route, segment.destinationPort, segment.sourcePort, listener);
  openFromCookie(tcb, contents, segment);
  arrivesInOtherStates(tcb, segment);
  return true;
}
