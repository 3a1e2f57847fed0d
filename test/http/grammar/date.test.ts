import { expect } from 'chai';
import fc from 'fast-check';
import { formatHttpDate, parseHttpDate } from '../../../src/http/grammar/date.js';
import { ascii } from '../../../src/http/grammar/grammar.js';

const EXAMPLE = 784111777;

function parse(text: string, now = EXAMPLE): number {
  const bytes = ascii(`..${text}..`);
  return parseHttpDate(bytes, 2, bytes.length - 2, now);
}

describe('HTTP dates', () => {
  it('prints the example of RFC 9110', () => {
    expect(formatHttpDate(EXAMPLE)).to.equal('Sun, 06 Nov 1994 08:49:37 GMT');
  });

  it('reads all three forms of the example', () => {
    expect(parse('Sun, 06 Nov 1994 08:49:37 GMT')).to.equal(EXAMPLE);
    expect(parse('Sunday, 06-Nov-94 08:49:37 GMT')).to.equal(EXAMPLE);
    expect(parse('Sun Nov  6 08:49:37 1994')).to.equal(EXAMPLE);
    expect(parse('Wed Nov 16 08:49:37 1994')).to.equal(EXAMPLE + 10 * 86400);
  });

  it('prints every second as Date does, and reads it back', () => {
    const years = { min: -62135596800, max: 253402300799 }; // year 1 to 9999
    fc.assert(
      fc.property(fc.integer(years), (seconds) => {
        const text = formatHttpDate(seconds);
        expect(text).to.equal(new Date(seconds * 1000).toUTCString());
        expect(parse(text)).to.equal(seconds);
      }),
    );
  });

  it('takes a two-digit year more than 50 years ahead for one in the past', () => {
    expect(parse('Sunday, 06-Nov-94 08:49:37 GMT', Date.UTC(2026, 0) / 1000)).to.equal(EXAMPLE);
    expect(parse('Wednesday, 06-Nov-75 08:49:37 GMT', Date.UTC(2026, 0) / 1000)).to.equal(
      Date.UTC(2075, 10, 6, 8, 49, 37) / 1000,
    );
  });

  it('takes a leap second', () => {
    expect(parse('Sat, 31 Dec 2016 23:59:60 GMT')).to.equal(Date.UTC(2017, 0) / 1000);
  });

  for (const wrong of [
    '',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 UTC',
    'Sun, 06 nov 1994 08:49:37 GMT',
    'Son, 06 Nov 1994 08:49:37 GMT',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun, 31 Nov 1994 08:49:37 GMT',
    'Wed, 29 Feb 2023 08:49:37 GMT',
    'Sun, 06 Nov 1994 24:00:00 GMT',
    'Sun, 06 Nov 1994 08:60:00 GMT',
    'Sun, 06 Nov 1994 08:49:37 GMT ',
    'Sun, 06 Nov 1994 08-49-37 GMT',
    'Sunday, 06-Nov-1994 08:49:37 GMT',
    'Someday, 06-Nov-94 08:49:37 GMT',
    'Sun Nov 6 08:49:37 1994',
    'Sun Nov  6 08:49:37 94',
    '784111777784111777784111777',
    '0000-00-00T00:00:00.000+0000Z',
  ]) {
    it(`does not take "${wrong}" for a date`, () => {
      expect(parse(wrong)).to.be.NaN;
    });
  }
});
