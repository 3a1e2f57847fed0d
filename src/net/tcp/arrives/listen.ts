/**
 * RFC 9293 section 3.10.7.2, the LISTEN state.
 */
import { ACK, RST, SYN } from '../../wire/tcp.js';
import { TcpConnection } from '../connection.js';
import type { TcpHost } from '../host.js';
import type { Listener } from '../listener.js';
import { openPassively } from '../open.js';
import { resetAnswer } from '../reset.js';
import type { Segment } from '../segment.js';

export function arrivesInListen(host: TcpHost, listener: Listener, segment: Segment): void {
  // First, check for a RST: ignored.
  if (segment.has(RST)) return;
  // Second, check for an ACK: there is nothing it could acknowledge.
  if (segment.has(ACK)) {
    resetAnswer(host, segment);
    return;
  }
  // Third, check for a SYN. (Security and precedence are not implemented, as nowhere else.)
  if (segment.has(SYN)) {
    thirdCheckSyn(host, listener, segment);
    return;
  }
  // Fourth, other data or control: dropped. It cannot have come from an earlier life of a connection, which would have an ACK.
}

/** SYN: to SYN-RECEIVED, and a SYN-ACK. Data on the SYN is left for the peer to send again (9293-E11). */
function thirdCheckSyn(host: TcpHost, listener: Listener, segment: Segment): void {
  if (listener.halfOpen >= listener.backlog || host.connections.size >= host.settings.maximumConnections) {
    // Not reset: the client tries again, and perhaps there is room then (LX-7).
    host.statistics.backlogOverflows++;
    return;
  }
  const route = host.internet.routeBack(segment.packet);
  if (route === undefined) return;
  const tcb = new TcpConnection(host, route, segment.destinationPort, segment.sourcePort, listener);
  openPassively(tcb, segment);
}
