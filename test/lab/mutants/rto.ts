import type { Mutant } from './mutant.js';

export const mutants: readonly Mutant[] = [
  ['    this.#backoff++;\n', '', 'each time-out doubles the next'],
  ['    this.#backoff++;\n    this.#applyBackoff();\n', '    this.#backoff++;\n', 'each time-out doubles the next'],
  [
    'Math.min(Math.max(1, microseconds), LARGEST_SAMPLE)',
    'Math.min(microseconds, LARGEST_SAMPLE)',
    'a sample is at least',
  ],
  ['Math.min(Math.max(1, microseconds), LARGEST_SAMPLE)', 'Math.max(1, microseconds)', 'a sample is at least'],
  ['    this.latest = r;\n', '', 'a sample is at least'],
  ['    this.latest = r;\n', '    this.latest = microseconds;\n', 'a sample is at least'],
  ['this.#smoothedTimes8 = r << 3;', 'this.#smoothedTimes8 = r;', 'the first sample R'],
  ['- (this.#varianceTimes4 >> 2);', '- this.#varianceTimes4 / 4;', 'the averages are integers'],
  [
    'this.#smoothedTimes8 += error;',
    'this.#smoothedTimes8 = (this.#smoothedTimes8 * 7) / 8 + r;',
    'the averages are integers',
  ],
  ['- (this.#varianceTimes4 >> 2);', '- (this.#varianceTimes4 >> 3);', 'later samples'],
  ['this.minimum === 0 || ', '', 'the least sample is remembered'],
  ['r <= this.minimum ||', 'r < this.minimum ||', 'the five minutes run'],
  [
    '((now - this.#minimumSince) | 0) > MINIMUM_WINDOW',
    'now - this.#minimumSince > MINIMUM_WINDOW',
    'the five minutes run',
  ],
  [' || ((now - this.#minimumSince) | 0) > MINIMUM_WINDOW', '', 'the least sample is remembered'],
  ['| 0) > MINIMUM_WINDOW', '| 0) >= MINIMUM_WINDOW', 'the five minutes run'],
  ['      this.#minimumSince = now;\n', '', 'the five minutes run'],
  ['    this.#backoff = 0;\n    // The floor', '    // The floor', 'a sample ends the back-off'],
  ['Math.max(this.#bounds.minimumRto, this.#varianceTimes4)', 'this.#varianceTimes4', 'the time-out has a floor'],
  [
    'this.#setRto((this.#smoothedTimes8 >> 3) + Math.max(this.#bounds.minimumRto, this.#varianceTimes4))',
    'this.#setRto((this.#smoothedTimes8 >> 3) + this.#varianceTimes4)',
    'the time-out has a floor',
  ],
  [
    'Math.min(Math.max(microseconds, this.#bounds.minimumRto), this.#bounds.maximumRto)',
    'Math.min(microseconds, this.#bounds.maximumRto)',
    '#setRto keeps',
  ],
  [
    'Math.min(Math.max(microseconds, this.#bounds.minimumRto), this.#bounds.maximumRto)',
    'Math.max(microseconds, this.#bounds.minimumRto)',
    'the time-out has a floor',
  ],
  [
    '    this.#base = Math.min(Math.max(microseconds, this.#bounds.minimumRto), this.#bounds.maximumRto);\n    this.#applyBackoff();\n',
    '    this.#base = Math.min(Math.max(microseconds, this.#bounds.minimumRto), this.#bounds.maximumRto);\n',
    'the first sample R',
  ],
  ['this.#base * 2 ** this.#backoff, this', 'this.#base << this.#backoff, this', 'the time-out stays at the ceiling'],
  [
    'this.#base * 2 ** this.#backoff, this',
    'this.#base * (1 << this.#backoff), this',
    'the time-out stays at the ceiling',
  ],
  ['this.#base * 2 ** this.#backoff, this', 'this.#base * 2 * this.#backoff, this', 'each time-out doubles the next'],
];
