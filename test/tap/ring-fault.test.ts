/** A ring that breaks in the middle of a download: the connection goes on, by plain calls, and no byte is missing. */
import { get } from 'node:http';
import { expect } from 'chai';
import { createHttpAcceptor, DerivedWallClock, HttpStatistics } from '../../src/http/index.js';
import { Clock } from '../../src/net/clock.js';
import { HostInterface } from '../../src/net/device/host-interface.js';
import { EBADF, sys } from '../../src/net/device/libc.js';
import { Ring } from '../../src/net/device/ring/ring.js';
import { RingTap } from '../../src/net/device/ring/ring-tap.js';
import { TapDevice } from '../../src/net/device/tap.js';
import { PollLoop } from '../../src/net/driver/poll-loop.js';
import { SystemRandom } from '../../src/net/driver/system-random.js';
import { Wakeup } from '../../src/net/driver/wakeup.js';
import { createStack } from '../../src/net/stack.js';
import { IpNetwork } from '../../src/net/wire/address.js';
import { describeInNamespace } from '../support/namespace.js';
import { pattern } from '../support/packets.js';
import { makeSite } from '../support/site.js';
import { needsRing } from '../support/ways.js';

const CONTENT = pattern(4_000_000);
const RING_ENTRIES = 128;

describeInNamespace(import.meta.url, 'a ring that breaks under a server', () => {
  it('loses no connection', async function () {
    needsRing(this);
    const tap = TapDevice.open({ name: 'ringed' });
    const host = new HostInterface('ringed');
    host.disableIpv6();
    host.addAddress(IpNetwork.parse('10.77.3.1/24'));
    host.up();
    const bell = Wakeup.create();
    const ring = new Ring(RING_ENTRIES);
    const failures: number[] = [];
    const device = new RingTap({ tap, bellFd: bell.fd, ring, failed: (errno) => failures.push(errno) });
    const clock = new Clock();
    const { store } = await makeSite({ files: { '/large': { content: CONTENT } } });
    const addresses = [IpNetwork.parse('10.77.3.2/24')];
    const stack = createStack({ device, clock, random: new SystemRandom(), addresses });
    const wallClock = new DerivedWallClock(clock, Date.now());
    stack.listen(80, createHttpAcceptor({ store, clock, wallClock, statistics: new HttpStatistics() }));
    stack.start();
    const loop = new PollLoop({ stack, device, clock, fd: tap.fd, bell, waiter: device, woken() {} });

    const chunks: Buffer[] = [];
    let problem: Error | undefined;
    let ended = false;
    get('http://10.77.3.2/large', { agent: false }, (response) => {
      response.on('data', (chunk: Buffer) => {
        if (chunks.length === 0) sys.close(ring.fd);
        chunks.push(chunk);
      });
      response.on('end', () => (ended = true));
    }).on('error', (error) => (problem = error));
    while (!ended && problem === undefined) {
      loop.turn(5);
      await new Promise(setImmediate);
    }
    expect(problem).to.equal(undefined);
    expect(Buffer.concat(chunks).equals(Buffer.from(CONTENT))).to.equal(true);
    expect(failures).to.deep.equal([EBADF]);
    expect(device.ringStatistics).to.include({ failed: 1 });
    expect(loop.statistics.frames).to.be.above(10);
    bell.close();
    tap.close();
  });
});
