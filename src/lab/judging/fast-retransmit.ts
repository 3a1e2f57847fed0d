/** The cases of the lab `fast-retransmit`. */
import type { ControlBlock } from '../../net/tcp/block/control-block.js';
import { detectByDuplicates } from '../../net/tcp/loss/duplicate-acks.js';
import type { AckOutcome } from '../../net/tcp/parts/ack-outcome.js';
import { LOSS, OPEN, type Phase, RECOVERY } from '../../net/tcp/parts/recovery-state.js';
import { add, distance, type Sequence, toSequence } from '../../net/tcp/sequence.js';
import { type Case, sameList } from './case.js';
import { scriptCase } from './script.js';

const MSS = 1000;
/** Close to where sequence numbers wrap, so that a plain comparison of them fails. */
const UNA = toSequence(0x7fffff00);
/** SND.NXT - SND.UNA. */
const IN_FLIGHT = 10 * MSS;

interface Situation {
  readonly duplicates: number;
  readonly phase?: Phase;
  /** Where the recovery point lies, counted from SND.UNA. Default: behind it, as before the first recovery. */
  readonly point?: number;
  /** Bytes that the ACK acknowledges. */
  readonly acked?: number;
  /** Bytes of data in the first record of the flight, and whether a FIN follows them. */
  readonly first?: number;
  readonly fin?: boolean;
  readonly lost?: boolean;
  /** Nothing is in flight. */
  readonly none?: boolean;
}

/** Calls the student's function with a connection of the fewest parts, and notes what it does to the flight. */
function deeds(situation: Situation): string[] {
  const { duplicates, phase = OPEN, point = -1, acked = 0, first = MSS, fin = false, lost = false } = situation;
  const { none = false } = situation;
  const log: string[] = [];
  const record = { from: UNA, to: add(UNA, first + (fin ? 1 : 0)), lost };
  const flight = {
    first: none ? null : record,
    split: (_: unknown, at: Sequence) => log.push(`splits at ${distance(UNA, at)}`),
    markLost: () => log.push('marks the first segment lost'),
  };
  const recovery = {
    phase,
    duplicateAcks: duplicates,
    point: add(UNA, point),
  };
  const queue = { tail: add(UNA, first) };
  const tcb = {
    flight,
    recovery,
    queue,
    snd: { una: UNA, nxt: add(UNA, IN_FLIGHT), mss: MSS },
  } as unknown as ControlBlock;
  detectByDuplicates(tcb, { acked } as AckOutcome);
  return log;
}

const LOST = ['marks the first segment lost'];

export const cases: readonly Case[] = [
  {
    name: 'one or two duplicate ACKs mean nothing yet',
    section: 'RFC 5681 section 3.2',
    nudge: 'A network may deliver segments in another order. Then one or two duplicates come, and nothing is lost.',
    hint: 'Wait until recovery.duplicateAcks has reached DUPLICATE_THRESHOLD.',
    run: () => {
      sameList('no duplicate ACK', deeds({ duplicates: 0, acked: MSS }), []);
      sameList('two duplicate ACKs', deeds({ duplicates: 2 }), []);
    },
  },
  {
    name: 'the third duplicate ACK says that the first segment of the flight is lost',
    section: 'RFC 5681 section 3.2, step 2',
    nudge: 'The receiver asks three times for the same byte. It is the first one that we have in flight.',
    hint: 'If the phase is OPEN, three have come and mayRecover holds: markFirst.',
    run: () => {
      sameList('three duplicate ACKs', deeds({ duplicates: 3 }), LOST);
      sameList('five duplicate ACKs', deeds({ duplicates: 5 }), LOST);
      sameList('three duplicate ACKs, and nothing in flight', deeds({ duplicates: 3, none: true }), []);
      sameList('three duplicate ACKs, and the segment is marked already', deeds({ duplicates: 3, lost: true }), []);
    },
  },
  {
    name: 'of a record of many segments only the first MSS is lost',
    section: 'RFC 5681 section 3.2, step 3',
    nudge: 'With offload one record of the flight may have 64 KiB. The duplicates speak of its first segment alone.',
    hint: 'If first.from + mss is before first.to, split the record there, and then mark it.',
    run: () => {
      const wanted = ['splits at 1000', ...LOST];
      sameList('three duplicate ACKs for a super-segment', deeds({ duplicates: 3, first: 5000 }), wanted);
      sameList('three duplicate ACKs for a full segment with a FIN', deeds({ duplicates: 3, fin: true }), LOST);
      sameList(
        'three duplicate ACKs for 1500 bytes with a FIN',
        deeds({ duplicates: 3, first: 1500, fin: true }),
        wanted,
      );
    },
  },
  {
    name: 'in recovery, an ACK of a part of the flight shows the next hole',
    section: 'RFC 6582 section 3.2, step 3',
    nudge: 'A partial ACK: it moves SND.UNA, and not up to the recovery point. So the next segment is missing too.',
    hint: 'Phase RECOVERY, outcome.acked > 0 and snd.una before recovery.point: markFirst.',
    run: () => {
      const partial: Situation = { duplicates: 0, phase: RECOVERY, point: 3000 };
      sameList('a partial ACK', deeds({ ...partial, acked: MSS }), LOST);
      sameList('one more duplicate in recovery', deeds({ ...partial, duplicates: 4 }), []);
      sameList('an ACK of all', deeds({ ...partial, acked: MSS, point: 0 }), []);
    },
  },
  {
    name: 'a partial ACK means something in fast recovery alone',
    section: 'RFC 6582 section 3.2',
    nudge: 'After a time-out everything counts as lost already, and is sent again in order. Which phase is that?',
    hint: 'partialAck asks for the phase RECOVERY. OPEN and LOSS are others.',
    run: () => {
      sameList('an ACK after a time-out', deeds({ duplicates: 0, phase: LOSS, point: 3000, acked: MSS }), []);
      sameList('three duplicates after a time-out', deeds({ duplicates: 3, phase: LOSS }), []);
      sameList('an ACK outside of recovery', deeds({ duplicates: 0, point: 3000, acked: MSS }), []);
    },
  },
  {
    name: 'duplicates of a window that was recovered already start nothing',
    section: 'RFC 6582 section 3.2, step 2',
    nudge: 'Segments that were sent twice make duplicate ACKs, too. Nothing is lost then.',
    hint: 'mayRecover: SND.UNA is after the old recovery point, or the point is after SND.NXT.',
    run: () => {
      sameList('duplicates before the old point', deeds({ duplicates: 3, point: 2000 }), []);
      sameList('duplicates at the old point', deeds({ duplicates: 3, point: 0 }), []);
      sameList('duplicates behind the old point', deeds({ duplicates: 3, point: -1 }), LOST);
      sameList('a point at SND.NXT', deeds({ duplicates: 3, point: IN_FLIGHT }), []);
      sameList('a point of 2 GiB ago', deeds({ duplicates: 3, point: -0x8000_0001 }), LOST);
    },
  },
  scriptCase('fast-retransmit/third-duplicate.pkt', {
    name: 'in the whole stack: the third duplicate sends the missing segment at once',
    section: 'RFC 5681 section 3.2',
    nudge: 'Was nothing sent, or was it sent too early? The script says after which ACK.',
    hint: 'Two duplicates: nothing. The third: 1:1001 again.',
  }),
  scriptCase('fast-retransmit/partial.pkt', {
    name: 'in the whole stack: two holes are filled, one a round trip',
    section: 'RFC 6582 section 3.2',
    nudge: 'The ACK of 4001 is partial: 4001:5001 is missing as well.',
    hint: 'The partial ACK has to mark the new first segment of the flight.',
  }),
];
