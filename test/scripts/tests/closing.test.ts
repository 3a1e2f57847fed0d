import { expect } from 'chai';
import { closingLines, filesToRunAgain, sum, withSecondRun } from '../../../scripts/tests/closing.js';
import { emptyResult } from '../../../scripts/tests/reporter.js';
import { concerned } from '../../../scripts/tests/watch.js';

const run = { ...emptyResult('a.test.js', false), passed: 3, failed: 1, skipped: 2 };

describe('the closing lines of a test run', () => {
  it('add up the processes, and count a file inside a namespace once', () => {
    const inside = { ...run, nested: true, passed: 40 };
    expect(sum([run, { ...run, failed: 0 }, inside])).to.include({ passed: 6, failed: 1, skipped: 4 });
  });

  it('name what was slow and what was flaky, inside a namespace too, the slowest first', () => {
    const inside = {
      ...run,
      nested: true,
      slow: [{ title: 'serves', ms: 2500 }],
      flaky: [{ title: 'drains', message: 'Error: late\n    at here' }],
    };
    const lines = closingLines(sum([{ ...run, slow: [{ title: 'mutates', ms: 2100 }] }, inside]));
    expect(lines).to.deep.equal([
      'Slow tests (over 2 s):',
      '  2.5 s  serves',
      '  2.1 s  mutates',
      'Flaky tests (passed at the second try only):',
      '  drains',
      '    Error: late',
      '        at here',
      '3 passed, 1 failed, 2 skipped',
    ]);
  });

  it('repeat what failed right before the counts, each message cut to its two ends', () => {
    const message = `Error: ${'a'.repeat(5_000)}\n    at here`;
    const lines = closingLines(sum([{ ...run, failures: [{ title: 'replays', message }] }]));
    expect(lines.slice(0, 2)).to.deep.equal(['Failed tests:', '  replays']);
    expect(lines.slice(-3)).to.deep.equal([
      `    ${'a'.repeat(1_988)}`,
      '        at here',
      '3 passed, 1 failed, 2 skipped',
    ]);
    expect(lines).to.include('    …');
  });

  it('name the slowest 40 tests, and say how many more there are', () => {
    const slow = Array.from({ length: 42 }, (_, index) => ({ title: `number ${index}`, ms: 3_000 + index }));
    const lines = closingLines(sum([{ ...run, slow }]));
    expect(lines.slice(0, 2)).to.deep.equal(['Slow tests (over 2 s):', '  3.0 s  number 41']);
    expect(lines.at(-2)).to.equal('  and 2 more');
  });

  it('are the counts alone when all is well', () => {
    expect(closingLines({ ...run, failed: 0 })).to.deep.equal(['3 passed, 0 failed, 2 skipped']);
  });
});

describe('the second run of files with a failure', () => {
  const late = { title: 'drains', message: 'Error: late' };
  const wrong = { title: 'counts', message: 'Error: wrong' };
  const first = [
    { ...run, failed: 0 },
    { ...run, file: 'b.test.js', failed: 2, failures: [late, wrong] },
    { ...run, file: 'b.test.js', nested: true, failures: [late] },
    { ...run, file: '', failures: [{ title: 'of no file', message: 'x' }] },
  ];

  it('is for each file once, and for no file that all was well with', () => {
    expect(filesToRunAgain(first)).to.deep.equal(['b.test.js']);
  });

  const well = { ...run, file: 'b.test.js', passed: 5, failed: 0 };

  it('counts instead of the first if all is well in it, and names as flaky what had failed', () => {
    const after = sum(withSecondRun(first, [well, { ...well, nested: true }]));
    expect(after).to.include({ passed: 11, failed: 1, skipped: 6 });
    expect(after.flaky).to.have.deep.members([late, wrong]);
    expect(after.failures).to.deep.equal([{ title: 'of no file', message: 'x' }]);
  });

  it('leaves the failures of a file that fails again, if in another test', () => {
    const other = { ...well, failed: 1, failures: [{ title: 'another', message: 'x' }] };
    const after = sum(withSecondRun(first, [other]));
    expect([after.failed, after.flaky]).to.deep.equal([3, []]);
    expect(after.failures).to.deep.include.members([late, wrong]);
  });

  it('leaves the failures of a file that skips what failed, inside a namespace too, or skips all', () => {
    const skips = [
      [{ ...well, skips: ['counts'] }],
      [well, { ...well, nested: true, skips: ['drains'] }],
      [{ ...well, passed: 0, skipped: 5 }],
    ];
    for (const second of skips)
      expect(sum(withSecondRun(first, second)).failures).to.deep.include.members([late, wrong]);
  });

  it('leaves the failures of a file that it could not run', () => {
    expect(sum(withSecondRun(first, [])).failures).to.deep.include.members([late, wrong]);
  });
});

describe('what a change concerns', () => {
  const tests = [
    'dist/test/net/ip/route.test.js',
    'dist/test/net/tcp/state.test.js',
    'dist/test/net/tcp/send/mss.test.js',
  ];

  it('is a changed test itself', () => {
    expect(concerned(['dist/test/net/ip/route.test.js'], tests)).to.deep.equal(['dist/test/net/ip/route.test.js']);
  });

  it('is the folder that mirrors a changed source, or the nearest above it', () => {
    expect(concerned(['dist/src/net/tcp/send/emit.js'], tests)).to.deep.equal(['dist/test/net/tcp/send/mss.test.js']);
    expect(concerned(['dist/src/net/tcp/life/open.js'], tests)).to.have.members(tests.slice(1));
  });

  it('is nothing for what no test mirrors', () => {
    expect(concerned(['dist/scripts/bench/run.js', 'dist/src/cli.js'], tests)).to.deep.equal([]);
  });
});
