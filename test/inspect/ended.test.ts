import { expect } from 'chai';
import { endOf, liveKey } from '../../src/inspect/live-keys.js';
import { type ConnectionRow, newRow } from '../../src/inspect/trace/analyzer.js';
import { EndedConnections } from '../../src/inspect/trace/ended.js';

const SECOND = 1_000_000;
const SERVER = { address: '10.77.0.2', port: 80 };

function row(number: number, wish: Partial<ConnectionRow> = {}): ConnectionRow {
  const client = { address: '10.77.0.1', port: 40_000 + number };
  return { ...newRow({ number, client, server: SERVER, seenAt: '0' }, 0), end: SECOND, ...wish };
}

const keyOf = ({ client, server }: ConnectionRow) => liveKey(endOf(server), endOf(client));

describe('inspect/trace/ended', () => {
  it('a connection is over that the server does not list, and another one is not', () => {
    const [gone, live] = [row(1), row(2)];
    const ended = new EndedConnections();
    ended.note([gone, live], 10 * SECOND, new Set([keyOf(live)]));
    expect([ended.has(gone), ended.has(live)]).to.deep.equal([true, false]);
  });

  it('a frame that comes later shows that it is not over', () => {
    const gone = row(1);
    const ended = new EndedConnections();
    ended.note([gone], 10 * SECOND, new Set());
    gone.end = 11 * SECOND;
    expect(ended.has(gone)).to.equal(false);
    ended.clear();
    ended.note([gone], 20 * SECOND, new Set());
    expect(ended.has(gone)).to.equal(true);
  });

  it('says nothing of a connection whose end was seen, nor of one that has just begun', () => {
    const rows = [row(1, { wasReset: true }), row(2, { clientFinished: true, serverFinished: true }), row(3)];
    const ended = new EndedConnections();
    ended.note(rows, 3 * SECOND, new Set());
    expect(rows.map((each) => ended.has(each))).to.deep.equal([false, false, false]);
  });

  it('keys name a connection whichever end comes first, and differ in each address and port', () => {
    const ends = ['10.0.0.1 port 80', '10.0.0.2 port 80', '10.0.0.1 port 81', 'fd00::1 port 80'].map(endOf);
    const keys = ends.flatMap((one) => ends.map((other) => liveKey(one, other)));
    expect(new Set(keys).size).to.equal(10);
    expect(liveKey(ends[0]!, ends[1]!)).to.equal(liveKey(ends[1]!, ends[0]!));
    const many = Array.from({ length: 20_000 }, (_, port) => liveKey(ends[0]!, { ...ends[1]!, port }));
    expect(new Set(many).size).to.be.at.least(19_998);
  });
});
