import { expect } from 'chai';
import { evaluatePreconditions, ifRangeHolds, tagListMatches } from '../../../src/http/answer/conditional.js';
import { formatHttpDate } from '../../../src/http/grammar/date.js';
import { ascii } from '../../../src/http/grammar/grammar.js';
import { DEFAULT_LIMITS } from '../../../src/http/limits.js';
import { COMPLETE, RequestScanner } from '../../../src/http/request/scanner.js';
import { EXAMPLE_SECONDS } from '../../support/site.js';

const NOW = EXAMPLE_SECONDS + 3600;
const CURRENT = { etag: ascii('"abc"'), lastModifiedSeconds: EXAMPLE_SECONDS };
const EARLIER = formatHttpDate(EXAMPLE_SECONDS - 1);
const SAME = formatHttpDate(EXAMPLE_SECONDS);
const LATER = formatHttpDate(EXAMPLE_SECONDS + 1);

function headWith(fields: readonly string[]): RequestScanner {
  const scanner = new RequestScanner(DEFAULT_LIMITS);
  const bytes = ascii(`GET / HTTP/1.1\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`);
  scanner.begin(bytes, 0);
  expect(scanner.scan(bytes.length)).to.equal(COMPLETE);
  return scanner;
}

function matches(list: string, weakly: boolean, etag = '"abc"'): boolean {
  const bytes = ascii(`"${list}"`);
  return tagListMatches(bytes, 1, bytes.length - 1, ascii(etag), weakly);
}

describe('preconditions', () => {
  const rows: readonly (readonly [fields: readonly string[], expected: number])[] = [
    [[], 0],
    [['If-Match: "abc"'], 0],
    [['If-Match: "x", "abc"'], 0],
    [['If-Match: "x"', 'If-Match: "abc"'], 0],
    [['If-Match: *'], 0],
    [['If-Match: "x"'], 412],
    [['If-Match: W/"abc"'], 412],
    [['If-Match:'], 412],
    [['If-None-Match: "abc"'], 304],
    [['If-None-Match: W/"abc"'], 304],
    [['If-None-Match: "x", W/"abc", "y"'], 304],
    [['If-None-Match: "x"', 'If-None-Match: "abc"'], 304],
    [['If-None-Match: *'], 304],
    [['If-None-Match: "x"'], 0],
    [['If-None-Match: abc'], 0],
    [[`If-Modified-Since: ${SAME}`], 304],
    [[`If-Modified-Since: ${LATER}`], 304],
    [[`If-Modified-Since: ${EARLIER}`], 0],
    [['If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT'], 304],
    [['If-Modified-Since: yesterday'], 0],
    [[`If-Modified-Since: ${formatHttpDate(NOW)}`], 304],
    [[`If-Modified-Since: ${formatHttpDate(NOW + 1)}`], 0],
    [[`If-Modified-Since: ${SAME}`, `If-Modified-Since: ${SAME}`], 0],
    [[`If-Unmodified-Since: ${SAME}`], 0],
    [[`If-Unmodified-Since: ${LATER}`], 0],
    [[`If-Unmodified-Since: ${EARLIER}`], 412],
    [['If-Unmodified-Since: tomorrow'], 0],
    // The order of RFC 9110 section 13.2.2: entity-tags win over dates, "match" comes before "none match".
    [['If-None-Match: "x"', `If-Modified-Since: ${SAME}`], 0],
    [['If-None-Match: "abc"', `If-Modified-Since: ${EARLIER}`], 304],
    [['If-Match: "abc"', `If-Unmodified-Since: ${EARLIER}`], 0],
    [['If-Match: "x"', `If-Unmodified-Since: ${SAME}`], 412],
    [['If-Match: "x"', 'If-None-Match: "abc"'], 412],
    [['If-Match: "abc"', 'If-None-Match: "abc"'], 304],
    [[`If-Unmodified-Since: ${EARLIER}`, 'If-None-Match: "abc"'], 412],
  ];
  for (const [fields, expected] of rows) {
    it(`${fields.join(' | ') || 'none'}: ${expected === 0 ? 'go on' : expected}`, () => {
      expect(evaluatePreconditions(headWith(fields), CURRENT, NOW)).to.equal(expected);
    });
  }

  it('compare a weak tag of ours weakly: If-Match and If-Range never hold, but for *', () => {
    const weak = { ...CURRENT, hasWeakTag: true };
    const verdict = (field: string) => evaluatePreconditions(headWith([field]), weak, NOW);
    expect(['"abc"', 'W/"abc"', '*'].map((tag) => verdict(`If-Match: ${tag}`))).to.deep.equal([412, 412, 0]);
    expect(['"abc"', 'W/"abc"', '"x"'].map((tag) => verdict(`If-None-Match: ${tag}`))).to.deep.equal([304, 304, 0]);
    for (const tag of ['"abc"', 'W/"abc"'])
      expect(ifRangeHolds(headWith([`If-Range: ${tag}`]), weak, NOW)).to.equal(false);
  });

  it('of dates are ignored where the object has none, those of tags fail where it has none', () => {
    const bare = { etag: ascii(''), lastModifiedSeconds: -1 };
    const evaluate = (field: string) => evaluatePreconditions(headWith([field]), bare, NOW);
    expect(evaluate(`If-Modified-Since: ${LATER}`)).to.equal(0);
    expect(evaluate(`If-Unmodified-Since: ${EARLIER}`)).to.equal(0);
    expect(evaluate('If-Match: ""')).to.equal(412);
    expect(evaluate('If-Match: "abc"')).to.equal(412);
    expect(evaluate('If-None-Match: "abc"')).to.equal(0);
  });
});

describe('a list of entity-tags', () => {
  for (const list of ['"abc"', ' "abc"', '"x","abc"', ',, "abc" ,', '"x" , W/"y" , "abc"', '"a,b", "abc"']) {
    it(`<${list}> has "abc"`, () => {
      expect(matches(list, true)).to.equal(true);
      expect(matches(list, false)).to.equal(true);
    });
  }
  for (const list of [
    '',
    '"ab"',
    '"abcd"',
    'abc',
    '"abc',
    'w/"abc"',
    '"x" "abc"',
    '"x";"abc"',
    '"a b", "abc"',
    '*, "x"',
  ]) {
    it(`<${list}> has not`, () => {
      expect(matches(list, true)).to.equal(false);
    });
  }
  it('may have tags with commas and asterisks in them', () => {
    expect(matches('"a,b"', true, '"a,b"')).to.equal(true);
    expect(matches('"x", "*"', true, '"*"')).to.equal(true);
  });
});

describe('If-Range', () => {
  const rows: readonly (readonly [fields: readonly string[], expected: boolean])[] = [
    [[], true],
    [['If-Range: "abc"'], true],
    [['If-Range: W/"abc"'], false],
    [['If-Range: "x"'], false],
    [['If-Range: "abc", "x"'], false],
    [['If-Range: *'], false],
    [['If-Range:'], false],
    [[`If-Range: ${SAME}`], true],
    [[`If-Range: ${EARLIER}`], false],
    [[`If-Range: ${LATER}`], false],
    [['If-Range: "abc"', 'If-Range: "abc"'], false],
  ];
  for (const [fields, expected] of rows) {
    it(`${fields.join(' | ') || 'none'}: ${expected ? 'the range counts' : 'it does not'}`, () => {
      expect(ifRangeHolds(headWith(fields), CURRENT, NOW)).to.equal(expected);
    });
  }

  it('does not trust a date of this very second', () => {
    expect(ifRangeHolds(headWith([`If-Range: ${SAME}`]), CURRENT, EXAMPLE_SECONDS)).to.equal(false);
  });
});
