/** What `fastpath stat` shows, of two answers of a control socket. */
import { expect } from 'chai';
import { nameFilter, type StatSample, sampleOf, statRows } from '../../src/admin/stat.js';
import { linesOf } from '../../src/cli/stat.js';
import { snapshotToJson } from '../../src/serve/snapshot.js';
import { SNAPSHOT } from '../support/server-facts.js';

const START = Date.UTC(2026, 0, 1);

function sample(second: number, values: Readonly<Record<string, number>>): StatSample {
  return { time: START + 1_000 * second, uptimeSeconds: second, values: new Map(Object.entries(values)) };
}

describe('fastpath stat', () => {
  it('reads counters, cache and disk from the answer of a server', () => {
    const { values, uptimeSeconds } = sampleOf(JSON.parse(JSON.stringify(snapshotToJson(SNAPSHOT))));
    expect(uptimeSeconds).to.equal(61);
    expect(values.get('http.requests')).to.equal(12_345);
    expect(values.get('cache.limitBytes')).to.equal(SNAPSHOT.cache.limitBytes);
    expect(values.get('supply.bytesRead')).to.equal(0);
  });

  it('finds none in the answer of a server that is starting', () => {
    expect(() => sampleOf({})).to.throw(TypeError, 'starting');
  });

  it('has a rate and an average for a counter, and neither for a level', () => {
    const before = sample(10, { 'http.requests': 100, 'connections.open': 7 });
    const rows = statRows(sample(12, { 'http.requests': 160, 'connections.open': 5, 'http.ok': 6 }), before);
    expect(rows).to.deep.equal([
      { name: 'http.requests', value: 160, perSecond: 30, average: 160 / 12 },
      { name: 'connections.open', value: 5 },
      { name: 'http.ok', value: 6, average: 0.5 },
    ]);
  });

  it('has no rate where a new process began to count again', () => {
    const [row] = statRows(sample(1, { 'http.requests': 3 }), sample(0.5, { 'http.requests': 900 }));
    expect(row).to.deep.equal({ name: 'http.requests', value: 3, average: 3 });
  });

  it('filters by patterns: a part of a name, * for anything, ! for not', () => {
    const names = ['http.requests', 'http.payloadBytes', 'stack.tcp.timeouts', 'http.idleTimeouts'];
    const passed = (...patterns: string[]) => names.filter(nameFilter(patterns));
    expect(passed()).to.deep.equal(names);
    expect(passed('timeouts')).to.deep.equal(['stack.tcp.timeouts', 'http.idleTimeouts']);
    expect(passed('http.*', '!*bytes')).to.deep.equal(['http.requests', 'http.idleTimeouts']);
    expect(passed('http.re?uests'), 'no other signs').to.deep.equal([]);
  });

  it('prints columns, without zeros unless all are wanted', () => {
    const now = sample(100, { 'http.requests': 12_345, 'http.ok': 0 });
    const rows = statRows(now, sample(99, { 'http.requests': 12_335, 'http.ok': 0 }));
    expect(linesOf(now, rows, {}, undefined)).to.deep.equal([
      'up 100 s, 1 counters',
      'name              now  per second  average',
      'http.requests  12,345          10      123',
    ]);
    expect(linesOf(now, rows, { all: true }, undefined)).to.have.length(4);
  });

  it('shows on a screen the busiest lines that fit, and says how many are left out', () => {
    const names = Array.from({ length: 30 }, (_, i) => `http.c${i}`);
    const at = (second: number) => sample(second, Object.fromEntries(names.map((name, i) => [name, 1 + i * second])));
    const lines = linesOf(at(2), statRows(at(2), at(1)), {}, 12);
    expect(lines).to.have.length(12);
    expect(lines[0]).to.contain('20 quiet ones are not shown');
    expect(lines.at(-1)).to.match(/^http\.c29 /);
  });

  it('is one JSON object for a program', () => {
    const now = sample(2, { 'http.requests': 4 });
    expect(linesOf(now, statRows(now), { json: true }, undefined).map((line) => JSON.parse(line))).to.deep.equal([
      { time: '2026-01-01T00:00:02.000Z', uptimeSeconds: 2, counters: { 'http.requests': { value: 4, average: 2 } } },
    ]);
  });
});
