import { expect } from 'chai';
import { SeededRandom } from '../../../../src/net/random.js';
import type { ControlBlock } from '../../../../src/net/tcp/block/control-block.js';
import { TimeWaitTable } from '../../../../src/net/tcp/parts/time-wait-table.js';
import { TcpStatistics } from '../../../../src/net/tcp/statistics.js';
import { reach } from '../../../support/reach.js';

/** A control block of this remote port, as far as the table looks at it. */
function block(remotePort: number): ControlBlock {
  const template = reach('FIN-WAIT-2').controlBlock!;
  return Object.create(template, { remotePort: { value: remotePort } });
}

function makeTable(maximum: number) {
  const statistics = new TcpStatistics();
  return { statistics, table: new TimeWaitTable(new SeededRandom(1), maximum, statistics) };
}

describe('tcp: table of connections in TIME-WAIT [9293-MUST-13]', () => {
  it('each ends at its time, in order', () => {
    const { table } = makeTable(100);
    for (let port = 1; port <= 5; port++) table.add(block(port), 0, 100 + port);
    expect(table.next()).to.equal(101);
    table.expire(100);
    expect(table.size).to.equal(5);
    table.expire(103);
    expect(table.size).to.equal(2);
    expect(table.next()).to.equal(104);
    table.expire(1000);
    expect([table.size, table.next()]).to.deep.equal([0, Number.POSITIVE_INFINITY]);
  });

  it('when it is full the oldest gives way, and that is counted', () => {
    const { table, statistics } = makeTable(10);
    const template = block(0);
    for (let port = 1; port <= 25; port++) table.add(Object.create(template, { remotePort: { value: port } }), 0, port);
    expect(table.size).to.equal(10);
    expect(table.next()).to.equal(16);
    expect([statistics.timeWaits, statistics.timeWaitsDropped]).to.deep.equal([25, 15]);
  });

  it('grows as far as it must, and keeps the order through it', () => {
    const { table, statistics } = makeTable(5000);
    const template = block(0);
    const add = (port: number) => table.add(Object.create(template, { remotePort: { value: port } }), 0, port);
    for (let port = 1; port <= 900; port++) add(port);
    table.expire(500);
    for (let port = 901; port <= 4000; port++) add(port);
    expect(table.size).to.equal(3500);
    for (let at = 501; at <= 4000; at++) {
      if (table.next() !== at) throw new Error(`${table.next()} is next, not ${at}`);
      table.expire(at);
    }
    expect([table.size, statistics.timeWaitsDropped]).to.deep.equal([0, 0]);
  });
});
