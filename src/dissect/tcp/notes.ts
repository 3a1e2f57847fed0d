/** The analysis of a segment in words, for the line, and as fields, for the tree and the filter. */
import type { FieldName } from '../catalogue.js';
import type { LayerBuilder } from '../layer-builder.js';
import { secondsText } from '../time.js';
import type { Analysis, Retransmission } from './analysis.js';
import type { Place } from './connections.js';

const RETRANSMISSION_FIELDS: Readonly<Record<Retransmission, FieldName>> = {
  retransmission: 'tcp.analysis.retransmission',
  'fast retransmission': 'tcp.analysis.fast_retransmission',
  'spurious retransmission': 'tcp.analysis.spurious_retransmission',
  'out of order': 'tcp.analysis.out_of_order',
};

interface Finding {
  readonly field: FieldName;
  readonly note: string;
  readonly meaning: string;
}

/** Lists what the analysis has found. */
function findings(analysis: Analysis): Finding[] {
  const list: Finding[] = [];
  const note = (applies: boolean, field: FieldName, text: string, meaning: string) => {
    if (applies) list.push({ field, note: text, meaning });
  };
  const { retransmission, lostBytes, duplicate } = analysis;
  note(
    analysis.reusedPorts,
    'tcp.analysis.reused_ports',
    'ports used again',
    'a new connection between the same ports',
  );
  if (retransmission !== undefined)
    note(true, RETRANSMISSION_FIELDS[retransmission], retransmission, 'its sequence number does not advance');
  const before = `${lostBytes} byte${lostBytes === 1 ? '' : 's'} before it not seen`;
  note(lostBytes > 0, 'tcp.analysis.lost_segment', before, 'the capture lacks what stands before it');
  const lost = 'acknowledges bytes not seen';
  note(analysis.acknowledgesLost, 'tcp.analysis.ack_lost_segment', lost, 'the capture lacks what it acknowledges');
  const probe = analysis.closedWindow ? 'zero-window probe' : 'keep-alive';
  note(analysis.keepAlive, 'tcp.analysis.keep_alive', probe, 'asks the peer for an acknowledgment');
  note(analysis.keepAliveAnswer, 'tcp.analysis.keep_alive_ack', 'answer to a keep-alive', 'the peer is there');
  const repeated = `duplicate acknowledgment ${duplicate}`;
  note(duplicate > 0, 'tcp.analysis.duplicate_ack', repeated, 'something came that does not continue the stream');
  note(analysis.zeroWindow, 'tcp.analysis.zero_window', 'zero window', 'the sender has no room left');
  note(analysis.windowProbe, 'tcp.analysis.zero_window_probe', 'zero-window probe', 'asks whether there is room');
  const answer = 'answer to a zero-window probe';
  note(analysis.windowProbeAnswer, 'tcp.analysis.zero_window_probe_ack', answer, 'there is no room yet');
  note(analysis.windowUpdate, 'tcp.analysis.window_update', 'window update', 'only the window is new');
  note(analysis.windowFull, 'tcp.analysis.window_full', 'window full', 'it fills the window that the peer gave');
  return list;
}

/** What there is to say about the segment beside its line. */
export function notesOf(analysis: Analysis): string[] {
  return findings(analysis).map(({ note }) => note);
}

/** Adds a field for each finding. They stand for the whole header, since no byte of it says so. */
export function addAnalysis(tcp: LayerBuilder, headerBytes: number, { analysis, connection }: Place): void {
  tcp.cite = 'RFC 9293 section 3.8';
  for (const { field, note, meaning } of findings(analysis)) tcp.add(field, 0, headerBytes, note, true, meaning);
  if (connection.initialRtt !== undefined) {
    const seconds = secondsText({ microseconds: connection.initialRtt, nanoseconds: 0 });
    tcp.add('tcp.analysis.initial_rtt', 0, headerBytes, 'Initial RTT', seconds, 'seconds, from the SYN to the ACK');
  }
  if (analysis.duplicate === 0) return;
  const { duplicate, duplicateOf } = analysis;
  tcp.cite = 'RFC 5681 section 2';
  tcp.add('tcp.analysis.duplicate_ack_num', 0, headerBytes, 'Duplicates so far', duplicate, 'three: retransmit now');
  tcp.add('tcp.analysis.duplicate_ack_frame', 0, headerBytes, 'Duplicate of', duplicateOf, 'the frame that it repeats');
}
