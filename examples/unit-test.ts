/**
 * A unit test of a network program without a network: a client and a server in memory, under virtual time. It needs no
 * privileges, never sleeps, and goes the same way every time.
 *
 *     npm run build && node --test dist/examples/unit-test.js
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Connection, type ConnectionHandler, IpAddress, SECOND, SummedBytes, VirtualNetwork } from 'fastpath';
import { host } from './support/in-memory.js';

const text = (bytes: Uint8Array, from: number, to: number) => new TextDecoder().decode(bytes.subarray(from, to));

/** The program under test: it answers each piece of input in capital letters. */
function shout(connection: Connection): ConnectionHandler {
  return {
    received(bytes, from, to) {
      const answer = new TextEncoder().encode(text(bytes, from, to).toUpperCase());
      connection.send(SummedBytes.of(answer), 0, answer.length);
      return to - from;
    },
    ended: () => connection.close(),
    acknowledged() {},
    timedOut() {},
    closed() {},
  };
}

/** Asks the server once, and gives the answer and the seconds that it took. */
function ask(question: string, loss: number): { answer: string; seconds: number } {
  const network = new VirtualNetwork({ seed: 7 });
  const [a, b] = network.link({ impairment: { delay: 10_000, loss } }); // 10 ms each way
  const [client, server] = [host(network, a, '10.0.0.1/24'), host(network, b, '10.0.0.2/24')];
  server.listen(7, shout);
  let answer = '';
  client.connect(
    { address: IpAddress.parse('10.0.0.2'), port: 7 },
    {
      connected(connection) {
        const bytes = new TextEncoder().encode(question);
        connection.send(SummedBytes.of(bytes), 0, bytes.length);
        return {
          ...shout(connection),
          received(received, from, to) {
            answer += text(received, from, to);
            return to - from;
          },
        };
      },
      failed: (reason) => assert.fail(reason),
    },
  );
  const started = network.clock.now;
  network.runUntil(() => answer.length === question.length);
  return { answer, seconds: (network.clock.now - started) / SECOND };
}

test('the server answers in capital letters', () => {
  const { answer, seconds } = ask('hello', 0);
  assert.equal(answer, 'HELLO');
  assert.ok(seconds < 0.1, `${seconds} s`);
});

test('the same through a link that loses a third of all frames', () => {
  assert.equal(ask('hello', 0.33).answer, 'HELLO');
});

test('each run is the same as the one before', () => {
  assert.deepEqual(ask('again', 0.33), ask('again', 0.33));
});
