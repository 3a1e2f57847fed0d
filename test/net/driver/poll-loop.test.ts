import { expect } from 'chai';
import { Clock } from '../../../src/net/clock.js';
import type { Device } from '../../../src/net/device/device.js';
import { createPair, type PairEnd } from '../../../src/net/device/pair.js';
import type { DrivenStack } from '../../../src/net/driver/driven.js';
import { PollLoop } from '../../../src/net/driver/poll-loop.js';
import { Wakeup } from '../../../src/net/driver/wakeup.js';

/** A loop over a pair in memory, whose descriptor is a bell: rung, it says that there are frames. */
function loopOver(stack: Partial<DrivenStack>, frameBudget?: number) {
  const [device, peer] = createPair();
  const clock = new Clock();
  const readable = Wakeup.create();
  const bell = Wakeup.create();
  const woken: number[] = [];
  const received: number[] = [];
  const loop = new PollLoop({
    stack: {
      receive: (frame) => received.push(frame.bytes[0]!),
      runTimers() {},
      nextDeadline: () => Infinity,
      ...stack,
    },
    device: device as Device,
    clock,
    fd: readable.fd,
    bell,
    woken: () => woken.push(clock.now),
    ...(frameBudget !== undefined && { frameBudget }),
  });
  const close = () => {
    readable.close();
    bell.close();
  };
  return { loop, peer, clock, readable, bell, woken, received, close };
}

function send(peer: PairEnd, count: number): void {
  for (let n = 0; n < count; n++) peer.sendBytes(Uint8Array.of(n));
}

describe('the poll loop', () => {
  it('takes all frames of a batch, up to its budget', () => {
    const { loop, peer, readable, received, close } = loopOver({}, 3);
    send(peer, 5);
    readable.ring();
    loop.turn(0);
    expect(received).to.deep.equal([0, 1, 2]);
    loop.turn(0);
    expect(received).to.deep.equal([0, 1, 2, 3, 4]);
    expect(loop.statistics).to.include({ polls: 2, frames: 5, fullTurns: 1, timeouts: 0, wakeups: 0 });
    close();
  });

  it('does not touch a device that has nothing', () => {
    const { loop, peer, received, close } = loopOver({});
    send(peer, 1);
    loop.turn(0);
    expect(received).to.deep.equal([]);
    expect(loop.statistics.timeouts).to.equal(1);
    close();
  });

  it('sleeps no longer than to the next deadline, and runs it when it is due', () => {
    let deadline = 0;
    const ran: number[] = [];
    const stack = {
      nextDeadline: () => deadline,
      runTimers() {
        ran.push(clock.now);
        deadline = Infinity;
      },
    };
    const { loop, clock, close } = loopOver(stack);
    deadline = clock.now + 3000;
    const due = deadline;
    while (ran.length === 0) loop.turn(10_000);
    expect(ran[0]).to.be.at.least(due);
    expect(loop.statistics.timeouts).to.be.at.least(1);
    close();
  });

  it('hears the bell once for many rings, and stops when it is told to', () => {
    const made = loopOver({});
    made.bell.ring();
    Wakeup.adopt(made.bell.fd).ring();
    made.loop.turn(0);
    made.loop.turn(0);
    expect(made.woken).to.have.length(1);
    made.bell.ring();
    made.loop.stop();
    expect(made.loop.run()).to.equal('stopped');
    made.close();
  });

  it('ends if the descriptor is no longer there', () => {
    const { loop, readable, bell } = loopOver({});
    readable.close();
    expect(loop.run()).to.equal('device-gone');
    bell.close();
  });

  it('never lets the clock go back', () => {
    const { loop, clock, close } = loopOver({});
    let before = clock.now;
    for (let n = 0; n < 1000; n++) {
      loop.turn(0);
      expect(clock.now).to.be.at.least(before);
      before = clock.now;
    }
    close();
  });
});
