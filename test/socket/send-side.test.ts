import { expect } from 'chai';
import { Clock } from '../../src/net/clock.js';
import { SEND_MEMORY_BYTES, takeSendMemory } from '../../src/socket/send-memory.js';
import { SendSide } from '../../src/socket/send-side.js';
import { FakeConnection } from '../support/fake-connection.js';

/** A send side over a connection that acknowledges by hand; `outcomes` collects what writes called back with. */
function bench(limitBytes?: number) {
  const handler = { received: () => 0, ended() {}, timedOut() {}, closed() {}, acknowledged: () => side.pump() };
  const connection = new FakeConnection(() => handler, new Clock());
  const side: SendSide = new SendSide(connection, limitBytes);
  const outcomes: (Error | null | undefined)[] = [];
  const write = (...chunks: Uint8Array[]) => side.write(chunks, (error) => outcomes.push(error));
  return { connection, side, outcomes, write };
}

const latin1 = (...chunks: Uint8Array[]) => Buffer.concat(chunks).toString('latin1');

describe('from a stream to the send queue', () => {
  it('bytes are copied, so that a chunk can be used again at once', () => {
    const { connection, outcomes, write } = bench(1000);
    const chunk = Buffer.from('as it was');
    write(chunk);
    chunk.fill(0);
    expect(outcomes).to.deep.equal([undefined]);
    expect(connection.sent).to.equal('as it was');
  });

  it('the chunks of one write go as one piece', () => {
    const { connection, write } = bench(1000);
    write(Buffer.from('a'), Buffer.alloc(0), Buffer.from('bc'), Buffer.from('d'));
    expect([connection.sent, connection.queuedPieces]).to.deep.equal(['abcd', 1]);
  });

  it('an empty write is done at once', () => {
    const { connection, outcomes, write } = bench(1000);
    write(Buffer.alloc(0));
    expect([outcomes.length, connection.queuedPieces]).to.deep.equal([1, 0]);
  });

  it('no more than the limit is queued, whatever the chunk; the rest follows acknowledgments', () => {
    const { connection, outcomes, write } = bench(200_000);
    const chunks = [Buffer.alloc(150_000, 'x'), Buffer.alloc(350_001, 'y')];
    write(...chunks);
    expect([connection.queuedBytes, outcomes.length]).to.deep.equal([200_000, 0]);
    let turns = 0;
    for (; outcomes.length === 0; turns++) {
      connection.acknowledge(1);
      expect(connection.queuedBytes).to.be.at.most(200_000);
    }
    expect(turns).to.be.above(10);
    expect(connection.sent).to.equal(latin1(...chunks));
    expect(outcomes).to.deep.equal([undefined]);
  });

  it('room for less than an eighth of the buffer is not worth a copy while more is on its way', () => {
    const { connection, write } = bench(8000);
    write(Buffer.alloc(7500, 'x'));
    write(Buffer.alloc(2000, 'y'));
    expect(connection.queuedBytes).to.equal(7500);
    connection.acknowledge(1);
    expect(connection.queuedBytes).to.equal(8000);
  });

  it('a write waits while there are as many pieces as a frame takes', () => {
    const { connection, outcomes, write } = bench(1_000_000);
    for (let n = 0; n < 65; n++) write(Buffer.from('p'));
    expect([connection.queuedPieces, outcomes.length]).to.deep.equal([64, 64]);
    connection.acknowledge(1);
    expect([connection.queuedPieces, outcomes.length]).to.deep.equal([64, 65]);
  });

  it('a write that waits fails when the connection is gone, once', () => {
    const { side, outcomes, write } = bench(1000);
    write(Buffer.alloc(5000));
    const error = new Error('gone');
    side.cancel(error);
    side.cancel(error);
    side.pump();
    expect(outcomes).to.deep.equal([error]);
  });
});

describe('memory for sending', () => {
  it('comes back when the last reader lets go, and not before', () => {
    const memory = takeSendMemory();
    memory.retain();
    memory.retain();
    memory.release();
    expect(takeSendMemory()).not.to.equal(memory);
    memory.release();
    expect(takeSendMemory()).to.equal(memory);
    expect(memory.length).to.equal(SEND_MEMORY_BYTES);
  });

  it('without a limit: 256 KiB, twice the congestion window where that is more, and never beyond 4 MiB', () => {
    const queued = (congestionWindow: number) => {
      const { connection, write } = bench();
      connection.congestionWindow = congestionWindow;
      write(Buffer.alloc(5 << 20, 'x'));
      return connection.queuedBytes;
    };
    expect([14_600, 100_000, 300_000, 1_000_000, 50_000_000].map(queued)).to.deep.equal([
      256 * 1024,
      256 * 1024,
      600_000,
      2_000_000,
      4 << 20,
    ]);
  });

  it('with a limit the congestion window changes nothing', () => {
    const { connection, write } = bench(100_000);
    connection.congestionWindow = 1_000_000;
    write(Buffer.alloc(200_000, 'x'));
    expect(connection.queuedBytes).to.equal(100_000);
  });
});
