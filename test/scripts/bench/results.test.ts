import { expect } from 'chai';
import { checkAims } from '../../../scripts/bench/aims.js';
import type { Measurement } from '../../../scripts/bench/measure.js';
import { aimsTable, alignColumns, figure, latency, report, workloadTable } from '../../../scripts/bench/report.js';
import { makeRow, nginxAtItsBest } from '../../../scripts/bench/results.js';

function measured(requestsPerSecond: number, cpu: number, clientPercent = 50): Measurement {
  const zero = { p50: 100, p99: 200, bothCores: 2 * cpu, otherPercent: 1, residentBytes: 5e6, errors: 0 };
  const bytesPerSecond = requestsPerSecond * 100;
  return {
    ...zero,
    requestsPerSecond,
    bytesPerSecond,
    serverUser: cpu / 4,
    serverSystem: (cpu * 3) / 4,
    clientPercent,
  };
}

const ROWS = [
  makeRow('fastpath', '100B', [measured(150_000, 3), measured(160_000, 4), measured(200_000, 5)]),
  makeRow('nginx', '100B', [measured(80_000, 8)]),
  makeRow('nginx-writev', '100B', [measured(100_000, 10, 99)]),
];

describe('bench results', () => {
  it('are medians figure by figure, with the spread of rate and CPU time', () => {
    expect(ROWS[0]!.median.requestsPerSecond).to.equal(160_000);
    expect(ROWS[0]!.median.serverUser).to.equal(1);
    expect(ROWS[0]!.rateSpread).to.equal(15.625);
    expect(ROWS[0]!.cpuSpread).to.equal(25);
  });

  it('have the best round beside the median', () => {
    expect(ROWS[0]).to.include({ bestRate: 200_000, bestCpu: 3 });
  });

  it('hold nginx at its best: the best rate of one row, the least CPU time of another', () => {
    expect(nginxAtItsBest(ROWS, '100B')).to.deep.equal({ rate: 100_000, rateSpread: 0, cpu: 8 });
    expect(nginxAtItsBest(ROWS, '1MiB')).to.equal(undefined);
  });

  it('meet an aim or miss it, and are silent on aims without both rows', () => {
    const quiet = [makeRow('fastpath', '100B', [measured(131_000, 6), measured(135_000, 6)]), ...ROWS.slice(1)];
    expect(checkAims(quiet).map(({ verdict }) => verdict)).to.deep.equal(['met']);
    expect(checkAims(quiet)[0]).to.include({ wanted: 1.3, found: 1.33 });
    const slow = [makeRow('fastpath', '100B', [measured(129_000, 6)]), ...ROWS.slice(1)];
    expect(checkAims(slow).map(({ verdict }) => verdict)).to.deep.equal(['MISSED']);
  });

  it('compare with the floor, by rate and by the CPU time of our own code', () => {
    const rows = [
      makeRow('fastpath', '100B', [measured(96_000, 8)]),
      makeRow('fastpath-plain', '100B', [measured(94_000, 8)]),
      makeRow('floor', '100B', [measured(100_000, 3.2)]),
    ];
    const found = (callNanoseconds: number) => checkAims(rows, [], callNanoseconds).map(({ verdict }) => verdict);
    expect(found(200), 'rate, user time').to.deep.equal(['met', 'MISSED']);
    expect(found(1_200), 'ring, plain, user time').to.deep.equal(['MISSED', 'MISSED', 'MISSED']);
  });

  it('get no verdict if their rounds lie more than 15 % from the median', () => {
    const restless = [makeRow('fastpath', '100B', [measured(120_000, 6), measured(170_000, 6)]), ...ROWS.slice(1)];
    const aims = checkAims(restless);
    expect(aims.map(({ verdict }) => verdict)).to.deep.equal(['no verdict']);
    expect(aimsTable(aims)).to.match(/No verdict on 1 of 1 aims: .* more than ±15 % apart/);
  });

  it('hold growth against the first amount, with that of nginx beside it', () => {
    const row = (server: 'fastpath' | 'nginx', count: number, cpu: number, spread = 2) => {
      return { kind: 'connections' as const, server, count, cpu, best: cpu, spread, user: 1, residentBytes: 1e6 };
    };
    const rows = [row('fastpath', 10_000, 5.6), row('nginx', 10_000, 13), row('fastpath', 32, 5), row('nginx', 32, 10)];
    const [aim] = checkAims([], rows);
    expect(aim).to.include({ text: '32 to 10,000 connections: CPU ×, at most', verdict: 'met', theirs: 1.3 });
    expect(aim!.found).to.be.closeTo(1.12, 0.001);
    expect(checkAims([], [row('fastpath', 32, 5), row('fastpath', 10_000, 6)])[0]!.verdict).to.equal('MISSED');
    expect(checkAims([], [row('fastpath', 32, 5), row('fastpath', 10_000, 5, 16)])[0]!.verdict).to.equal('no verdict');
  });

  it('are shown as a table whose columns line up, with a mark where the client was the limit', () => {
    const lines = workloadTable(ROWS, '100B').split('\n');
    expect(lines).to.have.length(5);
    expect(lines[1]!.indexOf('req/s') + 5).to.equal(lines[2]!.indexOf('160,000') + 7);
    expect(lines[2]).to.include('200,000');
    expect(lines[4]).to.include('99*').and.to.include('1.00');
    expect(lines[2]).to.include('1.60');
  });

  it('name what was left out', () => {
    const text = report({
      machine: { 'a system call costs': '0.21 µs' },
      callNanoseconds: 210,
      servers: {},
      rows: ROWS,
      openLoop: [],
      growth: [],
      leftOut: ['h2o: not installed'],
    });
    expect(text).to.include('a system call costs: 0.21 µs');
    expect(text).to.include('Left out:\n  h2o: not installed');
  });
});

describe('bench figures', () => {
  it('have three digits that matter', () => {
    expect([1234.5, 123.4, 12.34, 1.234, 0.1234].map(figure)).to.deep.equal(['1,235', '123', '12.3', '1.23', '0.12']);
    expect(figure(Number.NaN)).to.equal('–');
    expect(latency(950)).to.equal('950 µs');
    expect(latency(25_000)).to.equal('25.0 ms');
  });

  it('stand to the right under their headings', () => {
    expect(
      alignColumns([
        ['a', 'bb'],
        ['ccc', 'd'],
      ]),
    ).to.equal('a    bb\nccc   d');
  });
});
