import type { Mutant } from './mutant.js';

export const mutants: readonly Mutant[] = [
  ['  folded = (folded & 0xffff) + (folded >>> 16);\n', '', 'fold adds'],
  ['(sum & 0xffff) + (sum >>> 16);', '(sum & 0xffff) + (sum >> 16);', 'fold adds'],
  ['return ~fold(sum) & 0xffff;', 'return ~fold(sum);', 'finish inverts'],
  ['return ~fold(sum) & 0xffff;', 'return ~sum & 0xffff;', 'finish inverts'],
  ['return ~fold(sum) & 0xffff;', 'return fold(sum);', 'finish inverts'],
  ['return ~fold(sum) & 0xffff;', 'return -fold(sum) & 0xffff;', 'finish inverts'],
  ['  let at = from;\n', '  let at = 0 * from;\n', 'sum looks at'],
  ['  let at = from;\n', '  let at = from & ~1;\n', 'sum looks at'],
  ['at + 1 < stop;', 'at + 1 <= stop;', 'sum looks at'],
  ['total = fold(part + total);', 'total = part + total;', 'sum adds'],
  ['total = fold(part + total);', 'total = (part + total) & 0xffff;', 'sum adds'],
  ['total = fold(part + total);', 'total = (part + total) % 0xffff;', 'sum loses'],
  ['Math.min(to, at + 65532)', 'to', 'sum loses'],
  ['part += bytes[at]! << 8;', 'part += bytes[at]!;', 'sum takes'],
  ['finish((~checksum & 0xffff) +', 'finish(~checksum +', 'update gives'],
  ['(~was & 0xffff)', 'was', 'update gives'],
  ['+ (is & 0xffff)', '+ (~is & 0xffff)', 'update gives'],
  ['finish((~checksum & 0xffff)', 'fold((~checksum & 0xffff)', 'update gives'],
  ['finish((~checksum & 0xffff)', 'finish((checksum & 0xffff)', 'update gives'],
];
