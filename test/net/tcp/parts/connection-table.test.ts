import { expect } from 'chai';
import fc from 'fast-check';
import { IpPacket } from '../../../../src/net/ip/packet.js';
import { SeededRandom } from '../../../../src/net/random.js';
import { ConnectionTable, type FourTuple } from '../../../../src/net/tcp/parts/connection-table.js';
import { IpAddress } from '../../../../src/net/wire/address.js';

interface Item extends FourTuple {
  readonly name: string;
}

const ADDRESSES = ['10.0.0.1', '10.0.0.2', '10.0.1.1', 'fd00::1', 'fd00::2'].map((text) => IpAddress.parse(text));

function makeItem(local: number, localPort: number, remote: number, remotePort: number): Item {
  const [localAddress, remoteAddress] = [ADDRESSES[local]!, ADDRESSES[remote]!];
  return {
    localAddress,
    remoteAddress,
    localPort,
    remotePort,
    hash: 0,
    name: [local, localPort, remote, remotePort].join(),
  };
}

/** A packet from the remote end of `item`. */
function packetFor({ localAddress: to, remoteAddress: from }: Item): IpPacket {
  const packet = new IpPacket();
  [packet.source0, packet.source1, packet.source2, packet.source3] = [from.word0, from.word1, from.word2, from.word3];
  [packet.destination0, packet.destination1, packet.destination2, packet.destination3] = [
    to.word0,
    to.word1,
    to.word2,
    to.word3,
  ];
  return packet;
}

describe('tcp: connection table', () => {
  it('finds exactly what is in it, by packet and by tuple, through any additions and removals', () => {
    const tuple = fc.tuple(fc.nat(4), fc.nat(3), fc.nat(4), fc.nat(60));
    fc.assert(
      fc.property(fc.array(tuple, { maxLength: 300 }), fc.integer(), (tuples, seed) => {
        const table = new ConnectionTable<Item>(new SeededRandom(seed));
        const model = new Map<string, Item>();
        for (const [local, localPort, remote, remotePort] of tuples) {
          const item = makeItem(local, localPort, remote, remotePort);
          const known = model.get(item.name);
          if (known === undefined) {
            table.add(item);
            model.set(item.name, item);
          } else {
            table.delete(known);
            model.delete(item.name);
          }
          const wanted = model.get(item.name) ?? null;
          expect(table.find(packetFor(item), remotePort, localPort)).to.equal(wanted);
          expect(table.findTuple(item.localAddress, localPort, item.remoteAddress, remotePort)).to.equal(wanted);
        }
        expect(table.size).to.equal(model.size);
        expect(table.values()).to.have.members([...model.values()]);
        for (const item of model.values()) {
          expect(table.find(packetFor(item), item.remotePort, item.localPort)).to.equal(item);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('taking out what is not in changes nothing', () => {
    const table = new ConnectionTable<Item>(new SeededRandom(1));
    table.add(makeItem(0, 80, 1, 1));
    table.delete(makeItem(0, 80, 1, 2));
    expect(table.size).to.equal(1);
  });

  it('grows: a hundred thousand connections, all found, then none', () => {
    const table = new ConnectionTable<Item>(new SeededRandom(1));
    const items = Array.from({ length: 100_000 }, (_, i) => makeItem(0, i >> 16, 1, i & 0xffff));
    for (const item of items) table.add(item);
    for (const item of items) {
      if (table.find(packetFor(item), item.remotePort, item.localPort) !== item) throw new Error(`lost ${item.name}`);
    }
    for (const item of items) table.delete(item);
    expect(table.size).to.equal(0);
    expect(table.values()).to.deep.equal([]);
  });

  it('an address in reverse is another connection', () => {
    const table = new ConnectionTable<Item>(new SeededRandom(1));
    const item = makeItem(0, 80, 1, 80);
    table.add(item);
    expect(table.find(packetFor(makeItem(1, 80, 0, 80)), 80, 80)).to.equal(null);
  });
});
