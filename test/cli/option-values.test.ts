import { expect } from 'chai';
import { InvalidArgumentError } from 'commander';
import {
  collectAddresses,
  parseCount,
  parseDuration,
  parseFieldValue,
  parseInterfaceName,
  parseNetwork,
  parseSize,
  parseUnicastMac,
} from '../../src/cli/option-values.js';

/** A table of texts with what they mean; `null` for those that must be refused. */
function table(parse: (text: string) => unknown, rows: readonly (readonly [string, unknown])[]): void {
  for (const [text, expected] of rows) {
    it(`"${text}" is ${expected === null ? 'refused' : expected}`, () => {
      if (expected === null) expect(() => parse(text)).to.throw(InvalidArgumentError);
      else expect(parse(text)).to.equal(expected);
    });
  }
}

describe('option values: sizes', () => {
  table(parseSize, [
    ['0', 0],
    ['4096', 4096],
    ['64k', 65_536],
    ['64K', 65_536],
    ['64KiB', 65_536],
    ['1.5M', 1_572_864],
    ['2gb', 2 ** 31],
    ['', null],
    ['-1', null],
    ['1e9', null],
    ['64 kilo', null],
    ['99999999999999999999', null],
  ]);
});

describe('option values: durations', () => {
  table(parseDuration, [
    ['15', 15_000],
    ['500ms', 500],
    ['1.5s', 1_500],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['', null],
    ['-5s', null],
    ['5d', null],
  ]);
});

describe('option values: counts', () => {
  table(parseCount(1, 64), [
    ['1', 1],
    ['64', 64],
    ['0', null],
    ['65', null],
    ['1.5', null],
    ['0x10', null],
    [' 3', null],
    ['', null],
  ]);
});

describe('option values: names of interfaces', () => {
  table(parseInterfaceName, [
    ['fp0', 'fp0'],
    ['a-b.c_d', 'a-b.c_d'],
    ['exactly15chars_', 'exactly15chars_'],
    ['sixteen_chars_xx', null],
    ['', null],
    ['.', null],
    ['..', null],
    ['a/b', null],
    ['a b', null],
    ['fp%d', null],
    ['ääääääää', null],
  ]);
});

describe('option values: addresses', () => {
  table(
    (text) => String(parseNetwork(text)),
    [
      ['10.77.0.2', '10.77.0.2/24'],
      ['10.77.0.2/30', '10.77.0.2/30'],
      ['fd77::2', 'fd77::2/64'],
      ['10.77.0', null],
      ['10.77.0.2/33', null],
      ['10.77.0.2/', null],
      ['localhost', null],
    ],
  );

  it('are collected when an option is given again', () => {
    expect(collectAddresses('fd77::2', collectAddresses('10.77.0.2', undefined)).map(String)).to.deep.equal([
      '10.77.0.2/24',
      'fd77::2/64',
    ]);
  });

  table(
    (text) => parseUnicastMac(text).join(),
    [
      ['02:66:70:00:00:01', '2,102,112,0,0,1'],
      ['03:66:70:00:00:01', null],
      ['02-66-70-00-00-01', null],
      ['02:66:70', null],
    ],
  );
});

describe('option values: header fields', () => {
  table(parseFieldValue, [
    ['', ''],
    ['fastpath/1 (a test)', 'fastpath/1 (a test)'],
    ['a\r\nX-Y: z', null],
    ['ä', null],
  ]);
});
