/** The busiest URLs, clients and statuses, under virtual time. */
import { expect } from 'chai';
import { HALF_LIFE_SECONDS, MOST_KEYS, OTHERS, Top } from '../../src/admin/top.js';
import { topLines } from '../../src/cli/top.js';

const entry = (path: string, status = 200, bytes = 100, client = '192.0.2.1') => ({
  client,
  host: 'a.example',
  path,
  status,
  bytes,
});

describe('fastpath top', () => {
  it('counts by URL, client and status, the busiest first', () => {
    const top = new Top();
    for (let i = 0; i < 6; i++) top.take(entry('/a'));
    for (let i = 0; i < 2; i++) top.take(entry('/b', 404, 5_000, '192.0.2.2'));
    top.turn(2);
    expect(top.rows('url', 'requests', 9)).to.deep.equal([
      { key: 'a.example/a', requestsPerSecond: 3, bytesPerSecond: 300 },
      { key: 'a.example/b', requestsPerSecond: 1, bytesPerSecond: 5_000 },
    ]);
    expect(top.rows('client', 'bytes', 1).map(({ key }) => key)).to.deep.equal(['192.0.2.2']);
    expect(top.rows('status', 'requests', 9).map(({ key }) => key)).to.deep.equal(['200', '404']);
  });

  it('weighs what is newer more: a rate halves in its half-life, and vanishes in the end', () => {
    const top = new Top();
    for (let i = 0; i < 100; i++) top.take(entry('/a'));
    top.turn(1);
    top.turn(HALF_LIFE_SECONDS);
    expect(top.rows('url', 'requests', 1)[0]?.requestsPerSecond).to.be.closeTo(50, 1e-9);
    for (let i = 0; i < 20; i++) top.turn(HALF_LIFE_SECONDS);
    expect(top.rows('url', 'requests', 1)).to.deep.equal([]);
  });

  it('reaches the true rate of a steady load', () => {
    const top = new Top();
    for (let second = 0; second < 60; second++) {
      for (let i = 0; i < 7; i++) top.take(entry('/a'));
      top.turn(1);
    }
    expect(top.rows('url', 'requests', 1)[0]?.requestsPerSecond).to.be.closeTo(7, 1e-9);
  });

  it('remembers so many names and no more, and counts the others together', () => {
    const top = new Top();
    for (let i = 0; i < MOST_KEYS + 50; i++) top.take(entry(`/${i}`));
    top.turn(1);
    expect(top.rows('url', 'requests', MOST_KEYS * 2)).to.have.length(MOST_KEYS + 1);
    expect(top.rows('url', 'requests', 1)[0]).to.include({ key: OTHERS, requestsPerSecond: 50 });
  });

  it('prints what a client sent as text, whatever it is, and what it did not see', () => {
    const top = new Top();
    top.take({ client: '192.0.2.1', line: 'GET \u001b]0;gotcha\u0007', status: 400, bytes: 1 });
    top.turn(1);
    const lines = topLines(top, { requests: 1, missed: 1_200 }, { by: 'requests', lines: 5 });
    expect(lines[0]).to.equal('1 request, and 1,200 more went by unseen');
    expect(lines.join('\n')).to.contain('GET \\x1b]0;gotcha\\x07').and.not.to.contain('\u001b');
  });

  it('is one JSON object for a program', () => {
    const top = new Top();
    top.take(entry('/a'));
    top.turn(1);
    const [line = ''] = topLines(top, { requests: 1, missed: 0 }, { by: 'requests', lines: 5, json: true });
    expect(JSON.parse(line)).to.include({ requests: 1, missed: 0 });
    expect(JSON.parse(line).url).to.deep.equal([{ key: 'a.example/a', requestsPerSecond: 1, bytesPerSecond: 100 }]);
  });
});
