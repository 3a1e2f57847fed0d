import { expect } from 'chai';
import { Coding } from '../../../src/cache/object/record.js';
import {
  addValue,
  beginTable,
  choose,
  finishTable,
  NONE_ACCEPTABLE,
} from '../../../src/http/grammar/accept-encoding.js';

const { identity, gzip, brotli, zstd } = Coding;

function tableOf(...lines: readonly string[]): number {
  beginTable();
  for (const line of lines) {
    const bytes = Buffer.from(`Accept-Encoding: ${line}\r\n`, 'latin1');
    addValue(bytes, 17, bytes.length - 2);
  }
  return finishTable();
}

/** What `value` chooses from a file with these variants. */
function chosen(value: string, ...codings: readonly number[]): number {
  return choose(
    tableOf(value),
    codings.reduce((set, coding) => set | (1 << coding), 0),
  );
}

describe('http/grammar/accept-encoding', () => {
  const all = [gzip, brotli, zstd];
  const cases: readonly (readonly [value: string, variants: readonly number[], answer: number])[] = [
    ['gzip, deflate, br, zstd', all, brotli],
    ['gzip, deflate, br, zstd', [gzip, zstd], zstd],
    ['gzip, deflate, br, zstd', [gzip], gzip],
    ['gzip, deflate, br, zstd', [], identity],
    ['gzip, deflate', all, gzip],
    ['', all, identity],
    ['identity', all, identity],
    ['deflate', all, identity],
    ['br;q=0.5, gzip;q=0.8', all, gzip],
    ['br;q=0.8,gzip;q=0.8', all, brotli],
    ['br;q=0, gzip', all, gzip],
    ['br;q=0.001', all, brotli],
    ['br;q=0.000', all, identity],
    ['BR ; Q=1.000', all, brotli],
    ['x-gzip', all, gzip],
    ['*', all, brotli],
    ['*;q=0.1', all, brotli],
    ['gzip;q=0.3, *;q=0.1', all, gzip],
    ['br;q=0, *', all, zstd],
    // A weight of its own makes identity better than what has less.
    ['identity, gzip;q=0.5', all, identity],
    ['identity;q=0.5, gzip;q=0.5', all, gzip],
    ['gzip;q=0.5, *', [gzip], identity],
    // Only an exclusion makes it unacceptable.
    ['identity;q=0', [], NONE_ACCEPTABLE],
    ['identity;q=0', all, NONE_ACCEPTABLE],
    ['identity;q=0, br', [gzip], NONE_ACCEPTABLE],
    ['identity;q=0, br', all, brotli],
    ['*;q=0', all, NONE_ACCEPTABLE],
    ['*;q=0, identity;q=0.1', all, identity],
    ['*;q=0, gzip', all, gzip],
    ['gzip;q=0', all, identity],
    // A member with a mistake counts as if it were not there.
    ['br;q=2, gzip', all, gzip],
    ['br;q=0.1234, gzip', all, gzip],
    ['br;q=1.001', all, identity],
    ['br;q=-1', all, identity],
    ['br;q=', all, identity],
    ['br;level=3', all, identity],
    ['br gzip', all, identity],
    ['brx, xbr', all, identity],
    [',, ,br,,', all, brotli],
    ['\tbr\t;\tq=1\t', all, brotli],
    ['br;q=0.5, br;q=0', all, identity],
  ];
  for (const [value, variants, answer] of cases) {
    it(`"${value}" chooses ${answer} of [${variants.join(', ')}]`, () => {
      expect(chosen(value, ...variants)).to.equal(answer);
    });
  }

  it('takes several lines as one list', () => {
    expect(choose(tableOf('gzip', 'br;q=0.5'), (1 << gzip) | (1 << brotli))).to.equal(gzip);
    expect(choose(tableOf('gzip', '*;q=0'), 1 << brotli)).to.equal(NONE_ACCEPTABLE);
  });

  it('agrees with a plain reading of the RFC for every set of variants and weights', () => {
    const weights = ['', ';q=0', ';q=0.5', ';q=1', undefined];
    for (const [g, b, i, any] of combinations(weights)) {
      const members = { gzip: g, br: b, identity: i, '*': any };
      const value = Object.entries(members)
        .flatMap(([name, weight]) => (weight === undefined ? [] : [name + weight]))
        .join(', ');
      for (const variants of [[], [gzip], [brotli], [gzip, brotli]]) {
        expect(chosen(value, ...variants), `${value} of ${variants.join()}`).to.equal(plainly(members, variants));
      }
    }
  });
});

function* combinations(weights: readonly (string | undefined)[]): Generator<(string | undefined)[]> {
  for (const g of weights)
    for (const b of weights) for (const i of weights) for (const any of weights) yield [g, b, i, any];
}

/** RFC 9110 section 12.5.3 as a list of candidates, the best one first. */
function plainly(members: Record<string, string | undefined>, variants: readonly number[]): number {
  const weigh = (name: string): number | undefined => {
    const text = members[name] ?? members['*'];
    return text === undefined ? undefined : text === '' ? 1 : Number(text.slice(3));
  };
  const tokens: readonly (readonly [number, string])[] = [
    [brotli, 'br'],
    [gzip, 'gzip'],
  ];
  const candidates = tokens
    .filter(([coding]) => variants.includes(coding))
    .map(([coding, token]) => ({ coding: coding as number, weight: weigh(token) ?? 0 }))
    .filter(({ weight }) => weight > 0);
  const own = weigh('identity');
  if (own !== 0) candidates.push({ coding: identity, weight: own ?? 0.0001 });
  const best = candidates.reduce((most, { weight }) => Math.max(most, weight), 0);
  return candidates.find(({ weight }) => weight === best)?.coding ?? NONE_ACCEPTABLE;
}
