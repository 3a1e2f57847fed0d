/**
 * Requests that are wrong in a few places, into our parser and into llhttp: a short run of scripts/fuzz-requests, with
 * a seed. And the fuzz itself: it must notice a parser that is too lenient.
 */
import { expect } from 'chai';
import { differenceOf, isStricter } from '../support/request-fuzz/compare.js';
import { RequestGenerator } from '../support/request-fuzz/generate.js';
import { type End, isBeyondLlhttp, LlhttpReader, OurReader } from '../support/request-fuzz/readers.js';

const INPUTS = 4_000;

/** Differences from llhttp in the first inputs of a seed, and what llhttp refused for no known reason. */
function fuzz(seed: number, inputs: number, toOurs = (text: string) => text): { differences: string[]; taken: number } {
  const generator = new RequestGenerator(seed);
  const ours = new OurReader(false);
  const llhttp = new LlhttpReader();
  const differences: string[] = [];
  let taken = 0;
  for (let i = 0; i < inputs; i++) {
    const text = generator.next();
    const our = ours.read(Buffer.from(toOurs(text), 'latin1'));
    const their = llhttp.read(Buffer.from(text, 'latin1'));
    const isUnexplained = isStricter(their, our) && !isBeyondLlhttp(text);
    const difference = differenceOf(our, their) ?? (isUnexplained ? `llhttp: ${llhttp.reason}` : undefined);
    if (difference !== undefined) differences.push(`${difference}: ${JSON.stringify(text)}`);
    taken += our.requests.length;
  }
  return { differences, taken };
}

describe('requests that are wrong in a few places', () => {
  it('are taken for the same requests by us and by llhttp', () => {
    const { differences, taken } = fuzz(1, INPUTS);
    expect(differences).to.deep.equal([]);
    expect(taken).to.be.greaterThan(INPUTS / 2);
  });

  for (const [what, lenient] of [
    ['takes bare LF for the end of a line', (text: string) => text.replace(/(?<!\r)\n/g, '\r\n')],
    ['takes a space in front of a colon', (text: string) => text.replaceAll(' :', ':')],
    ['takes "+5" for a length', (text: string) => text.replaceAll(': +', ': ')],
    ['takes the first of two lengths', (text: string) => text.replaceAll(/, 5$/gm, '')],
    ['undoes folding', (text: string) => text.replace(/\r\n[ \t]+/g, ' ')],
  ] as const) {
    it(`would show a parser that ${what}`, () => {
      expect(fuzz(2, INPUTS, lenient).differences).not.to.deep.equal([]);
    });
  }
});

describe('two readings of the same bytes', () => {
  const rows: readonly (readonly [ours: string, end: End, theirs: string, theirEnd: End, isDifferent: boolean])[] = [
    ['a b', 'between', 'a b', 'between', false],
    ['a b', 'between', 'a c', 'between', true],
    ['a b', 'between', 'a', 'within', true],
    ['a b', 'between', 'a', 'between', true],
    ['a b', 'between', 'a', 'refused', false],
    ['a b', 'between', 'a', 'closed', false],
    ['a', 'within', 'a b', 'between', true],
    ['a', 'between', 'a b', 'between', true],
    ['a', 'refused', 'a b', 'between', false],
    ['a', 'closed', 'a b', 'between', false],
    ['', 'refused', '', 'within', false],
  ];
  for (const [ours, end, theirs, theirEnd, isDifferent] of rows) {
    it(`"${ours}" (${end}) and "${theirs}" (${theirEnd}) ${isDifferent ? 'are a danger' : 'are none'}`, () => {
      const reading = (requests: string, of: End) => ({ requests: requests.split(' ').filter(Boolean), end: of });
      expect(differenceOf(reading(ours, end), reading(theirs, theirEnd)) !== undefined).to.equal(isDifferent);
    });
  }
});
