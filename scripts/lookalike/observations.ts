/**
 * What is said of a server's segments so that two stacks can be compared: no times but their kind, no cuts but their
 * bounds.
 */
import type { Heard } from './conversation.js';

/** A time as its kind: two stacks on a busy machine agree on this, and on nothing finer. */
export function kindOfTime(milliseconds: number): string {
  if (milliseconds < 130) return 'at once';
  const seconds = milliseconds / 1000;
  return `after about ${2 ** Math.round(Math.log2(seconds / 0.22)) * 0.22} s`;
}

/** `20411 bytes, FIN`: data joined whatever its cuts, each byte once, and how it ended. */
export function stream(heard: readonly Heard[]): string {
  let to = Math.min(...heard.filter(({ length }) => length > 0).map(({ seq }) => seq));
  const from = to;
  for (const { seq, length } of [...heard].sort((a, b) => a.seq - b.seq)) {
    if (length > 0 && seq <= to) to = Math.max(to, seq + length);
  }
  const parts = [Number.isFinite(from) ? `${to - from} bytes` : 'no data'];
  if (heard.some(({ flags }) => flags.includes('F'))) parts.push('FIN');
  if (heard.some(({ flags }) => flags.includes('R'))) parts.push('RST');
  return parts.join(', ');
}

/** The furthest acknowledgment. */
export function acknowledged(heard: readonly Heard[]): string {
  return `acknowledged to ${Math.max(0, ...heard.map(({ ack }) => ack))}`;
}

/** One segment without data: `. ack 20 at once`; a reset has the numbers that make it acceptable. */
export function bare({ flags, seq, ack, length, segment, after }: Heard): string {
  const sack = segment.sack === undefined ? '' : `, ${segment.sack.length} SACK block(s)`;
  return `${flags} seq ${seq} ack ${ack} length ${length}${sack} ${kindOfTime(after)}`;
}

/** All segments in a line each, or `nothing`. */
export function each(heard: readonly Heard[]): string[] {
  return heard.length === 0 ? ['nothing'] : heard.map(bare);
}

/** When each segment came, as kinds of times between them. */
export function rhythm(heard: readonly Heard[]): string {
  const gaps = heard.map(({ after }, i) => after - (heard[i - 1]?.after ?? 0));
  return gaps.map(kindOfTime).join('; ') || 'nothing';
}
