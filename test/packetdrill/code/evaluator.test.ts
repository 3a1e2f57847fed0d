import { expect } from 'chai';
import { CodeRunner } from '../../../src/packetdrill/code/code-runner.js';
import { evaluate } from '../../../src/packetdrill/code/evaluator.js';

const NAMES: Record<string, number> = { cwnd: 10, rtt: 2500, state: 1 };
const names = (name: string) => NAMES[name];
const value = (text: string) => evaluate(text, names);

describe('packetdrill: code of a script', () => {
  const CASES: readonly (readonly [string, unknown])[] = [
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['7 // 2', 3],
    ['-7 // 2', -4],
    ['-7 % 3', 2],
    ['7 / 2', 3.5],
    ['0x7fffffff', 0x7fffffff],
    ['0xffffffff & 0xff00', 0xff00],
    ['1 << 33', 2 ** 33],
    ['1 | 6', 7],
    ['~5', -6],
    ['cwnd == 10', true],
    ['cwnd != 10', false],
    ['9 < cwnd <= 10', true],
    ['9 < cwnd < 10', false],
    ['not cwnd == 9', true],
    ['cwnd == 9 or rtt > 2000', true],
    ['cwnd == 10 and rtt > 3000', false],
    ['not 0 and 1', 1],
    ['abs(0 - 5) + min(1, 2) + max(1, 2) + int(2.7)', 10],
    ['True', true],
    ["'a' == 'a'", true],
    ["'1' == 1", false],
  ];
  for (const [text, expected] of CASES) {
    it(`${text} is ${expected}`, () => expect(value(text)).to.equal(expected));
  }

  it('refuses what it does not understand', () => {
    expect(() => value('tcpi_unknown')).to.throw('no value for tcpi_unknown');
    expect(() => value('open("x")')).to.throw();
    expect(() => value('1 +')).to.throw('cut short');
    expect(() => value('[1, 2]')).to.throw('is not understood');
    expect(() => value('1 2')).to.throw('"2" is not understood');
  });

  const outcomes = (code: string, runner = new CodeRunner()) =>
    runner.run(code, names).map(({ outcome, line }) => `${line}:${outcome}`);

  it('tells what passed, what failed and what could not be checked, with its line', () => {
    expect(outcomes('\nassert cwnd == 10, cwnd\nassert cwnd == 11\nassert nothing == 1')).to.deep.equal([
      '1:passed',
      '2:failed',
      '3:not checked',
    ]);
  });

  it('says which values made an assertion fail', () => {
    const [failed] = new CodeRunner().run('assert cwnd < 9 and rtt > 0', names);
    expect(failed?.detail).to.equal('cwnd is 10, rtt is 2500');
  });

  it('never takes a statement that it does not understand for passed', () => {
    expect(outcomes('if cwnd > 3:\n  assert False\n  x = 1\nassert cwnd == 10')).to.deep.equal([
      '0:not checked',
      '3:passed',
    ]);
    expect(outcomes('if cwnd > 30: x = 1; assert False\nelse:\n\n  assert True')).to.deep.equal([
      '0:not checked',
      '1:not checked',
    ]);
    expect(outcomes('for i in range(3): pass')).to.deep.equal(['0:not checked']);
    for (const text of [
      '1 / 0',
      '1 // 0',
      '1 % 0',
      '1 << 10 ** 9',
      '1 << 1000',
      '1 << -1',
      '1.5 | 2',
      'constructor()',
    ]) {
      expect(outcomes(`assert ${text}`), text).to.deep.equal(['0:not checked']);
    }
  });

  it('is not troubled by code that is long or deep', () => {
    const deep = 20_000;
    expect(outcomes(`assert ${'('.repeat(deep)}1${')'.repeat(deep)}`)).to.deep.equal(['0:not checked']);
    expect(outcomes(`assert ${'not '.repeat(deep)}1`)).to.deep.equal(['0:not checked']);
    expect(outcomes(`assert ${'-'.repeat(deep)}1`)).to.deep.equal(['0:not checked']);
    expect(outcomes(`assert ${'1 + '.repeat(deep)}1`)).to.deep.equal(['0:passed']);
  });

  it('keeps variables from one piece of code to the next', () => {
    const runner = new CodeRunner();
    expect(outcomes('x = cwnd', runner)).to.deep.equal([]);
    expect(outcomes('x += 5; assert x == 15', runner)).to.deep.equal(['0:passed']);
    expect(outcomes('y = nothing; assert y == 1', runner)).to.deep.equal(['0:not checked', '0:not checked']);
  });

  it('reads comments, continued lines and messages', () => {
    expect(outcomes("assert cwnd == 10, 'cwnd=%d; # no' % cwnd  # a comment; assert False")).to.deep.equal([
      '0:passed',
    ]);
    expect(outcomes('assert cwnd == 10 and \\\n  rtt == 2500')).to.deep.equal(['0:passed']);
    expect(outcomes('assert (cwnd == 10 and\n  rtt == 2500)')).to.deep.equal(['0:passed']);
    expect(outcomes('print(cwnd); import sys')).to.deep.equal([]);
  });
});
