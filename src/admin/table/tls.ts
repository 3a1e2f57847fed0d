/** Metrics of HTTPS. */
import { by, type Metric, one } from './metric.js';

export const TLS: readonly Metric[] = [
  one('fastpath_tls_connections_total', 'tls.connections', 'Connections to the port of HTTPS.'),
  one('fastpath_tls_open_connections', 'tls.openConnections', 'Such connections that are open.'),
  by(
    'fastpath_tls_handshakes_total',
    'version',
    'tls',
    { '1.2': 'tls12', '1.3': 'tls13' },
    'Handshakes that ended well, by version of TLS.',
  ),
  one('fastpath_tls_resumed_total', 'tls.resumed', 'Of these, those that went on with an earlier session.'),
  one('fastpath_tls_failed_total', 'tls.failed', 'Connections that ended before their handshake did.'),
  one('fastpath_tls_handshake_timeouts_total', 'tls.timeouts', 'Of these, those that took too long.'),
  one('fastpath_tls_http2_sessions_total', 'tls.http2Sessions', 'Sessions of HTTP/2.'),
  one('fastpath_tls_http2_requests_total', 'tls.http2Streams', 'Requests over HTTP/2.'),
];
