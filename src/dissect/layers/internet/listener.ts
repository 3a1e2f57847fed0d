/** Multicast listener discovery: queries of both versions (RFC 2710, RFC 3810) and reports of version 2. */
import type { LayerBuilder } from '../../layer-builder.js';

const ADDRESS_BYTES = 16;
const QUERY_BYTES = 24;
const RECORDS_AT = 8;
const RECORD_BYTES = 20;

/** RFC 3810 section 5.2.12. */
const KINDS: Readonly<Record<number, string>> = {
  1: 'still from these sources alone',
  2: 'still from anybody but these sources',
  3: 'from these sources alone from now on; from nobody if there are none',
  4: 'from anybody but these sources from now on',
  5: 'from these sources, too',
  6: 'from these sources no more',
};

/**
 * A router asks who listens: RFC 3810 section 5.1. A query of version 1 ends behind the group (RFC 2710 section 3).
 * @param length of the whole message, bytes; less of it may be there
 */
export function listenerQuery(message: LayerBuilder, length: number): void {
  message.cite = 'RFC 3810 section 5.1';
  if (length <= QUERY_BYTES) {
    message.uint('icmpv6.mld.maximum_response_delay', 4, 2, 'Longest delay', 'milliseconds until the answer');
    message.ipv6('icmpv6.mld.multicast_address', 8, 'Group', 'the group that is asked for; :: for all');
    return;
  }
  message.uint('icmpv6.mld.maximum_response_code', 4, 2, 'Longest delay', 'milliseconds, or in a floating form');
  message.ipv6('icmpv6.mld.multicast_address', 8, 'Group', 'the group that is asked for; :: for all');
  message.flag('icmpv6.mld.flag.s', 24, 1, 3, 'Suppress', 'other routers keep their timers as they are');
  message.bits('icmpv6.mld.flag.qrv', 24, 1, 0, 7, 'Robustness', 'how often a report is said');
  message.uint('icmpv6.mld.qqi', 25, 1, 'Interval', 'seconds between two queries, or in a floating form');
  const sources = message.uint('icmpv6.mld.nb_sources', 26, 2, 'Sources', 'how many follow');
  for (let i = 0; i < sources && message.has(28 + i * ADDRESS_BYTES, ADDRESS_BYTES); i++) {
    message.ipv6('icmpv6.mld.source_address', 28 + i * ADDRESS_BYTES, 'Source', 'a sender that is asked for');
  }
}

/** A host says which groups it listens to: RFC 3810 section 5.2. */
export function listenerReport(message: LayerBuilder): void {
  message.cite = 'RFC 3810 section 5.2';
  const records = message.uint('icmpv6.mldr.nb_mcast_records', 6, 2, 'Records', 'how many groups follow');
  let at = RECORDS_AT;
  for (let i = 0; i < records && message.has(at, RECORD_BYTES); i++) at = record(message, at);
}

/** Returns where the next record begins. */
function record(message: LayerBuilder, at: number): number {
  message.uint('icmpv6.mldr.mar.record_type', at, 1, 'Kind', KINDS[message.peek(at, 1)] ?? 'unknown');
  const words = message.uint('icmpv6.mldr.mar.aux_data_len', at + 1, 1, 'Auxiliary data', 'words of four bytes');
  const sources = message.uint('icmpv6.mldr.mar.nb_sources', at + 2, 2, 'Sources', 'how many follow');
  message.ipv6('icmpv6.mldr.mar.multicast_address', at + 4, 'Group', 'the group that it is about');
  let end = at + RECORD_BYTES;
  for (let i = 0; i < sources && message.has(end, ADDRESS_BYTES); i++, end += ADDRESS_BYTES) {
    message.ipv6('icmpv6.mldr.mar.source_address', end, 'Source', 'a sender');
  }
  return end + words * 4;
}
