import type { Mutant } from './mutant.js';

export const mutants: readonly Mutant[] = [
  ['add(segment.acknowledgment, -1)', 'segment.acknowledgment', 'a cookie comes back'],
  ['add(segment.sequence, -1)', 'segment.sequence', 'a cookie comes back'],
  ['(current - (word >>> 27)) & 31', 'current - (word >>> 27)', 'the age of a cookie'],
  ['(current - (word >>> 27)) & 31', '(current - (word >>> 28)) & 31', 'a cookie comes back'],
  ['age > LIFETIME_MINUTES', 'age >= LIFETIME_MINUTES', 'the age of a cookie'],
  ['age > LIFETIME_MINUTES', 'age > LIFETIME_MINUTES + 1', 'the age of a cookie'],
  ['const mssClass = (word >>> 24) & 7;', 'const mssClass = (word >>> 24) & 3;', 'a cookie comes back'],
  ['irs, current - age, mssClass) !== iss', 'irs, current, mssClass) !== iss', 'the age of a cookie'],
  [
    '  if (cookie(host, route, segment, irs, current - age, mssClass) !== iss) return undefined;\n',
    '',
    'a number that differs',
  ],
  [
    'cookie(host, route, segment, irs, current - age, mssClass) !== iss',
    '((cookie(host, route, segment, irs, current - age, mssClass) as number) ^ (iss as number)) >>> 24 !== 0',
    'a number that differs',
  ],
  [
    'segment.options.hasTimestamps ? segment.options.timestampEcho & OPTION_BITS : NO_SCALE',
    'segment.options.timestampEcho & OPTION_BITS',
    'the options come back',
  ],
  [
    'segment.options.hasTimestamps ? segment.options.timestampEcho & OPTION_BITS : NO_SCALE',
    'NO_SCALE',
    'the options come back',
  ],
  [
    'segment.options.timestampEcho & OPTION_BITS',
    'segment.options.timestampValue & OPTION_BITS',
    'the options come back',
  ],
  ['scale === NO_SCALE ? -1 : scale', 'scale', 'the options come back'],
  ['(kept & 0x10) !== 0', '(kept & 0x20) !== 0', 'the options come back'],
  ['(kept & 0x20) !== 0', 'false', 'the options come back'],
  ['const scale = kept & 0xf;', 'const scale = kept;', 'the options come back'],
  ['((minute & 31) << 27) | (mssClass << 24)', '(minute << 27) | (mssClass << 25)', 'a cookie has the minute'],
  ['((minute & 31) << 27) | (mssClass << 24)', '((minute & 31) << 26) | (mssClass << 24)', 'a cookie has the minute'],
  ['hash & HASH_BITS', 'hash', 'a cookie has the minute'],
  ['toWord(irs) ^ Math.imul(minute, 0x9e3779b1) ^ top', 'Math.imul(minute, 0x9e3779b1) ^ top', 'the hash is over'],
  ['toWord(irs) ^ Math.imul(minute, 0x9e3779b1) ^ top', 'toWord(irs) ^ top', 'the hash is over'],
  [
    'toWord(irs) ^ Math.imul(minute, 0x9e3779b1) ^ top',
    'toWord(irs) ^ Math.imul(minute, 0x9e3779b1)',
    'the hash is over',
  ],
  [
    'keyed(route.local, destinationPort, route.remote, sourcePort, word)',
    'keyed(route.local, sourcePort, route.remote, destinationPort, word)',
    'the hash is over',
  ],
  [
    'keyed(route.local, destinationPort, route.remote, sourcePort, word)',
    'keyed(route.remote, destinationPort, route.local, sourcePort, word)',
    'the hash is over',
  ],
  [
    'keyed(route.local, destinationPort, route.remote, sourcePort, word)',
    'keyed(route.local, destinationPort, route.remote, 0, word)',
    'the hash is over',
  ],
  ['const word = toWord(irs) ^', 'const word = toWord(segment.sequence) ^', 'a cookie comes back'],
  ['MSS_CLASSES[index]! > mss', 'MSS_CLASSES[index]! >= mss', 'the class is'],
  ['while (index > 0 && ', 'while (', 'the class is'],
];
