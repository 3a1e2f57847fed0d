import type { Mutant } from './mutant.js';

export const mutants: readonly Mutant[] = [
  ['      account.payloadBytesRead += to - from;\n', '', 'without a table'],
  ['account.payloadBytesRead += to - from;', 'account.payloadBytesRead += to;', 'without a table'],
  ['account.payloadBytesRead += to - from;', 'account.payloadBytesRead = to - from;', 'without a table'],
  [
    '      return sum(this.bytes, from, to);\n',
    '      return from & 1 ? swap(sum(this.bytes, from, to)) : sum(this.bytes, from, to);\n',
    'without a table',
  ],
  ['from & 1 ? swap', 'to & 1 ? swap', 'an interval that begins at an odd'],
  ['from & 1 ? swap', '(to - from) & 1 ? swap', 'an interval that begins at an odd'],
  [
    '    if (rest === 0) return known;\n    account.payloadBytesRead += rest;\n',
    '    if (rest === 0) return known;\n',
    'an interval that begins or ends',
  ],
  ['account.payloadBytesRead += rest;', 'account.payloadBytesRead += BLOCK_BYTES;', 'an interval that begins or ends'],
  ['account.payloadBytesRead += rest;', 'account.payloadBytesRead = rest;', 'an interval that begins or ends'],
  ['sum(this.bytes, at - rest, at)', 'sum(this.bytes, at, at + rest)', 'an interval that begins or ends'],
  [
    '    return fold(known + sum(this.bytes, at - rest, at));\n',
    '    return known;\n',
    'an interval that begins or ends',
  ],
  ['return fold(known + sum(this.bytes, at - rest, at));', 'return known + sum(this.bytes, at - rest, at);', 'an'],
  ['const known = this.#prefix![edge]!;', 'const known = this.#prefix![edge + 1]!;', 'an interval between'],
  ['    table[tableFrom + edge] = running;\n', '    table[edge] = running;\n', 'the table holds'],
  ['  table[tableFrom + edges] = running;\n', '', 'the table holds'],
  [
    '  table[tableFrom + edges] = running;\n',
    '  if (length % BLOCK_BYTES !== 0) table[tableFrom + edges] = running;\n',
    'the last entry',
  ],
  [
    '  table[tableFrom + edges + 1] = fold(',
    '  if (length % BLOCK_BYTES !== 0) table[tableFrom + edges + 1] = fold(',
    'the last entry',
  ],
  [
    '  table[tableFrom + edges + 1] = fold(running + restSum(bytes, from + edges * BLOCK_BYTES, from + length));\n',
    '  table[tableFrom + edges + 1] = running;\n',
    'the table holds',
  ],
  [
    'restSum(bytes, from + edges * BLOCK_BYTES, from + length)',
    'restSum(bytes, edges * BLOCK_BYTES, length)',
    'the table holds',
  ],
  ['fold(running + blockSum(', '(running + blockSum(', 'the table holds'],
  ['blockSum(bytes, from + edge * BLOCK_BYTES)', 'blockSum(bytes, edge * BLOCK_BYTES)', 'the table holds'],
];
