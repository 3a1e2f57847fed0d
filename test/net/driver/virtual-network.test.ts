import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import type { Clock } from '../../../src/net/clock.js';
import type { Device } from '../../../src/net/device/device.js';
import { type IncomingFrame, OutgoingFrame } from '../../../src/net/device/frame.js';
import type { DrivenStack } from '../../../src/net/driver/driven.js';
import { VirtualNetwork, VirtualTimeLimit } from '../../../src/net/driver/virtual-network.js';
import { tcpFrame } from '../../support/outgoing-frames.js';

/** Sends a frame every 100 µs until it has an answer to each; the number of the frame is its TCP sequence number. */
class Asker implements DrivenStack {
  readonly answers: { number: number; time: number }[] = [];
  #next = 0;
  #due = 0;

  constructor(
    private readonly device: Device,
    private readonly clock: Clock,
    private readonly count: number,
  ) {}

  receive(frame: IncomingFrame): void {
    const view = new DataView(frame.bytes.buffer, frame.bytes.byteOffset + frame.from);
    this.answers.push({ number: view.getInt32(38), time: this.clock.now });
  }

  runTimers(): void {
    this.device.send(tcpFrame({ sequence: this.#next++ }));
    this.#due = this.clock.now + 100;
  }

  nextDeadline(): number {
    return this.#next === this.count ? Infinity : this.#due;
  }
}

/** Sends each frame back. */
class Echo implements DrivenStack {
  readonly #outgoing = new OutgoingFrame();

  constructor(private readonly device: Device) {}

  receive(frame: IncomingFrame): void {
    this.#outgoing.reset();
    this.#outgoing.start = 14;
    this.#outgoing.end = 14 + frame.to - frame.from;
    this.#outgoing.header.set(frame.bytes.subarray(frame.from, frame.to), 14);
    this.device.send(this.#outgoing);
  }

  runTimers(): void {}

  nextDeadline(): number {
    return Infinity;
  }
}

function network(options: Parameters<VirtualNetwork['link']>[0], count: number, seed = 1) {
  const net = new VirtualNetwork({ seed });
  const [a, b] = net.link(options);
  const asker = new Asker(a, net.clock, count);
  net.add(asker, a);
  net.add(new Echo(b), b);
  return { net, asker };
}

describe('a virtual network', () => {
  it('carries frames without time passing on a perfect link', () => {
    const { net, asker } = network({}, 3);
    net.runUntilIdle();
    expect(asker.answers).to.deep.equal([0, 1, 2].map((number) => ({ number, time: number * 100 })));
    expect(net.clock.now).to.equal(200);
  });

  it('leaps over delays of the link, each way its own', () => {
    const { net, asker } = network({ forth: { delay: 30_000 }, back: { delay: 12_000 } }, 2);
    net.runUntilIdle();
    expect(asker.answers).to.deep.equal([0, 1].map((number) => ({ number, time: 42_000 + number * 100 })));
  });

  it('gives the same run for the same seed', () => {
    const runs = [3, 3, 4].map((seed) => {
      const impairment = { loss: 0.2, duplication: 0.1, reordering: 0.1, delay: 1000, jitter: 500 };
      const { net, asker } = network({ impairment }, 300, seed);
      net.runUntilIdle();
      return JSON.stringify(asker.answers);
    });
    expect(runs[0]).to.equal(runs[1]);
    expect(runs[0]).not.to.equal(runs[2]);
  });

  it('runs until a condition holds, and stops the clock there', () => {
    const { net, asker } = network({ impairment: { delay: 50 } }, 1000);
    net.runUntil(() => asker.answers.length === 5);
    expect(net.clock.now).to.equal(500);
  });

  it('runs for a time, whether anything happens or not', () => {
    const { net, asker } = network({}, 1000);
    net.runFor(950);
    expect([net.clock.now, asker.answers.length]).to.deep.equal([950, 10]);
    const empty = new VirtualNetwork();
    empty.runFor(7);
    expect(empty.clock.now).to.equal(7);
  });

  it('passes over timers further off than the quiet time', () => {
    const net = new VirtualNetwork();
    const [a] = net.link();
    net.add({ receive() {}, runTimers() {}, nextDeadline: () => 7_200_000_000 }, a);
    net.runUntilIdle();
    expect(net.clock.now).to.equal(0);
  });

  it('says so when nothing is left to happen, or too much', () => {
    const { net } = network({}, 3);
    expect(() => net.runUntil(() => false)).to.throw(VirtualTimeLimit, 'nothing left');
    const endless = network({}, Infinity).net;
    expect(() => endless.runUntil(() => false, 1000)).to.throw(VirtualTimeLimit, 'not done');
  });

  it('gives the event loop a turn after each step of time, until it is done', async () => {
    const network = new VirtualNetwork();
    const turns: number[] = [];
    const onTurn = () => {
      turns.push(network.clock.now);
      if (turns.length < 3) setImmediate(onTurn);
    };
    setImmediate(onTurn);
    await network.runWithEventLoop(() => turns.length === 3, nextTurn);
    expect(turns).to.deep.equal([1_000, 2_000, 3_000]);
    await network.runWithEventLoop(() => network.clock.now >= 3_500, nextTurn, { step: 250 });
    expect(network.clock.now).to.equal(3_500);
  });

  it('says when a program in the event loop is not done within its time', async () => {
    const network = new VirtualNetwork();
    const failure = await network
      .runWithEventLoop(() => false, nextTurn, { limit: 2_500 })
      .catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(VirtualTimeLimit);
    expect(network.clock.now, 'not a step more').to.equal(2_500);
  });

  it('refuses steps in which time stands still', async () => {
    for (const step of [0, -1, Number.NaN]) {
      const failure = await new VirtualNetwork()
        .runWithEventLoop(() => false, nextTurn, { step })
        .catch((error: unknown) => error);
      expect(failure).to.be.instanceOf(RangeError);
    }
  });
});
