/** Frames through an io_uring, over a pair of sockets instead of a TAP: they need no privilege. */
import { expect } from 'chai';
import { IncomingFrame, OutgoingFrame } from '../../../../src/net/device/frame.js';
import { EBADF, sys } from '../../../../src/net/device/libc.js';
import { Ring } from '../../../../src/net/device/ring/ring.js';
import { RingTap } from '../../../../src/net/device/ring/ring-tap.js';
import { BELL, FRAMES } from '../../../../src/net/device/waiter.js';
import { Wakeup } from '../../../../src/net/driver/wakeup.js';
import { SummedBytes } from '../../../../src/net/wire/summed-bytes.js';
import { FrameSocket } from '../../../support/frame-socket.js';
import { needsRing } from '../../../support/ways.js';

const LONG_US = 2_000_000;
const RING_ENTRIES = 128;

describe('a TAP whose frames go through a ring', () => {
  let socket: FrameSocket;
  let bell: Wakeup;
  let ring: Ring;
  let device: RingTap;
  let failures: number[];
  const outgoing = new OutgoingFrame();
  const incoming = new IncomingFrame(new Uint8Array(0));

  before(function () {
    needsRing(this);
  });

  beforeEach(() => {
    socket = new FrameSocket();
    bell = Wakeup.create();
    ring = new Ring(RING_ENTRIES);
    failures = [];
    device = new RingTap({ tap: socket.tap, bellFd: bell.fd, ring, failed: (errno) => failures.push(errno) });
  });

  afterEach(() => {
    device.close();
    socket.close();
    bell.close();
  });

  /** A frame with this text as its header, and the bytes as its payload. */
  function send(header: string, payload?: SummedBytes): boolean {
    outgoing.reset();
    outgoing.start -= header.length;
    for (let i = 0; i < header.length; i++) outgoing.header[outgoing.start + i] = header.charCodeAt(i);
    if (payload !== undefined) outgoing.addFragment(payload, 0, payload.length);
    return device.send(outgoing);
  }

  function takeAll(): string[] {
    const taken: string[] = [];
    while (device.receive(incoming)) taken.push(text(incoming.bytes.subarray(incoming.from, incoming.to)));
    return taken;
  }

  function arrived(): string[] {
    const all: string[] = [];
    for (let frame = socket.receive(); frame !== undefined; frame = socket.receive()) all.push(text(frame));
    return all;
  }

  it('keeps each frame as it was sent, and hands all of a turn over at once', () => {
    const payload = retained('payload');
    for (const header of ['one', 'two, longer', '3']) expect(send(header, payload)).to.equal(true);
    expect(send('no payload')).to.equal(true);
    expect(arrived(), 'before the turn ends').to.deep.equal([]);
    device.wait(0);
    expect(arrived()).to.deep.equal(['onepayload', 'two, longerpayload', '3payload', 'no payload']);
    expect(device.ringStatistics).to.deep.equal({ turns: 1, earlyEnters: 0, failed: 0 });
  });

  it('reads up to eight frames in a turn, fewer if few come, and knows whether there may be more', () => {
    const names = Array.from({ length: 28 }, (_, i) => `frame ${i}`);
    for (const name of names) socket.send(Buffer.from(name));
    const turns: number[] = [];
    const taken: string[] = [];
    do {
      expect(device.wait(LONG_US)).to.equal(FRAMES);
      const turn = takeAll();
      turns.push(turn.length);
      taken.push(...turn);
    } while (!device.isDrained);
    expect(taken).to.deep.equal(names);
    expect(turns).to.deep.equal([2, 4, 8, 8, 6]);
    expect(device.wait(0)).to.equal(0);
  });

  it('does not lose the frames that its driver leaves for the next turn', () => {
    for (const name of ['a', 'b', 'c']) socket.send(Buffer.from(name));
    device.wait(LONG_US);
    expect(device.receive(incoming)).to.equal(true);
    send('answer');
    expect(device.wait(LONG_US)).to.equal(FRAMES);
    expect(arrived()).to.deep.equal(['answer']);
    expect(takeAll()).to.deep.equal(['b']);
    expect(device.wait(LONG_US)).to.equal(FRAMES);
    expect(takeAll()).to.deep.equal(['c']);
  });

  it('sleeps until the bell rings, again and again', () => {
    for (let ring = 0; ring < 3; ring++) {
      expect(device.wait(0)).to.equal(0);
      bell.ring();
      expect(device.wait(LONG_US)).to.equal(BELL);
      bell.clear();
    }
    bell.ring();
    socket.send(Buffer.from('both'));
    let found = 0;
    while (found !== (FRAMES | BELL)) found |= device.wait(LONG_US);
    expect(takeAll()).to.deep.equal(['both']);
  });

  it('sleeps no longer than it is told to', () => {
    const slept = Array.from({ length: 10 }, () => {
      const start = performance.now();
      expect(device.wait(3_000)).to.equal(0);
      return performance.now() - start;
    });
    expect(Math.min(...slept), 'the machine may have slept meanwhile, but not each time').to.be.within(3, 1_500);
  });

  it('holds the payload until the kernel has read it, although its last reader lets go before', () => {
    const payload = retained('still to be read');
    const free: SummedBytes[] = [];
    payload.onUnused = (bytes) => free.push(bytes);
    send('>', payload);
    payload.release();
    expect(free, 'before the turn ends').to.deep.equal([]);
    device.wait(0);
    expect(free).to.deep.equal([payload]);
    expect(arrived()).to.deep.equal(['>still to be read']);
  });

  it('hands over at once what nobody retains, since it may change', () => {
    const bytes = Uint8Array.from(Buffer.from('as it was'));
    send('>', SummedBytes.plain(bytes));
    bytes.fill(0);
    expect(arrived()).to.deep.equal(['>as it was']);
    expect(device.ringStatistics.earlyEnters).to.equal(1);
  });

  it('hands over in between when it has no slot left, or much payload', () => {
    const names = Array.from({ length: 70 }, (_, i) => `${i}`);
    for (const name of names) send(name);
    expect(device.ringStatistics.earlyEnters).to.equal(1);
    send('large', retained('x'.repeat(140_000)));
    expect(device.ringStatistics.earlyEnters).to.equal(2);
    device.wait(0);
    const frames = arrived();
    expect(frames.slice(0, 70)).to.deep.equal(names);
    expect(frames.map(({ length }) => length).at(-1)).to.equal(140_005);
  });

  it('counts frames that the kernel refuses, and those for which there is no room', () => {
    const large = retained('x'.repeat(50_000));
    for (let i = 0; i < 20; i++) send('', large);
    device.wait(0);
    const { sendBlocked } = device.statistics;
    expect(sendBlocked).to.be.within(1, 19);
    expect(arrived()).to.have.length(20 - sendBlocked);
    socket.hangUp();
    send('to nobody');
    device.wait(0);
    expect(device.statistics).to.include({ sendFailed: 1, sendBlocked });
    expect(failures).to.deep.equal([]);
  });

  it('counts more refusals in one turn than the ring has completions, and hears the bell in between', () => {
    device.wait(0);
    socket.hangUp();
    bell.ring();
    for (let i = 0; i < 1_000; i++) send('to nobody');
    let found = 0;
    // The kernel makes some twenty of these completions a turn.
    for (let turn = 0; turn < 200 && device.statistics.sendFailed < 1_000; turn++) found |= device.wait(0);
    expect(device.statistics.sendFailed).to.equal(1_000);
    expect(found & BELL).to.equal(BELL);
    expect(failures).to.deep.equal([]);
  });

  it('goes on plainly when the ring fails, without losing what waits', () => {
    socket.send(Buffer.from('before'));
    device.wait(LONG_US);
    sys.close(ring.fd);
    const payload = retained('!');
    send('first', payload);
    send('second', payload);
    expect(device.wait(0), 'with what the ring had read').to.equal(FRAMES);
    expect(failures).to.deep.equal([EBADF]);
    expect(device.ringStatistics.failed).to.equal(1);
    expect(arrived()).to.deep.equal(['first!', 'second!']);
    expect(payload.readers, 'only the test').to.equal(1);
    expect(takeAll()).to.deep.equal(['before']);
    expect(send('third', payload)).to.equal(true);
    expect(arrived()).to.deep.equal(['third!']);
    socket.send(Buffer.from('after'));
    bell.ring();
    expect(device.wait(LONG_US)).to.equal(FRAMES | BELL);
    expect(takeAll()).to.deep.equal(['after']);
  });

  it('does so in the middle of a turn as well', () => {
    device.wait(0);
    sys.close(ring.fd);
    send('first', retained('!'));
    send('second', SummedBytes.plain(Uint8Array.from(Buffer.from('?'))));
    expect(failures).to.deep.equal([EBADF]);
    send('third');
    expect(arrived()).to.deep.equal(['first!', 'second?', 'third']);
    socket.send(Buffer.from('after'));
    expect(device.wait(LONG_US)).to.equal(FRAMES);
    expect(takeAll()).to.deep.equal(['after']);
  });

  it('hands over what waits when it is closed, and leaves the descriptor open', () => {
    device.wait(0);
    send('the last word');
    device.close();
    expect(arrived()).to.deep.equal(['the last word']);
    socket.send(Buffer.from('later'));
    expect(socket.tap.receive(incoming)).to.equal(true);
  });
});

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

/** Bytes with a reader, as those in a send queue have one. */
function retained(content: string): SummedBytes {
  const bytes = SummedBytes.of(Uint8Array.from(Buffer.from(content)));
  bytes.retain();
  return bytes;
}
