import type { Mutant } from './mutant.js';

export const mutants: readonly Mutant[] = [
  [
    'return Math.max(0, distance(tcb.rcv.nxt, tcb.rcv.edge));',
    'return distance(tcb.rcv.nxt, tcb.rcv.edge);',
    'RCV.WND reaches',
  ],
  ['const free = rcv.buffer - tcb.unread;', 'const free = rcv.buffer;', 'what the program has not read'],
  ['Math.min(tcb.rcv.buffer >> 1, tcb.rcv.offeredMss)', 'tcb.rcv.offeredMss', 'with a small buffer'],
  [
    'Math.min(tcb.rcv.buffer >> 1, tcb.rcv.offeredMss)',
    'Math.min(tcb.rcv.buffer >> 2, tcb.rcv.offeredMss)',
    'with a small buffer',
  ],
  ['Math.min(tcb.rcv.buffer >> 1, tcb.rcv.offeredMss)', 'tcb.rcv.buffer >> 1', 'a little room'],
  ['room - offered >= step ?', 'room - offered > step ?', 'a little room'],
  [
    'const window = room - offered >= step ? room : offered;',
    'const window = room - offered >= step ? room : 0;',
    'a little room',
  ],
  [
    'const field = Math.min(fieldFor(window, scale, free + (rcv.buffer >> 4)), 0xffff);',
    'const field = fieldFor(window, scale, free + (rcv.buffer >> 4));',
    'the field is scaled',
  ],
  ['free + (rcv.buffer >> 4)', 'room + (rcv.buffer >> 4)', 'the field is rounded up'],
  ['free + (rcv.buffer >> 4)', 'free', 'the field is rounded up'],
  ['free + (rcv.buffer >> 4)', 'rcv.buffer', 'a field that is rounded down'],
  ['later(rcv.edge, add(rcv.nxt, field << scale))', 'add(rcv.nxt, field << scale)', 'a field that is rounded down'],
  ['later(rcv.edge, add(rcv.nxt, field << scale))', 'later(rcv.edge, add(rcv.nxt, field))', 'the field is scaled'],
  ['later(rcv.edge, add(rcv.nxt, field << scale))', 'later(rcv.edge, add(rcv.nxt, window))', 'the field is'],
  ['  rcv.edge = later(rcv.edge, add(rcv.nxt, field << scale));\n', '', 'an empty buffer'],
  ['const scale = isSyn ? 0 : rcv.scale;', 'const scale = isSyn ? 0 : 0;', 'the field is scaled'],
  [
    'Math.min(tcb.rcv.buffer >> 1, 2 * tcb.rcv.offeredMss)',
    '2 * tcb.rcv.offeredMss',
    'a window update is due for half',
  ],
  [
    'Math.min(tcb.rcv.buffer >> 1, 2 * tcb.rcv.offeredMss)',
    'Math.min(tcb.rcv.buffer >> 1, tcb.rcv.offeredMss)',
    'a window update is due when',
  ],
  ['Math.min(tcb.rcv.buffer >> 1, 2 * tcb.rcv.offeredMss)', 'tcb.rcv.buffer >> 1', 'a window update is due when'],
  [
    'Math.min(tcb.rcv.buffer - tcb.unread, 0xffff << tcb.rcv.scale)',
    'tcb.rcv.buffer - tcb.unread',
    'a window update is due for half',
  ],
  ['0xffff << tcb.rcv.scale', '0xffff', 'a window update is due for half'],
  [
    'return room - receiveWindow(tcb) >= step;',
    'return room - receiveWindow(tcb) > step;',
    'a window update is due when',
  ],
  ['return room - receiveWindow(tcb) >= step;', 'return room >= step;', 'a window update is due for half'],
  [' && scale < 14', '', 'the scale is the least'],
  ['scale < 14', 'scale < 13', 'the scale is the least'],
  ['> 0xffff &&', '>= 0xffff &&', 'the scale is the least'],
];
