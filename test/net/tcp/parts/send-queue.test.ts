import { expect } from 'chai';
import fc from 'fast-check';
import { MAX_FRAGMENTS, OutgoingFrame } from '../../../../src/net/device/frame.js';
import { SendQueue } from '../../../../src/net/tcp/parts/send-queue.js';
import { add, distance, type Sequence, toSequence } from '../../../../src/net/tcp/sequence.js';
import { finish } from '../../../../src/net/wire/checksum.js';
import { SummedBytes } from '../../../../src/net/wire/summed-bytes.js';
import { plainChecksum } from '../../../support/packets.js';

const START = toSequence(-50);

function gather(queue: SendQueue, start: Sequence, length: number, account = { payloadBytesRead: 0 }) {
  const frame = new OutgoingFrame();
  const sum = queue.gather(start, length, frame, true, account);
  const bytes = new Uint8Array(frame.length);
  frame.copyTo(bytes);
  return { bytes, sum, fragments: frame.fragmentCount, read: account.payloadBytesRead };
}

function piece(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i + 1) * seed);
}

describe('tcp: send queue', () => {
  it('gives any slice of what was queued, with its checksum, after any acknowledgment', () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ push: fc.integer({ min: 0, max: 300 }), table: fc.boolean() }) },
      { weight: 1, arbitrary: fc.record({ acknowledge: fc.float({ min: 0, max: 1, noNaN: true }) }) },
      { weight: 3, arbitrary: fc.record({ from: fc.float({ min: 0, max: 1, noNaN: true }), size: fc.nat(2000) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const queue = new SendQueue(START);
        let stream: number[] = [];
        let una = START;
        for (const [index, one] of steps.entries()) {
          if ('push' in one) {
            const bytes = piece(one.push + 3, index);
            queue.push(one.table ? SummedBytes.of(bytes) : SummedBytes.plain(bytes), 2, one.push + 2);
            stream.push(...bytes.subarray(2, one.push + 2));
          } else if ('acknowledge' in one) {
            const gone = Math.floor(one.acknowledge * stream.length);
            una = add(una, gone);
            stream = stream.slice(gone);
            queue.acknowledge(una);
          } else if (stream.length > 0) {
            const from = Math.floor(one.from * (stream.length - 1));
            const start = add(una, from);
            const length = queue.span(start, Math.min(Math.max(1, one.size), stream.length - from), false);
            const { bytes, sum } = gather(queue, start, length);
            expect(Array.from(bytes)).to.deep.equal(stream.slice(from, from + length));
            // Of nothing but zeros the sum may be either zero of ones' complement.
            expect(finish(sum) % 0xffff).to.equal(plainChecksum(bytes) % 0xffff);
          }
          expect(distance(una, queue.tail)).to.equal(stream.length);
        }
      }),
    );
  });

  it('holds each piece until its last byte is acknowledged, then lets go at once', () => {
    const queue = new SendQueue(START);
    const first = SummedBytes.of(piece(100, 1));
    const second = SummedBytes.of(piece(100, 2));
    queue.push(first, 0, 100);
    queue.push(second, 0, 50);
    queue.push(second, 50, 100);
    expect([first.readers, second.readers]).to.deep.equal([1, 2]);
    queue.acknowledge(add(START, 99));
    expect(first.readers).to.equal(1);
    queue.acknowledge(add(START, 160));
    expect([first.readers, second.readers]).to.deep.equal([0, 1]);
    queue.clear();
    expect(second.readers).to.equal(0);
    expect(queue.pieces).to.equal(0);
  });

  it('an empty piece is none', () => {
    const queue = new SendQueue(START);
    const bytes = SummedBytes.of(new Uint8Array(0));
    queue.push(bytes, 0, 0);
    expect(queue.pieces).to.equal(0);
    expect(bytes.readers).to.equal(0);
  });

  it('a frame gets at most as many pieces as it has room for', () => {
    const queue = new SendQueue(START);
    for (let i = 0; i < 2 * MAX_FRAGMENTS; i++) queue.push(SummedBytes.of(piece(10, i)), 0, 10);
    expect(queue.span(START, 2000, false)).to.equal(10 * MAX_FRAGMENTS);
    expect(gather(queue, START, 10 * MAX_FRAGMENTS).fragments).to.equal(MAX_FRAGMENTS);
  });

  it('cuts fall where the table has an entry, so that no byte of a body is read', () => {
    const queue = new SendQueue(START);
    const body = SummedBytes.of(piece(10_000, 3));
    queue.push(SummedBytes.of(piece(77, 5)), 0, 77);
    queue.push(body, 0, 10_000);
    const account = { payloadBytesRead: 0 };
    for (let at = 0; at < 10_077; ) {
      const length = queue.span(add(START, at), Math.min(1460, 10_077 - at), true);
      expect(length).to.be.within(1, 1460);
      gather(queue, add(START, at), length, account);
      at += length;
    }
    expect(account.payloadBytesRead).to.equal(0);
  });

  it('a segment smaller than a block is sent all the same, and what is read for it is counted', () => {
    const queue = new SendQueue(START);
    queue.push(SummedBytes.of(piece(1000, 3)), 0, 1000);
    expect(queue.span(add(START, 1), 20, true)).to.equal(20);
    expect(gather(queue, add(START, 1), 20).read).to.be.greaterThan(0);
  });
});
