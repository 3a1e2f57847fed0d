/** The internet layer against the machine's own kernel: ping, neighbours, fragments and errors in both families. */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { HostInterface } from '../../src/net/device/host-interface.js';
import { TapDevice } from '../../src/net/device/tap.js';
import { EventLoopDriver } from '../../src/net/driver/event-loop.js';
import { SystemRandom } from '../../src/net/driver/system-random.js';
import { InternetLayer } from '../../src/net/internet.js';
import type { DuplicateDetection } from '../../src/net/ip/context.js';
import { InternetStatistics } from '../../src/net/ip/statistics.js';
import { IpNetwork } from '../../src/net/wire/address.js';
import { hostAddressesReady } from '../support/host-addresses.js';
import { describeInNamespace } from '../support/namespace.js';
import { refusal } from '../support/refusal.js';
import { needs } from '../support/serve-process.js';
import { until } from '../support/until.js';

const HOST = '10.77.7.1';
const OURS = '10.77.7.2';
const HOST_6 = 'fd77:7::1';
const OURS_6 = 'fd77:7::2';

describeInNamespace(import.meta.url, 'the internet layer on a real interface', () => {
  let device: TapDevice;
  let driver: EventLoopDriver;
  let started = false;
  let layer: InternetLayer;
  const conflicts: string[] = [];

  /** Opens a TAP, gives the host these addresses, and runs a layer with ours on the other side. */
  function start(duplicateDetection: DuplicateDetection = 'off', host4 = HOST, host6 = HOST_6): void {
    device = TapDevice.open({ name: 'tapi' });
    const host = new HostInterface('tapi');
    // The host's own duplicate address detection would make it wait a second or two.
    for (const setting of ['accept_dad', 'disable_ipv6']) writeFileSync(`/proc/sys/net/ipv6/conf/tapi/${setting}`, '0');
    host.addAddress(IpNetwork.parse(`${host4}/24`));
    host.up();
    host.addAddress(IpNetwork.parse(`${host6}/64`));
    driver = new EventLoopDriver();
    layer = new InternetLayer({
      device,
      clock: driver.clock,
      random: new SystemRandom(),
      addresses: [IpNetwork.parse(`${OURS}/24`), IpNetwork.parse(`${OURS_6}/64`)],
      statistics: new InternetStatistics(),
      options: { duplicateDetection, onConflict: ({ address }) => conflicts.push(String(address)) },
    });
    driver.start(layer, device);
    layer.start();
    started = true;
  }

  afterEach(() => {
    if (!started) return; // the test was skipped
    driver.stop();
    device.close();
    started = false;
  });

  /** Runs a program while the layer answers it. */
  async function run(program: string, ...args: string[]): Promise<{ status: number; output: string }> {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (data: Buffer) => (output += data));
    child.stderr.on('data', (data: Buffer) => (output += data));
    const [status] = (await once(child, 'close')) as [number];
    return { status, output };
  }

  async function ping(...args: string[]): Promise<string> {
    // With -w it asks until so many have been answered. Else it waits for the last answer for two round trips only.
    const { output } = await run('ping', '-c', '3', '-i', '0.05', '-w', '60', ...args);
    return output;
  }

  for (const [what, address] of [
    ['IPv4', OURS],
    ['IPv6', OURS_6],
    ['the link-local address', 'fe80::%tapi'],
  ] as [string, string][]) {
    it(`Linux pings ${what}, small, full and in fragments up to 60,000 bytes`, async function () {
      needs(this, 'ping');
      start();
      const target = address.includes('%') ? `${layer.addresses.at(-1)!.address}%tapi` : address;
      for (const size of ['0', '56', '1452', '1472', '8000']) {
        const output = await ping('-s', size, target);
        expect(output.includes('3 received'), output).to.equal(true);
      }
      // One alone: a second answer in 41 fragments does not fit beside the first in the buffer of ping's socket, and a
      // busy machine lets ping read neither for a while.
      const output = await ping('-c', '1', '-s', '60000', target);
      expect(output.includes('1 received'), output).to.equal(true);
    });
  }

  it('Linux pings all nodes of the link and hears us', async function () {
    needs(this, 'ping');
    start();
    const output = await ping('ff02::1%tapi');
    expect(output).to.contain(`${layer.addresses.at(-1)!.address}%tapi`);
  });

  it('Linux knows our Ethernet address by ARP and by NDP, and confirms it', async function () {
    needs(this, 'ping', 'ip');
    start();
    await ping(OURS);
    await ping(OURS_6);
    const mac = Array.from(device.mac, (byte) => byte.toString(16).padStart(2, '0')).join(':');
    for (const address of [OURS, OURS_6]) {
      const { output } = await run('ip', 'neigh', 'show', 'to', address, 'dev', 'tapi');
      expect(output).to.match(new RegExp(`lladdr ${mac}.*REACHABLE`));
    }
  });

  for (const [family, address] of [
    ['udp4', OURS],
    ['udp6', OURS_6],
  ] as const) {
    it(`a closed ${family} port refuses Linux at once`, async () => {
      start();
      await hostAddressesReady('tapi');
      const socket = createSocket(family);
      socket.connect(9, address);
      await once(socket, 'connect');
      expect(await refusal(socket)).to.include({ code: 'ECONNREFUSED' });
      socket.close();
    });
  }

  it('an address that Linux has already is not used, in either family', async () => {
    start('strict', OURS, OURS_6);
    await until(() => conflicts.length >= 2, 'both conflicts');
    expect(conflicts.sort()).to.deep.equal([OURS, OURS_6]);
  });
});
