/** A TLS thread's channels to the threads that answer requests. */
import { EventEmitter, once } from 'node:events';
import { expect } from 'chai';
import { attachThread, type ChannelSocket, createLink, createLoopBell } from '../../../src/channel/index.js';
import { CacheResult, SlowFailure } from '../../../src/http/index.js';
import { Wakeup } from '../../../src/net/driver/wakeup.js';
import { LoopChannels } from '../../../src/serve/slow/loop-channels.js';
import { FakeClient, IGNORES_ALL } from '../../channel/support.js';

describe('the channels of a thread in an event loop', () => {
  it('set the clock before they tell an answer, since no byte of a client has come meanwhile', async () => {
    const bell = createLoopBell();
    const link = createLink(bell.ringFd, false);
    const told: string[] = [];
    const channels = new LoopChannels(bell.watchFd, () => told.push('tick'));
    const name = 'handler';
    channels.obey({ kind: 'channel', name, generation: 1, link: link.worker, before: SlowFailure.died });
    const news = new EventEmitter();
    const opened = once(news, 'opened');
    const thread = attachThread(link.thread, (socket) => news.emit('opened', socket));
    const connection = channels.slowPath.open(new FakeClient().connection);
    expect(connection.reaches('')).to.equal(true);
    const tell = () => {
      told.push('answered');
      news.emit('answered');
    };
    const answered = once(news, 'answered');
    connection.begin({ ...IGNORES_ALL, answered: tell }, '');
    const [socket] = (await opened) as [ChannelSocket];
    told.splice(0);
    socket.answered(200, 0, true, CacheResult.none);
    await answered;
    expect(told.slice(0, 2)).to.deep.equal(['tick', 'answered']);
    channels.close();
    thread.close();
    link.close();
    Wakeup.adopt(bell.ringFd).close();
  });
});
