/**
 * The networks that people have, with the machine's own kernel in them: a host with our address, a liar on a bridge, a
 * client behind a router, frames with a VLAN tag.
 */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import net from 'node:net';
import { expect } from 'chai';
import { AddressProbe } from '../../src/net/arp/address-probe.js';
import type { Device, Offload } from '../../src/net/device/device.js';
import { type IncomingFrame, OutgoingFrame } from '../../src/net/device/frame.js';
import { HostInterface } from '../../src/net/device/host-interface.js';
import { TapDevice } from '../../src/net/device/tap.js';
import { EventLoopDriver } from '../../src/net/driver/event-loop.js';
import { SystemRandom } from '../../src/net/driver/system-random.js';
import type { AddressConflict } from '../../src/net/ip/context.js';
import { createStack, type Stack, type StackOptions } from '../../src/net/stack.js';
import { formatMac, IpAddress, IpNetwork } from '../../src/net/wire/address.js';
import { listen } from '../../src/socket/index.js';
import { hostAddressesReady } from '../support/host-addresses.js';
import { describeInNamespace } from '../support/namespace.js';
import { arp, BROADCAST_MAC, concat, ethernet, icmp, ipv4, OTHER_MAC, pattern } from '../support/packets.js';
import { RawLink } from '../support/raw-link.js';
import { needs, run } from '../support/serve-process.js';
import { until } from '../support/until.js';

const HOST = '10.77.9.1';
const OURS = '10.77.9.2';
const HOST_6 = 'fd77:9::1';
const OURS_6 = 'fd77:9::2';

/** Gives every frame that goes out a tag with a priority and VLAN id 0. */
class PriorityTagging implements Device {
  readonly mac: Uint8Array;
  readonly mtu: number;
  readonly fd: number;

  constructor(readonly inner: TapDevice) {
    this.mac = inner.mac;
    this.mtu = inner.mtu;
    this.fd = inner.fd;
  }

  get offload(): Offload {
    return this.inner.offload;
  }

  send(frame: OutgoingFrame): boolean {
    frame.header.copyWithin(frame.start - 4, frame.start, frame.start + 12);
    frame.start -= 4;
    frame.header.set([0x81, 0x00, 0xa0, 0x00], frame.start + 12);
    return this.inner.send(frame);
  }

  receive(frame: IncomingFrame): boolean {
    return this.inner.receive(frame);
  }

  close(): void {
    this.inner.close();
  }
}

describeInNamespace(import.meta.url, 'networks as they are', () => {
  const closers: (() => void)[] = [];
  const conflicts: AddressConflict[] = [];
  let tap: TapDevice;
  let driver: EventLoopDriver;
  let stack: Stack;

  beforeEach(() => {
    conflicts.length = 0;
  });

  afterEach(() => {
    for (const close of closers.splice(0).reverse()) close();
  });

  async function ip(...args: string[]): Promise<void> {
    const { code, stderr } = await run('ip', args);
    if (code !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
  }

  function openTap(name: string, offload = true): TapDevice {
    const device = TapDevice.open({ name, offload });
    closers.push(() => device.close());
    for (const setting of ['accept_dad', 'disable_ipv6']) {
      writeFileSync(`/proc/sys/net/ipv6/conf/${name}/${setting}`, '0');
    }
    return device;
  }

  /** A TAP with the host's addresses on it. */
  function openLink(...addresses: string[]): HostInterface {
    tap = openTap('tapn');
    const host = new HostInterface('tapn');
    for (const address of addresses) if (!address.includes(':')) host.addAddress(IpNetwork.parse(address));
    host.up();
    for (const address of addresses) if (address.includes(':')) host.addAddress(IpNetwork.parse(address));
    return host;
  }

  function runStack(device: Device, options: Partial<StackOptions> = {}): void {
    driver = new EventLoopDriver();
    stack = createStack({
      device,
      clock: driver.clock,
      random: new SystemRandom(),
      addresses: [IpNetwork.parse(`${OURS}/24`), IpNetwork.parse(`${OURS_6}/64`)],
      ...options,
      internet: { onConflict: (conflict) => conflicts.push(conflict), ...options.internet },
    });
    driver.start(stack, device);
    stack.start();
    closers.push(() => {
      stack.abort();
      driver.stop();
    });
  }

  /** @throws {Error} unless each of three pings is answered. */
  async function ping(...args: string[]): Promise<void> {
    const { stdout, stderr } = await run('ping', ['-c', '3', '-i', '0.05', '-w', '60', ...args]);
    if (!stdout.includes('3 received')) throw new Error(`ping ${args.join(' ')}:\n${stdout}${stderr}`);
  }

  const isOurs = (address: string) => stack.internet.isLocal(IpAddress.parse(address));

  describe('somebody else has our address', () => {
    it('Linux answers two probes: the address is given up, in either family, while it was in use', async () => {
      const host = openLink(`${OURS}/24`, `${OURS_6}/64`);
      runStack(tap);
      expect([isOurs(OURS), isOurs(OURS_6)]).to.deep.equal([true, true]);
      await until(() => conflicts.length >= 2);
      expect([isOurs(OURS), isOurs(OURS_6)]).to.deep.equal([false, false]);
      expect(conflicts.map(({ address }) => String(address)).sort()).to.deep.equal([OURS, OURS_6]);
      for (const { mac, phase } of conflicts) {
        expect(phase).to.equal('probing');
        expect(formatMac(mac)).to.equal(formatMac(host.mac));
      }
    });

    it('AddressProbe finds that Linux has an address, and that no host has another', async () => {
      const host = openLink(`${HOST}/24`);
      driver = new EventLoopDriver();
      closers.push(() => driver.stop());
      for (const [address, verdict] of [
        [HOST, 'taken'],
        [OURS, 'free'],
      ] as const) {
        const probe = new AddressProbe({ device: tap, clock: driver.clock, address: IpAddress.parse(address) });
        driver.start(probe, tap);
        await until(() => probe.verdict !== 'pending');
        driver.stop();
        expect(probe.verdict).to.equal(verdict);
        expect(probe.holder && formatMac(probe.holder)).to.equal(verdict === 'taken' ? formatMac(host.mac) : undefined);
      }
    });

    it('a liar on the same bridge does not silence us: Linux pings us all the while', async function () {
      needs(this, 'ping', 'ip');
      const liar = openTap('tapl', false);
      tap = openTap('tapn');
      await ip('link', 'add', 'brn', 'type', 'bridge');
      closers.push(() => void run('ip', ['link', 'del', 'brn']));
      for (const port of ['tapl', 'tapn']) await ip('link', 'set', port, 'master', 'brn', 'up');
      await ip('address', 'add', `${HOST}/24`, 'dev', 'brn');
      await ip('link', 'set', 'brn', 'up');
      runStack(tap);
      // What the liar writes to its TAP comes out at the bridge, and so at ours.
      const lie = () => {
        const frame = new OutgoingFrame();
        const claim = arp({ operation: 1, senderMac: OTHER_MAC, sender: OURS, target: OURS });
        const bytes = ethernet(BROADCAST_MAC, OTHER_MAC, 0x0806, claim);
        frame.start = 16;
        frame.end = 16 + bytes.length;
        frame.header.set(bytes, 16);
        liar.send(frame);
      };
      const { arp: counted } = stack.statistics.internet;
      // One lie while the address is being probed, and two when it is held. Exact times: test/net/arp.
      for (const isDue of [() => counted.probesSent > 0, () => counted.announcementsSent > 0, () => true]) {
        await until(isDue, 'the next frame of the probe', 30_000);
        lie();
        await run('ip', ['neigh', 'flush', 'dev', 'brn']);
        await ping(OURS);
        expect(isOurs(OURS)).to.equal(true);
      }
      expect(counted.conflicts).to.equal(3);
      expect(counted.defenses).to.be.greaterThan(0);
      expect(new Set(conflicts.map(({ phase }) => phase))).to.deep.equal(new Set(['defended']));
    });
  });

  describe('a client behind a router', () => {
    const FAR = '10.99.9.9';
    const FAR_6 = 'fd99::9';

    afterEach(async () => {
      await run('ip', ['address', 'del', `${FAR}/32`, 'dev', 'lo']);
      await run('ip', ['address', 'del', `${FAR_6}/128`, 'dev', 'lo']);
    });

    beforeEach(async function () {
      needs(this, 'ping', 'ip');
      await ip('link', 'set', 'lo', 'up');
      await ip('address', 'replace', `${FAR}/32`, 'dev', 'lo');
      await ip('address', 'replace', `${FAR_6}/128`, 'dev', 'lo', 'nodad');
      openLink(`${HOST}/24`, `${HOST_6}/64`);
    });

    it('is answered by way of the gateway, in either family', async () => {
      runStack(tap, { gateway: IpAddress.parse(HOST), gateway6: IpAddress.parse(HOST_6) });
      await hostAddressesReady();
      await ping('-I', FAR, OURS);
      await ping('-I', FAR_6, OURS_6);
      const server = listen(stack, { port: 80 }, (socket) => void socket.on('error', () => {}).end('far'));
      closers.push(() => void server.close());
      for (const [host, localAddress] of [
        [OURS, FAR],
        [OURS_6, FAR_6],
      ] as const) {
        const socket = net.connect({ host, port: 80, localAddress });
        const [data] = (await once(socket, 'data')) as [Buffer];
        expect(String(data)).to.equal('far');
        socket.destroy();
      }
    });

    it('gets no answer without a gateway, and the counter says why', async () => {
      runStack(tap, { internet: { acceptRouterAdvertisements: false } });
      const { stdout } = await run('ping', ['-c', '1', '-W', '1', '-I', FAR, OURS]);
      expect(stdout).to.contain('0 received');
      expect(stack.statistics.internet.ip.noRoute).to.equal(1);
    });
  });

  describe('frames with a tag', () => {
    const bytes = randomBytes(4 * 1024 * 1024);
    const digest = (data: Uint8Array) => createHash('sha256').update(data).digest('hex');

    /** Linux fetches `bytes` from us and sends them back. */
    async function exchange(host: string): Promise<void> {
      const server = listen(stack, { port: 80 });
      const [[ours], socket] = await Promise.all([
        once(server, 'connection') as Promise<[net.Socket]>,
        (async () => {
          const connected = net.connect({ host, port: 80 });
          await once(connected, 'connect');
          return connected;
        })(),
      ]);
      const echoed: Buffer[] = [];
      for (const each of [ours, socket]) each.on('error', () => {});
      ours.on('data', (chunk: Buffer) => echoed.push(Buffer.from(chunk)));
      const got: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => {
        got.push(chunk);
        socket.write(chunk);
      });
      ours.write(bytes);
      const length = (chunks: Buffer[]) => chunks.reduce((total, chunk) => total + chunk.length, 0);
      await until(() => length(echoed) === bytes.length);
      expect(digest(Buffer.concat(got)), 'to Linux').to.equal(digest(bytes));
      expect(digest(Buffer.concat(echoed)), 'and back').to.equal(digest(bytes));
      socket.destroy();
      ours.destroy();
      server.close();
    }

    for (const host of [OURS, OURS_6]) {
      it(`Linux takes super-segments and checksums left to it behind a priority tag: ${host}`, async () => {
        openLink(`${HOST}/24`, `${HOST_6}/64`);
        runStack(new PriorityTagging(tap));
        await hostAddressesReady();
        await exchange(host);
        expect(stack.statistics.tcp.bytesRetransmitted, 'nothing but a tail loss probe').to.be.below(50_000);
        expect(stack.statistics.tcp.segmentsSent, 'they were super-segments').to.be.below(1500);
      });
    }

    it('we answer a ping behind a priority tag, and ignore one of a VLAN', async () => {
      openLink(`${HOST}/24`);
      runStack(tap);
      const raw = new RawLink('tapn');
      closers.push(() => raw.close());
      const request = ipv4({ source: HOST, destination: OURS, protocol: 1, payload: icmp(8, 0, 7, pattern(56)) });
      const plain = ethernet(formatMac(tap.mac), formatMac(new HostInterface('tapn').mac), 0x0800, request);
      const { icmp: counted, ethernet: link } = stack.statistics.internet;
      for (const control of [0xa000, 0x0000, 0xa005]) {
        raw.send(concat(plain.subarray(0, 12), [0x81, 0, control >> 8, control & 255], plain.subarray(12)));
      }
      await until(() => link.otherVlan === 1);
      expect(counted.echoesAnswered).to.equal(2);
      expect(link.otherVlan).to.equal(1);
    });

    it('with a VLAN interface on the Linux side: ping and transfers, in either family', async function () {
      needs(this, 'ping', 'ip');
      openLink();
      const { code } = await run('ip', ['link', 'add', 'link', 'tapn', 'name', 'tapn.5', 'type', 'vlan', 'id', '5']);
      if (code !== 0) {
        this.test!.title += ' (this kernel has no VLAN interfaces)';
        this.skip();
      }
      writeFileSync('/proc/sys/net/ipv6/conf/tapn.5/accept_dad', '0');
      await ip('address', 'add', `${HOST}/24`, 'dev', 'tapn.5');
      await ip('link', 'set', 'tapn.5', 'up');
      await ip('address', 'add', `${HOST_6}/64`, 'dev', 'tapn.5', 'nodad');
      runStack(tap, { internet: { vlan: 5 } });
      await hostAddressesReady();
      for (const host of [OURS, OURS_6]) {
        await ping('-s', '8000', host);
        await exchange(host);
      }
      expect(stack.statistics.tcp.bytesRetransmitted, 'nothing but a tail loss probe').to.be.below(50_000);
    });
  });
});
