/** Metrics of IP, its fragments, and ICMP. */
import { by, type Metric, one } from './metric.js';

export const INTERNET: readonly Metric[] = [
  one('fastpath_ip_packets_received_total', 'stack.internet.ip.received', 'IP packets received, of both families.'),
  one('fastpath_ip_packets_delivered_total', 'stack.internet.ip.delivered', 'IP packets given to TCP or ICMP.'),
  one('fastpath_ip_packets_sent_total', 'stack.internet.ip.sent', 'IP packets sent, of both families.'),
  by(
    'fastpath_ip_packets_dropped_total',
    'reason',
    'stack.internet.ip',
    {
      malformed: 'malformed',
      checksum: 'badChecksum',
      not_for_us: 'notForUs',
      source: 'badSource',
      unicast_in_broadcast: 'unicastInBroadcast',
      options: 'badOptions',
      protocol: 'unknownProtocol',
    },
    'IP packets received and dropped, by reason.',
  ),
  by(
    'fastpath_ip_packets_unsent_total',
    'reason',
    'stack.internet.ip',
    { no_route: 'noRoute', too_big: 'tooBig', neighbour: 'pendingDropped' },
    'IP packets not sent, by reason: no way there, larger than the path, too many waited for a neighbour.',
  ),
  one('fastpath_ip_fragments_sent_total', 'stack.internet.ip.fragmentsSent', 'IP fragments sent.'),
  one('fastpath_ip_fragments_received_total', 'stack.internet.reassembly.fragmentsReceived', 'IP fragments received.'),
  by(
    'fastpath_ip_reassemblies_total',
    'result',
    'stack.internet.reassembly',
    { completed: 'completed', timed_out: 'timedOut', invalid: 'invalid', evicted: 'evicted' },
    'What became of fragmented packets.',
  ),
  one('fastpath_icmp_messages_received_total', 'stack.internet.icmp.received', 'ICMP and ICMPv6 messages received.'),
  by(
    'fastpath_icmp_messages_dropped_total',
    'reason',
    'stack.internet.icmp',
    { checksum: 'badChecksum', malformed: 'malformed', type: 'unknownType', error: 'errorsIgnored' },
    'ICMP messages received and dropped; error: one about something that we never sent.',
  ),
  one('fastpath_icmp_echoes_answered_total', 'stack.internet.icmp.echoesAnswered', 'Pings answered.'),
  one('fastpath_icmp_errors_received_total', 'stack.internet.icmp.errorsReceived', 'ICMP errors received.'),
  one('fastpath_icmp_errors_sent_total', 'stack.internet.icmp.errorsSent', 'ICMP errors sent.'),
  one(
    'fastpath_icmp_rate_limited_total',
    'stack.internet.icmp.rateLimited',
    'ICMP answers kept back by the rate limit.',
  ),
  by(
    'fastpath_icmp_redirects_total',
    'result',
    'stack.internet.icmp',
    { followed: 'redirectsFollowed', ignored: 'redirectsIgnored' },
    'ICMP redirects received.',
  ),
];
