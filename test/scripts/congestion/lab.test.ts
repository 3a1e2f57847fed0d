/** The part of the comparison with Linux that needs no interface: its lanes. */
import { expect } from 'chai';
import { Lane, type LaneOptions } from '../../../scripts/congestion/lab/lane.js';
import { Clock } from '../../../src/net/clock.js';

/** Offers frames one by one and returns the numbers of those that arrive. */
function survivors(options: Partial<LaneOptions>, fromServer: boolean, count = 1000): number[] {
  const clock = new Clock();
  const lane = new Lane({ port: 80, roundTrip: 20_000, loss: 0.02, seed: 5, ...options }, clock);
  const arrived: number[] = [];
  for (let i = 0; i < count; i++) {
    lane.offer(fromServer, Uint8Array.of(i & 255, i >> 8), 2);
    clock.now += 10_000;
    lane.deliver(fromServer, ({ bytes }) => arrived.push(bytes[0]! + 256 * bytes[1]!));
  }
  return arrived;
}

describe('congestion: a lane of the relay', () => {
  it('loses the same frames for the same seed, others for another, about as many as it is told', () => {
    const one = survivors({}, true);
    expect(one).to.deep.equal(survivors({}, true));
    expect(one).to.not.deep.equal(survivors({ seed: 6 }, true));
    expect(one.length).to.be.within(960, 995);
  });

  it('loses no ACK', () => {
    expect(survivors({}, false)).to.have.length(1000);
  });

  it('delays by half a round trip each way', () => {
    const clock = new Clock();
    const lane = new Lane({ port: 80, roundTrip: 20_000, loss: 0, seed: 1 }, clock);
    lane.offer(true, Uint8Array.of(1), 1);
    expect(lane.nextDue).to.equal(10_000);
    lane.deliver(true, () => expect.fail('too early'));
    clock.now = 10_000;
    let delivered = 0;
    lane.deliver(true, () => delivered++);
    expect(delivered).to.equal(1);
  });

  it('drops what finds the queue full', () => {
    const lane = new Lane({ port: 80, roundTrip: 0, loss: 0, seed: 1, rate: 8_000_000, queueBytes: 3000 }, new Clock());
    for (let i = 0; i < 10; i++) lane.offer(true, new Uint8Array(1000), 1000);
    expect(lane.counts).to.deep.equal({ offered: 10, lost: 0, overflowed: 7 });
  });
});
