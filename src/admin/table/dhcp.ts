/** Metrics of the DHCP client. */
import { by, type Metric, one } from './metric.js';

export const DHCP: readonly Metric[] = [
  by(
    'fastpath_dhcp_messages_sent_total',
    'type',
    'dhcp',
    { discover: 'discoversSent', request: 'requestsSent', decline: 'declinesSent', release: 'releasesSent' },
    'DHCP messages sent, by type.',
  ),
  one('fastpath_dhcp_send_failures_total', 'dhcp.sendFailures', 'DHCP messages that could not be sent.'),
  by(
    'fastpath_dhcp_messages_received_total',
    'type',
    'dhcp',
    { offer: 'offersReceived', ack: 'acksReceived', nak: 'naksReceived' },
    'DHCP messages received for us, by type.',
  ),
  by(
    'fastpath_dhcp_messages_dropped_total',
    'reason',
    'dhcp',
    { malformed: 'malformed', not_ours: 'notOurs', unusable: 'unusable' },
    'DHCP messages received and dropped, by reason.',
  ),
  by(
    'fastpath_dhcp_leases_total',
    'how',
    'dhcp',
    { bound: 'bound', renewed: 'renewed', rebound: 'rebound' },
    'Leases got, and leases extended: by their server, or by any.',
  ),
  by(
    'fastpath_dhcp_leases_lost_total',
    'reason',
    'dhcp',
    { expired: 'expired', refused: 'refused', conflict: 'conflicts' },
    'Leases lost or refused, by reason.',
  ),
];
