import type { Mutant } from './mutant.js';

export const mutants: readonly Mutant[] = [
  ['if (tcb.recovery.phase !== OPEN) partialAck(tcb, outcome);\n  else if', 'if', 'in recovery, an ACK'],
  ['>= DUPLICATE_THRESHOLD', '=== DUPLICATE_THRESHOLD', 'the third duplicate'],
  ['>= DUPLICATE_THRESHOLD', '> DUPLICATE_THRESHOLD', 'the third duplicate'],
  [' && mayRecover(tcb)', '', 'duplicates of a window'],
  [
    'if (tcb.recovery.phase !== OPEN) partialAck',
    'if (tcb.recovery.phase === RECOVERY) partialAck',
    'a partial ACK means',
  ],
  ['isAfter(snd.una, recovery.point) ||', '!isBefore(snd.una, recovery.point) ||', 'duplicates of a window'],
  ['isAfter(recovery.point, snd.nxt)', '!isBefore(recovery.point, snd.nxt)', 'duplicates of a window'],
  ['isAfter(recovery.point, snd.nxt)', 'isBefore(recovery.point, snd.nxt)', 'duplicates of a window'],
  ['isAfter(snd.una, recovery.point) || ', '', 'the third duplicate'],
  ['tcb.recovery.phase === RECOVERY && ', '', 'a partial ACK means'],
  ['outcome.acked > 0 && ', '', 'in recovery, an ACK'],
  [' && isBefore(tcb.snd.una, tcb.recovery.point)', '', 'in recovery, an ACK'],
  ['first === null || first.lost', 'first === null', 'the third duplicate'],
  ['first === null || first.lost', 'first?.lost', 'the third duplicate'],
  ['isBefore(cut, earlier', '!isAfter(cut, earlier', 'the third duplicate'],
  ['add(first.from, tcb.snd.mss)', 'add(first.from, tcb.snd.mss + 1)', 'of a record of many'],
  ['  tcb.flight.markLost(first);\n', '', 'the third duplicate'],
  ['earlier(first.to, tcb.queue.tail)', 'add(earlier(first.to, tcb.queue.tail), -tcb.snd.mss)', 'of a record of many'],
];
