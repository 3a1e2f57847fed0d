import { expect } from 'chai';
import { SECOND } from '../../../../src/net/clock.js';
import { type Collector, pattern, sendAll, TcpWorld } from '../../../support/tcp-world.js';

const BYTES = pattern(50_000);

/** A client that has read nothing yet when both sides have closed, its own first or last. */
function closedUnread(clientFirst: boolean): { world: TcpWorld; client: Collector } {
  const world = new TcpWorld();
  const [client, server] = world.open();
  client.appetite = 0;
  if (clientFirst) client.connection.close();
  world.network.runFor(SECOND);
  sendAll(server, BYTES);
  server.connection.close();
  world.network.runFor(SECOND);
  if (!clientFirst) client.connection.close();
  world.network.runFor(SECOND);
  expect(server.reason).to.equal('closed');
  return { world, client };
}

describe('tcp: bytes that are unread when the connection has ended in order', () => {
  for (const clientFirst of [true, false]) {
    const path = clientFirst ? 'TIME-WAIT' : 'LAST-ACK';
    it(`can still be taken after ${path}; the end and "closed" come behind them`, () => {
      const { world, client } = closedUnread(clientFirst);
      expect(world.client.connectionCount).to.equal(0);
      expect([client.hasEnded, client.reason, client.connection.unreadBytes]).to.deep.equal([false, undefined, 50_000]);
      client.appetite = 20_000;
      client.connection.resume();
      expect([client.bytes, client.hasEnded, client.reason]).to.deep.equal([20_000, false, undefined]);
      client.appetite = 50_000;
      client.connection.resume();
      expect(client.data.equals(BYTES)).to.equal(true);
      expect([client.hasEnded, client.reason]).to.deep.equal([true, 'closed']);
    });
  }

  it('are offered once more by themselves at the end', () => {
    const world = new TcpWorld();
    const [client, server] = world.open();
    client.appetite = 0;
    client.connection.close();
    world.network.runFor(SECOND);
    sendAll(server, BYTES);
    world.network.runFor(SECOND);
    client.appetite = 50_000;
    server.connection.close();
    world.network.runFor(SECOND);
    expect(client.data.equals(BYTES)).to.equal(true);
    expect([client.hasEnded, client.reason]).to.deep.equal([true, 'closed']);
  });

  it('are forgotten when the connection is let go', () => {
    const { client } = closedUnread(true);
    client.connection.detach();
    client.appetite = 50_000;
    client.connection.resume();
    expect([client.bytes, client.reason]).to.deep.equal([0, undefined]);
  });

  it('are forgotten by an abort, which says so', () => {
    const { client } = closedUnread(true);
    client.connection.abort();
    client.connection.resume();
    expect([client.bytes, client.reason]).to.deep.equal([0, 'aborted']);
  });
});
