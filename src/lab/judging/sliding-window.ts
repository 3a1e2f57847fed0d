/** The cases of the lab `sliding-window`. */
import type { ControlBlock } from '../../net/tcp/block/control-block.js';
import { advertiseWindow, receiveWindow, windowScaleFor, windowUpdateDue } from '../../net/tcp/send/receive-window.js';
import { add, distance, toSequence } from '../../net/tcp/sequence.js';
import { type Case, same } from './case.js';
import { scriptCase } from './script.js';

const MSS = 1000;

/** The receive variables of a connection, as far as the window needs them. Numbers count from RCV.NXT. */
interface Situation {
  /** How far beyond RCV.NXT the peer may send by what it knows. */
  readonly offered: number;
  readonly buffer: number;
  /** Bytes that the program has not taken. */
  readonly unread?: number;
  readonly scale?: number;
}

/** Close to where sequence numbers wrap, so that a plain comparison of them fails. */
const NEXT = toSequence(0x7fffff00);

function connection({ offered, buffer, unread = 0, scale = 0 }: Situation): ControlBlock {
  const rcv = { nxt: NEXT, edge: add(NEXT, offered), scale, buffer, largestBuffer: buffer, offeredMss: MSS };
  return { rcv, unread } as unknown as ControlBlock;
}

function describe({ offered, buffer, unread = 0, scale = 0 }: Situation): string {
  return `offered ${offered}, buffer ${buffer}, unread ${unread}, scale ${scale}`;
}

function advertises(situation: Situation, field: number, edge: number, isSyn = false): void {
  const tcb = connection(situation);
  const what = `advertiseWindow (${describe(situation)}${isSyn ? ', SYN' : ''})`;
  same(`${what}: the field`, advertiseWindow(tcb, isSyn), field);
  same(`${what}: the edge beyond RCV.NXT`, distance(NEXT, tcb.rcv.edge), edge);
}

function due(situation: Situation, expected: boolean): void {
  same(`windowUpdateDue (${describe(situation)})`, windowUpdateDue(connection(situation)), expected);
}

export const cases: readonly Case[] = [
  {
    name: 'RCV.WND reaches from RCV.NXT to the edge, across the wrap of sequence numbers',
    section: 'RFC 9293 section 3.4',
    nudge: 'Sequence numbers are no ordinary numbers: after 2^32 - 1 comes 0. sequence.ts has what you need.',
    hint: 'Math.max(0, distance(tcb.rcv.nxt, tcb.rcv.edge)).',
    run: () => {
      same('receiveWindow, 4000 offered', receiveWindow(connection({ offered: 4000, buffer: 8000 })), 4000);
      same('receiveWindow, edge passed', receiveWindow(connection({ offered: -10, buffer: 8000 })), 0);
    },
  },
  {
    name: 'an empty buffer is offered as a whole',
    section: 'RFC 9293 section 3.8.6',
    nudge: 'The window is what the buffer still takes, and the edge is where it ends.',
    hint: 'room = buffer - unread; the edge becomes RCV.NXT + window.',
    run: () => advertises({ offered: 0, buffer: 8000 }, 8000, 8000),
  },
  {
    name: 'what the program has not read is not offered again',
    section: 'RFC 9293 section 3.8.6',
    nudge: 'RCV.BUFF is shared by what waits for the program and by what the peer may still send.',
    hint: 'room = Math.max(0, buffer - unread).',
    run: () => advertises({ offered: 0, buffer: 8000, unread: 4000 }, 4000, 4000),
  },
  {
    name: 'a little room is no reason to move the edge: silly windows',
    section: 'RFC 9293 section 3.8.6.2.2 (MUST-39)',
    nudge: 'A receiver that offers every byte gets segments of one byte. It waits until a step is worth it.',
    hint: 'Move only if room - offered >= min(buffer / 2, MSS). Else offer what the peer knows already.',
    run: () => {
      advertises({ offered: 0, buffer: 8000, unread: 7999 }, 0, 0);
      advertises({ offered: 3000, buffer: 8000, unread: 4001 }, 3000, 3000);
      advertises({ offered: 3000, buffer: 8000, unread: 4000 }, 4000, 4000);
    },
  },
  {
    name: 'with a small buffer half of it is a step: it never has room for more',
    section: 'RFC 9293 section 3.8.6.2.2 (MUST-39)',
    nudge:
      'A buffer of less than two segments: if only a full segment is worth a step, its window stays shut for ever.',
    hint: 'step = Math.min(rcv.buffer >> 1, rcv.offeredMss).',
    run: () => {
      advertises({ offered: 0, buffer: 1200, unread: 600 }, 600, 600);
      advertises({ offered: 0, buffer: 1200, unread: 601 }, 0, 0);
    },
  },
  {
    name: 'the edge never moves left, even if the buffer has become smaller',
    section: 'RFC 9293 section 3.8.6 (SHLD-14)',
    nudge: 'The peer may have sent already what it was promised.',
    hint: 'With less room than offered, the window stays what was offered; later(edge, …) keeps the edge.',
    run: () => advertises({ offered: 4000, buffer: 2000 }, 4000, 4000),
  },
  {
    name: 'the field is scaled, and in a SYN it is not',
    section: 'RFC 7323 section 2.2',
    nudge: 'The shift is only agreed on by the SYNs. So a SYN itself cannot use it.',
    hint: 'scale = isSyn ? 0 : rcv.scale. The edge moves by field << scale. A field has 16 bits.',
    run: () => {
      advertises({ offered: 0, buffer: 640_000, scale: 4 }, 40_000, 640_000);
      advertises({ offered: 0, buffer: 640_000, scale: 4 }, 65_535, 65_535, true);
    },
  },
  {
    name: 'a field that is rounded down does not move the edge left',
    section: 'RFC 7323 section 2.4, RFC 9293 section 3.8.6 (SHLD-14)',
    nudge: 'With a scale the field says multiples of 128, say. What was offered may be none of them.',
    hint: 'rcv.edge = later(rcv.edge, add(rcv.nxt, field << scale)).',
    run: () => advertises({ offered: 1000, buffer: 8000, unread: 7800, scale: 7 }, 7, 1000),
  },
  {
    name: 'the field is rounded up as far as the free room and a sixteenth of the buffer reach',
    section: 'RFC 7323 section 2.4, and the docstring of fieldFor',
    nudge: 'fieldFor takes a bound. It is the free room and a sixteenth more, and the free room may be negative.',
    hint: 'fieldFor(window, scale, free + (rcv.buffer >> 4)), with free = rcv.buffer - tcb.unread.',
    run: () => {
      advertises({ offered: 1000, buffer: 8000, unread: 7600, scale: 7 }, 8, 1024);
      advertises({ offered: 300, buffer: 8000, unread: 9000, scale: 7 }, 2, 300);
    },
  },
  {
    name: 'a window update is due when there is room for two segments more than the peer knows of',
    section: 'RFC 9293 section 3.8.6.2.2',
    nudge: 'An update costs a segment. So it has to be worth more than a step of the window is.',
    hint: 'step = min(buffer / 2, 2 * MSS); room is at most what the field can say; due if room - RCV.WND >= step.',
    run: () => {
      due({ offered: 0, buffer: 8000, unread: 7999 }, false);
      due({ offered: 0, buffer: 8000, unread: 6001 }, false);
      due({ offered: 0, buffer: 8000, unread: 6000 }, true);
    },
  },
  {
    name: 'a window update is due for half of a small buffer, and not for more than the field can say',
    section: 'RFC 9293 section 3.8.6.2.2, RFC 7323 section 2.2',
    nudge: 'Two segments may be more than the buffer has. And a field of 16 bits has its end at 0xffff << scale.',
    hint: 'step = min(buffer >> 1, 2 * MSS); room = min(buffer - unread, 0xffff << scale).',
    run: () => {
      due({ offered: 0, buffer: 2400, unread: 1200 }, true);
      due({ offered: 0, buffer: 2400, unread: 1201 }, false);
      due({ offered: 65_535, buffer: 80_000 }, false);
      due({ offered: 65_535, buffer: 640_000, scale: 4 }, true);
    },
  },
  {
    name: 'the scale is the least shift that lets the buffer be offered',
    section: 'RFC 7323 section 2.3',
    nudge: 'The field has 16 bits, and the shift is 14 at most.',
    hint: 'Count up while bufferBytes >>> scale is above 0xffff.',
    run: () => {
      for (const [bytes, scale] of [
        [65_535, 0],
        [65_536, 1],
        [1_048_576, 5],
        [2 ** 31 - 1, 14],
      ] as const) {
        same(`windowScaleFor(${bytes})`, windowScaleFor(bytes), scale);
      }
    },
  },
  scriptCase('sliding-window/slides.pkt', {
    name: 'in the whole stack: the window closes as data comes, and opens when the program reads',
    section: 'RFC 9293 section 3.8.6.2.2',
    nudge: 'Look at the `win` of the segment that differs, and at what the program had read by then.',
    hint: 'The script is labs/sliding-window/slides.pkt: each line has its arithmetic beside it.',
  }),
];
