import { expect } from 'chai';
import { createPair } from '../../../src/net/device/pair.js';
import { EventLoopDriver } from '../../../src/net/driver/event-loop.js';
import { tcpFrame } from '../../support/outgoing-frames.js';

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("the driver on Node's event loop", () => {
  it('takes frames that come in, soon but not at once', async () => {
    const [device, peer] = createPair();
    const driver = new EventLoopDriver({ frameBudget: 2 });
    let received = 0;
    driver.start({ receive: () => received++, runTimers() {}, nextDeadline: () => Infinity }, device);
    for (let n = 0; n < 5; n++) peer.send(tcpFrame());
    expect(received).to.equal(0);
    for (let n = 0; n < 5; n++) await turn();
    expect(received).to.equal(5);
    driver.stop();
  });

  it('gives the program its turn when its time is over, though frames are left', async () => {
    const [device, peer] = createPair();
    const driver = new EventLoopDriver({ timeBudget: 0 });
    const turns: number[] = [];
    let received = 0;
    driver.start({ receive: () => received++, runTimers() {}, nextDeadline: () => Infinity }, device);
    for (let n = 0; n < 40; n++) peer.send(tcpFrame());
    while (received < 40) {
      const before = received;
      await turn();
      if (received > before) turns.push(received - before);
    }
    // Small frames: the clock is read after sixteen.
    expect(turns).to.deep.equal([16, 16, 8]);
    driver.stop();
  });

  it('takes frames that wait before it runs timers, unless those have waited for long', async () => {
    const [device, peer] = createPair();
    const driver = new EventLoopDriver({ frameBudget: 2 });
    let received = 0;
    let deadline = driver.clock.now;
    const due = deadline;
    const done = new Promise<{ frames: number; overdue: number }>((resolve) => {
      const runTimers = () => {
        deadline = Infinity;
        resolve({ frames: received, overdue: driver.clock.now - due });
      };
      driver.start({ receive: () => received++, runTimers, nextDeadline: () => deadline }, device);
    });
    for (let n = 0; n < 5; n++) peer.send(tcpFrame());
    const { frames, overdue } = await done;
    expect(frames === 5 || overdue > 5000, `${frames} frames before a timer that was ${overdue} µs late`).to.equal(
      true,
    );
    driver.stop();
  });

  it('brings the clock up to date in a long turn', async () => {
    const [device, peer] = createPair();
    const driver = new EventLoopDriver({ timeBudget: Infinity });
    const times: number[] = [];
    const receive = () => {
      times.push(driver.clock.now);
      for (const began = performance.now(); performance.now() - began < 0.1; );
    };
    driver.start({ receive, runTimers() {}, nextDeadline: () => Infinity }, device);
    for (let n = 0; n < 64; n++) peer.send(tcpFrame());
    while (times.length < 64) await turn();
    expect(new Set(times).size).to.be.within(4, 64);
    driver.stop();
  });

  it('runs timers when they are due by its clock', async () => {
    const [device] = createPair();
    const driver = new EventLoopDriver();
    let deadline = driver.clock.now;
    const due = deadline;
    const ran = await new Promise<number>((resolve) => {
      const runTimers = () => {
        deadline = Infinity;
        resolve(driver.clock.now);
      };
      driver.start({ receive() {}, runTimers, nextDeadline: () => deadline }, device);
    });
    expect(ran).to.be.at.least(due);
    driver.stop();
  });

  it('notices a deadline that the program sets between its turns', async () => {
    const [device] = createPair();
    const driver = new EventLoopDriver();
    let deadline = Infinity;
    let ran: (() => void) | undefined;
    const runTimers = () => {
      deadline = Infinity;
      ran?.();
    };
    driver.start({ receive() {}, runTimers, nextDeadline: () => deadline }, device);
    await turn();
    await turn();
    const done = new Promise<void>((resolve) => (ran = resolve));
    // As `connect` in a stack does: it reads the clock, and sets a deadline by it.
    deadline = driver.clock.now + 1000;
    await done;
    driver.stop();
  });

  it('has a clock that stands still in a turn and goes on between turns', async () => {
    const [device, peer] = createPair();
    const driver = new EventLoopDriver();
    const inside: number[] = [];
    const receive = () => {
      for (let n = 0; n < 1000; n++) inside.push(driver.clock.now);
    };
    driver.start({ receive, runTimers() {}, nextDeadline: () => Infinity }, device);
    peer.send(tcpFrame());
    await turn();
    await turn();
    expect(new Set(inside).size).to.equal(1);
    while (driver.clock.now === inside[0]) await turn();
    expect(driver.clock.now).to.be.above(inside[0]!);
    driver.stop();
  });

  it('does nothing more once it is stopped', async () => {
    const [device, peer] = createPair();
    const driver = new EventLoopDriver();
    let received = 0;
    driver.start({ receive: () => received++, runTimers() {}, nextDeadline: () => Infinity }, device);
    peer.send(tcpFrame());
    driver.stop();
    await turn();
    await turn();
    expect(received).to.equal(0);
    expect(device.onReadable).to.equal(null);
  });

  it('stops and says so when the device is gone', async () => {
    const [end] = createPair();
    const device = Object.assign(end, { gone: false });
    let told = false;
    const driver = new EventLoopDriver({ onGone: () => (told = true) });
    driver.start({ receive() {}, runTimers() {}, nextDeadline: () => Infinity }, device);
    await turn();
    device.gone = true;
    device.onReadable?.();
    await turn();
    expect(told).to.equal(true);
    expect(device.onReadable).to.equal(null);
  });
});
