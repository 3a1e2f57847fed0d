import { expect } from 'chai';
import type { IpPacket } from '../../../../src/net/ip/packet.js';
import { SeededRandom } from '../../../../src/net/random.js';
import type { ControlBlock } from '../../../../src/net/tcp/block/control-block.js';
import { type TimeWait, TimeWaitTable } from '../../../../src/net/tcp/parts/time-wait-table.js';
import { TcpStatistics } from '../../../../src/net/tcp/statistics.js';
import type { IpAddress } from '../../../../src/net/wire/address.js';
import { reach } from '../../../support/reach.js';

/** A control block of this remote port, as far as the table looks at it. */
function block(remotePort: number): ControlBlock {
  const template = reach('FIN-WAIT-2').controlBlock!;
  return Object.create(template, { remotePort: { value: remotePort } });
}

/** The entry of this remote port. */
function entryOf(table: TimeWaitTable, remotePort: number): TimeWait {
  const { localAddress, remoteAddress, localPort } = block(remotePort);
  const packet = {
    source0: remoteAddress.word0,
    source1: remoteAddress.word1,
    source2: remoteAddress.word2,
    source3: remoteAddress.word3,
    destination0: localAddress.word0,
    destination1: localAddress.word1,
    destination2: localAddress.word2,
    destination3: localAddress.word3,
    isFrom: (address: IpAddress) => address.equals(remoteAddress),
    isTo: (address: IpAddress) => address.equals(localAddress),
  };
  const entry = table.find(packet as IpPacket, remotePort, localPort);
  if (entry === null) throw new Error(`port ${remotePort} does not wait`);
  return entry;
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

  it('a wait that starts anew goes to the end, and the others keep their order', () => {
    const { table } = makeTable(10);
    const entries: TimeWait[] = [];
    for (let port = 1; port <= 4; port++) {
      table.add(block(port), 0, port);
      entries.push(entryOf(table, port));
    }
    table.restart(entries[1]!, 5);
    table.restart(entries[0]!, 6);
    table.restart(entries[0]!, 7);
    const order: number[] = [];
    while (table.size > 0) {
      order.push(table.next());
      table.expire(table.next());
    }
    expect(order).to.deep.equal([3, 4, 5, 7]);
  });

  it('however often a wait starts anew, it takes one place only', () => {
    const { table, statistics } = makeTable(3);
    for (let port = 1; port <= 3; port++) table.add(block(port), 0, 10);
    const entry = entryOf(table, 2);
    for (let i = 0; i < 100; i++) table.restart(entry, 20 + i);
    expect([table.size, statistics.timeWaitsDropped]).to.deep.equal([3, 0]);
  });

  it('places are used again, and the order stays right through it', () => {
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
