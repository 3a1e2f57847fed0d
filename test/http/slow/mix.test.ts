/** Hits and misses on one connection, in every order and cut in every way, against a model. */
import { expect } from 'chai';
import fc from 'fast-check';
import type { Store } from '../../../src/cache/library/store.js';
import { ONE_SITE } from '../../../src/http/sites/sites.js';
import { FakeSlowPath } from '../../support/fake-slow-path.js';
import { ALPHABET, get, HttpBench, makeExampleStore, request } from '../../support/http-bench.js';

/** A request, and the body of its answer. */
interface Exchange {
  readonly text: string;
  readonly body: string;
  readonly isHandedOver: boolean;
  /** What has to go over of its body. */
  readonly upload: string;
}

function chunked(body: string): string {
  const chunks = body.match(/.{1,3}/gs) ?? [];
  return `${chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')}0\r\n\r\n`;
}

const UPLOAD = fc.string({ minLength: 1, maxLength: 40 }).map((text) => text.replace(/[^ -~]/g, '.'));
const EXCHANGE = fc.oneof(
  fc.constant<Exchange>({ text: get('/a'), body: ALPHABET, isHandedOver: false, upload: '' }),
  fc.constant<Exchange>({ text: get('/long'), body: 'x'.repeat(5000), isHandedOver: false, upload: '' }),
  UPLOAD.map((upload) => ({
    text: get('/a', `Content-Length: ${upload.length}`) + upload,
    body: ALPHABET,
    isHandedOver: false,
    upload: '',
  })),
  fc.nat(99).map((n) => ({ text: get(`/m/${n}`), body: `miss ${n}`, isHandedOver: true, upload: '' })),
  fc.tuple(fc.nat(99), UPLOAD, fc.boolean()).map(([n, upload, isChunked]) => ({
    text: isChunked
      ? request('POST', `/m/${n}`, 'Transfer-Encoding: chunked') + chunked(upload)
      : request('POST', `/m/${n}`, `Content-Length: ${upload.length}`) + upload,
    body: `miss ${n}`,
    isHandedOver: true,
    upload: isChunked ? chunked(upload) : upload,
  })),
);

function pathOf(text: string): string {
  return text.split(' ')[1] ?? '';
}

/** The bodies of the answers in `sent`, one behind the other. */
function bodiesOf(sent: string): string[] {
  const bodies: string[] = [];
  for (let at = 0; at < sent.length; ) {
    const end = sent.indexOf('\r\n\r\n', at) + 4;
    const length = Number(/Content-Length: (\d+)/.exec(sent.slice(at, end))?.[1]);
    bodies.push(sent.slice(end, end + length));
    at = end + length;
  }
  return bodies;
}

describe('hits and misses on one connection', () => {
  let store: Store;
  before(async () => {
    store = await makeExampleStore();
  });

  it('are answered in order, and exactly the misses go over, whatever the mix and the cuts', () => {
    const steps = fc.array(fc.record({ take: fc.integer({ min: 1, max: 200 }), turn: fc.nat(5) }), { maxLength: 60 });
    const property = fc.property(
      fc.array(EXCHANGE, { minLength: 1, maxLength: 12 }),
      steps,
      fc.integer({ min: 1, max: 400 }),
      (exchanges, cuts, room) => {
        const slowPath = new FakeSlowPath();
        slowPath.room = room;
        const bench = new HttpBench(store, {}, undefined, { ...ONE_SITE, sites: [{ handler: true }] }, slowPath);
        const connection = bench.connect();
        connection.acknowledges = false;
        let input = exchanges.map(({ text }) => text).join('');
        let answered = 0;
        /** The thread reads, and answers the request that it has whole, in one piece or two. */
        const work = () => {
          const slow = slowPath.connections[0];
          if (slow === undefined) return false;
          slow.makeRoom(room - slow.room);
          if (slow.requests.length === answered || !slow.last.isOver) return false;
          answered++;
          slow.answer(`miss ${pathOf(slow.last.text).slice(3)}`);
          return true;
        };
        for (const { take, turn } of cuts) {
          if (input !== '') connection.deliver(input.slice(0, take));
          input = input.slice(take);
          if (turn === 0) connection.acknowledgeAll();
          if (turn === 1) work();
        }
        if (input !== '') connection.deliver(input);
        for (
          let i = 0;
          i < 2_000 && (connection.waiting > 0 || answered < (slowPath.connections[0]?.requests.length ?? 0));
          i++
        ) {
          work();
          connection.acknowledgeAll();
        }
        expect(bodiesOf(connection.sent)).to.deep.equal(exchanges.map(({ body }) => body));
        const handedOver = exchanges.filter(({ isHandedOver }) => isHandedOver);
        const requests = slowPath.connections[0]?.requests ?? [];
        expect(requests.map(({ text }) => pathOf(text))).to.deep.equal(handedOver.map(({ text }) => pathOf(text)));
        expect(requests.map(({ text }) => text.slice(text.indexOf('\r\n\r\n') + 4))).to.deep.equal(
          handedOver.map(({ upload }) => upload),
        );
        expect([connection.gone, connection.closing, connection.waiting]).to.deep.equal([false, false, 0]);
        expect(connection.account.payloadBytesRead).to.equal(0);
        expect(bench.statistics).to.include({ handedOver: handedOver.length, handedOverNow: 0 });
      },
    );
    fc.assert(property, { numRuns: 300 });
  });
});
