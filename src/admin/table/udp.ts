/** Metrics of UDP. */
import { by, type Metric, one } from './metric.js';

export const UDP: readonly Metric[] = [
  one('fastpath_udp_datagrams_delivered_total', 'stack.udp.delivered', 'UDP datagrams given to a handler.'),
  one('fastpath_udp_datagrams_sent_total', 'stack.udp.sent', 'UDP datagrams sent.'),
  one('fastpath_udp_send_failures_total', 'stack.udp.sendFailures', 'UDP datagrams that could not be sent.'),
  by(
    'fastpath_udp_datagrams_dropped_total',
    'reason',
    'stack.udp',
    {
      malformed: 'malformed',
      checksum: 'badChecksum',
      no_checksum: 'noChecksum',
      source: 'badSource',
      no_port: 'noPort',
      time_to_live: 'lowTimeToLive',
    },
    'UDP datagrams received and dropped, by reason.',
  ),
  by(
    'fastpath_udp_errors_total',
    'result',
    'stack.udp',
    { heard: 'errorsReceived', ignored: 'errorsIgnored' },
    'ICMP errors about UDP datagrams.',
  ),
  one('fastpath_udp_payload_read_bytes_total', 'stack.udp.payloadBytesRead', 'Bytes read for checksums of UDP.'),
];
