/** What the DNS module counts, each with a sentence for the metrics' help. */

export const DNS_COUNTERS = {
  queries: 'Queries over UDP.',
  queriesTcp: 'Queries over TCP.',
  noError: 'Answers NOERROR.',
  nameErrors: 'Answers NXDOMAIN: the name does not exist.',
  refused: 'Answers REFUSED: no zone of ours, or not allowed.',
  formatErrors: 'Answers FORMERR: the query makes no sense.',
  notImplemented: 'Answers NOTIMP: another operation than a query.',
  serverFailures: 'Answers SERVFAIL.',
  otherResults: 'Answers with another result.',
  truncated: 'Answers over UDP with TC: they did not fit, or a limit was reached.',
  tableHits: 'Answers that were made before.',
  tableMisses: 'Answers that had to be made.',
  ignored: 'Messages that are no query.',
  cookiesGood: 'Queries with a server cookie of ours.',
  cookiesBad: 'Queries with a server cookie that is not ours, or too old.',
  limitDropped: 'Answers beyond a limit that were dropped.',
  limitSlipped: 'Answers beyond a limit that said "truncated".',
  transfers: 'Zone transfers.',
  transfersRefused: 'Zone transfers that were not allowed.',
  notifiesSent: 'NOTIFY messages sent.',
  notifiesAnswered: 'Answers to them.',
  zoneUpdates: 'Zones that were taken, at the start or later.',
  connectionsRefused: 'Connections that were one too many.',
  noRoom: 'Answers dropped because the device held too many.',
} as const;

export const DNS_LEVELS = {
  zones: 'Zones that are served.',
  tableSize: 'Answers that are kept.',
} as const;

/** The counters of one worker. */
export type DnsStatistics = Record<keyof typeof DNS_COUNTERS | keyof typeof DNS_LEVELS, number>;
