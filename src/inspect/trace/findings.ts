/**
 * What a segment is in its conversation, in words: what happened, why, and where to read about it. The findings are
 * those of the dissector (dissect/tcp/analysis.ts), a bit each, and what a link did to the frame.
 */
import type { Analysis } from '../../dissect/tcp/analysis.js';

/** One finding, explained. */
export interface Finding {
  /** Short: a mark beside the segment. */
  readonly label: string;
  readonly explanation: string;
  /** Where to read about it. */
  readonly section: string;
  /** How much a reader should worry. */
  readonly weight: 'bad' | 'note';
}

interface Row extends Finding {
  readonly applies: (analysis: Analysis) => boolean;
}

const ROWS: readonly Row[] = [
  {
    label: 'retransmission',
    applies: ({ retransmission }) => retransmission === 'retransmission',
    explanation:
      'These bytes were sent before, and no acknowledgment came in time. The first copy, or every acknowledgment of ' +
      'it, was lost or is late. The sender has waited for its time-out, or RACK has found the segment overdue.',
    section: 'RFC 6298 section 5, RFC 8985 section 6',
    weight: 'bad',
  },
  {
    label: 'fast retransmission',
    applies: ({ retransmission }) => retransmission === 'fast retransmission',
    explanation:
      'Duplicate acknowledgments show that later segments arrive and this one does not. So the sender repeats it ' +
      'at once and does not wait for the time-out.',
    section: 'RFC 5681 section 3.2',
    weight: 'bad',
  },
  {
    label: 'spurious retransmission',
    applies: ({ retransmission }) => retransmission === 'spurious retransmission',
    explanation: 'The peer has acknowledged these bytes already: they did not have to be sent again.',
    section: 'RFC 5682, RFC 3522',
    weight: 'bad',
  },
  {
    label: 'out of order',
    applies: ({ retransmission }) => retransmission === 'out of order',
    explanation: 'It fills a hole too soon for a retransmission: the network has changed the order of the segments.',
    section: 'RFC 9293 section 3.4',
    weight: 'note',
  },
  {
    label: 'hole before it',
    applies: ({ lostBytes }) => lostBytes > 0,
    explanation: 'The bytes before it have not been seen here: a segment was lost on its way, or comes later.',
    section: 'RFC 9293 section 3.4',
    weight: 'bad',
  },
  {
    label: 'duplicate ACK',
    applies: ({ duplicate }) => duplicate > 0,
    explanation:
      'It acknowledges the same byte as the one before. Something arrived that does not continue the stream. After ' +
      'three of them the sender takes the next segment for lost.',
    section: 'RFC 5681 section 2',
    weight: 'note',
  },
  {
    label: 'zero window',
    applies: ({ zeroWindow }) => zeroWindow,
    explanation: 'The receiver has no room left: its program does not read. The sender must stop.',
    section: 'RFC 9293 section 3.8.6',
    weight: 'bad',
  },
  {
    label: 'window probe',
    applies: ({ windowProbe }) => windowProbe,
    explanation: 'The window is closed. The sender asks whether it has opened: the news of it may have been lost.',
    section: 'RFC 9293 section 3.8.6.1',
    weight: 'note',
  },
  {
    label: 'answer to a probe',
    applies: ({ windowProbeAnswer }) => windowProbeAnswer,
    explanation: 'The receiver answers the probe: there is still no room.',
    section: 'RFC 9293 section 3.8.6.1',
    weight: 'note',
  },
  {
    label: 'window update',
    applies: ({ windowUpdate }) => windowUpdate,
    explanation: 'Nothing new is acknowledged. The receiver says that it has room again, or more of it.',
    section: 'RFC 9293 section 3.8.6',
    weight: 'note',
  },
  {
    label: 'window full',
    applies: ({ windowFull }) => windowFull,
    explanation: 'It fills the window that the peer offered. The sender has to wait for an acknowledgment.',
    section: 'RFC 9293 section 3.8.6',
    weight: 'note',
  },
  {
    label: 'keep-alive',
    applies: ({ keepAlive, closedWindow }) => keepAlive && !closedWindow,
    explanation: 'It carries nothing new. It asks whether the peer is still there.',
    section: 'RFC 9293 section 3.8.4',
    weight: 'note',
  },
  {
    label: 'answer to a keep-alive',
    applies: ({ keepAliveAnswer }) => keepAliveAnswer,
    explanation: 'The peer is still there.',
    section: 'RFC 9293 section 3.8.4',
    weight: 'note',
  },
  {
    label: 'ACK of the unseen',
    applies: ({ acknowledgesLost }) => acknowledgesLost,
    explanation: 'It acknowledges bytes that this capture has not seen.',
    section: 'RFC 9293 section 3.10.7.4',
    weight: 'note',
  },
  {
    label: 'ports used again',
    applies: ({ reusedPorts }) => reusedPorts,
    explanation: 'A new connection begins between the same addresses and ports.',
    section: 'RFC 6191',
    weight: 'note',
  },
];

/** What the link did: bits above those of `ROWS`. */
const NEVER = () => false;
const LINK_ROWS: readonly Row[] = [
  {
    label: 'lost on the link',
    applies: NEVER,
    explanation: 'The link loses this frame. It never arrives.',
    section: 'RFC 9293 section 3.8.1',
    weight: 'bad',
  },
  {
    label: 'dropped: queue full',
    applies: NEVER,
    explanation: 'The queue in front of the link has no room, so the frame is dropped: congestion.',
    section: 'RFC 5681 section 1, RFC 7567',
    weight: 'bad',
  },
  {
    label: 'dropped: too long',
    applies: NEVER,
    explanation: 'The frame is longer than the link takes, and nobody says so: a black hole.',
    section: 'RFC 8899, RFC 4821',
    weight: 'bad',
  },
  {
    label: 'doubled by the link',
    applies: NEVER,
    explanation: 'The link delivers this frame twice.',
    section: 'RFC 9293 section 3.4',
    weight: 'note',
  },
  {
    label: 'damaged by the link',
    applies: NEVER,
    explanation: 'A bit of it is inverted on the way. The checksum shows it, and the receiver drops the segment.',
    section: 'RFC 9293 section 3.1',
    weight: 'bad',
  },
  {
    label: 'marked: congestion',
    applies: NEVER,
    explanation:
      'The queue in front of the link is long. It marks the packet and does not drop it. The receiver tells the ' +
      'sender by ECE, and the sender reduces its window.',
    section: 'RFC 3168 sections 5 and 6.1',
    weight: 'note',
  },
];

const ALL = [...ROWS, ...LINK_ROWS];
/** The bits of what a link did. */
export const LOST = 1 << ROWS.length;
export const QUEUE_FULL = LOST << 1;
export const TOO_LONG = LOST << 2;
export const DOUBLED = LOST << 3;
export const DAMAGED = LOST << 4;
export const MARKED = LOST << 5;
/** The frame never arrives. */
export const NEVER_ARRIVES = LOST | QUEUE_FULL | TOO_LONG;
/** The segment repeats bytes. */
export const REPEATS = 0b0111;
/** Those that a reader looks for first. */
export const BAD = ALL.reduce((bits, { weight }, index) => (weight === 'bad' ? bits | (1 << index) : bits), 0);

/** The findings of an analysis as bits. */
export function bitsOf(analysis: Analysis): number {
  return ROWS.reduce((bits, { applies }, index) => (applies(analysis) ? bits | (1 << index) : bits), 0);
}

/** The findings that these bits stand for. */
export function findingsOf(bits: number): Finding[] {
  return ALL.filter((_, index) => bits & (1 << index)).map(({ label, explanation, section, weight }) => ({
    label,
    explanation,
    section,
    weight,
  }));
}
