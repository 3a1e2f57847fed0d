import { expect } from 'chai';
import { World } from '../../../src/browser/index.js';
import { endOf, liveKey } from '../../../src/inspect/live-keys.js';
import type { ControlBlock } from '../../../src/net/tcp/block/control-block.js';
import { LiveLists } from '../../../src/serve/live-lists.js';
import { BlockTeller } from '../../../src/serve/worker/block-news.js';

describe('what a worker tells the inspector of its connections', () => {
  let block: ControlBlock;
  before(() => {
    const world = new World({
      hosts: { client: {}, server: { files: { '/': 'hello' } } },
      start: (now) => now.get('client', 'server', '/', { close: false }),
    });
    world.runUntil((now) => now.frames > 12);
    block = world.host('server').stack.tcp.host.connections.values()[0]!;
  });

  it('is a list of all of them with every fourth news, with the keys that the page knows', () => {
    const teller = new BlockTeller();
    const news = Array.from({ length: 5 }, (_, turn) => teller.news([block], turn));
    expect(news.map(({ list }) => list?.time)).to.deep.equal([0, undefined, undefined, undefined, 4]);
    const [{ localAddress, localPort, remoteAddress, remotePort } = expect.fail()] = news[0]!.blocks;
    const key = liveKey(endOf(`${remoteAddress} port ${remotePort}`), endOf(`${localAddress} port ${localPort}`));
    expect([...news[0]!.list!.keys!]).to.deep.equal([key]);
  });

  it('has 64 control blocks at most, and each gets its turn', () => {
    const blocks = Array.from({ length: 100 }, (_, index) =>
      Object.create(block, { remotePort: { value: index + 1 } }),
    );
    const teller = new BlockTeller();
    const ports = (turn: number) => teller.news(blocks, turn).blocks.map(({ remotePort }) => remotePort);
    const [one, two, three] = [ports(0), ports(1), ports(2)];
    expect([one.length, two.length, three[0]]).to.deep.equal([64, 36, 1]);
    expect(new Set([...one, ...two]).size).to.equal(100);
  });

  it('has no list when they are too many: the page draws no conclusion then', () => {
    const { list } = new BlockTeller().news(Array<ControlBlock>(16_385).fill(block), 7);
    expect(list).to.deep.equal({ time: 7, keys: undefined });
  });

  it('counts only with the lists of all workers', () => {
    const lists = new LiveLists(2);
    lists.add(0, { time: 9, keys: Uint32Array.of(1, 2) });
    expect(lists.take()).to.equal(undefined);
    lists.add(1, { time: 8, keys: Uint32Array.of(3) });
    expect(lists.take()).to.deep.equal({ time: 8, keys: Uint32Array.of(1, 2, 3) });
    expect(lists.take()).to.equal(undefined);
    lists.add(0, { time: 9, keys: undefined });
    lists.add(1, { time: 9, keys: Uint32Array.of(3) });
    expect(lists.take()).to.equal(undefined);
  });
});
