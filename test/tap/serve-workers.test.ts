/**
 * Several workers are one host, also for the frames that the kernel gives to the wrong one
 * (src/serve/worker/steering.ts says which those are).
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { expect } from 'chai';
import { HostInterface } from '../../src/net/device/host-interface.js';
import { macFromName } from '../../src/net/device/tap-open.js';
import { IpAddress } from '../../src/net/wire/address.js';
import { writeUint16 } from '../../src/net/wire/bytes.js';
import { finish, sum } from '../../src/net/wire/checksum.js';
import * as ethernet from '../../src/net/wire/ethernet.js';
import * as ipv4 from '../../src/net/wire/ipv4.js';
import { PROTOCOL } from '../../src/net/wire/protocol.js';
import * as tcp from '../../src/net/wire/tcp.js';
import { describeInNamespace } from '../support/namespace.js';
import { RawLink } from '../support/raw-link.js';
import { needs, readableFolder, run, ServeProcess } from '../support/serve-process.js';
import { PATIENCE_MS } from '../support/until.js';

const CONNECTIONS = 16;
const FLOW_LABELS = '/proc/sys/net/ipv6/auto_flowlabels';

/** An ACK far outside any window, from this machine's `port` to our port 80, in two fragments. */
function fragmentedAck(port: number): Uint8Array[] {
  const segment = new Uint8Array(32);
  const [peer, ours] = ['10.77.0.1', '10.77.0.2'].map((text) => IpAddress.parse(text).word3) as [number, number];
  const addresses = [peer, ours].reduce((total, word) => total + (word >>> 16) + (word & 0xffff), 0);
  tcp.writeHeader(segment, 0, port, 80, 0x1234_5678, 0x1234_5678, tcp.TCP_HEADER_BYTES, tcp.ACK, 1000);
  const total = sum(segment, 0, segment.length) + addresses + PROTOCOL.TCP + segment.length;
  writeUint16(segment, tcp.TCP_CHECKSUM_AT, finish(total));
  return [segment.subarray(0, 24), segment.subarray(24)].map((piece, i) => {
    const frame = new Uint8Array(34 + piece.length);
    ethernet.emit(frame, 0, macFromName('fp0'), new HostInterface('fp0').mac, ethernet.TYPE_IPV4);
    const flagsOffset = i === 0 ? ipv4.MORE_FRAGMENTS : 24 / 8;
    ipv4.emit(frame, 14, 0, 20 + piece.length, port, flagsOffset, 64, PROTOCOL.TCP, peer, ours, addresses);
    frame.set(piece, 34);
    return frame;
  });
}

describeInNamespace(import.meta.url, 'several workers', () => {
  const folder = readableFolder('fastpath-workers-');
  const env = { ...process.env, FASTPATH_RUNTIME_DIR: join(folder, 'run') };
  const site = join(folder, 'site');
  let server: ServeProcess;
  let agents: Agent[];

  before(async () => {
    mkdirSync(site);
    writeFileSync(join(site, 'index.html'), 'hello');
    server = await ServeProcess.start([site, '--workers', '3', '-a', '10.77.0.2', '-a', 'fd77::2'], { env });
  });

  beforeEach(() => {
    agents = Array.from({ length: CONNECTIONS }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  });

  afterEach(() => {
    for (const agent of agents) agent.destroy();
  });

  after(async () => {
    expect(await server.end()).to.equal(0);
    rmSync(folder, { recursive: true, force: true });
  });

  /** One request on each connection; the local ports that they came from. */
  async function requestOnEach(host: string): Promise<number[]> {
    return Promise.all(agents.map((agent) => requestOn(agent, host)));
  }

  function requestOn(agent: Agent, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const request = get({ agent, host, path: '/', timeout: PATIENCE_MS }, (response) => {
        const port = response.socket.localPort!;
        let body = '';
        response.on('data', (chunk: Buffer) => (body += chunk));
        response.on('end', () => (body === 'hello' ? resolve(port) : reject(new Error(`answered "${body}"`))));
      });
      request.on('error', reject);
      request.on('timeout', () => request.destroy(new Error('no answer')));
    });
  }

  /** A counter once it satisfies `test`. */
  async function counter(name: string, test: (value: number) => boolean): Promise<number> {
    const value = (counters: unknown) => (counters as Record<string, number>)[name] ?? 0;
    return value((await server.event('status', ({ counters }) => test(value(counters)))).counters);
  }

  /** The same, of the statuses that are still to come. */
  function lastCounter(name: string, test: (value: number) => boolean): Promise<number> {
    server.events.length = 0;
    return counter(name, test);
  }

  it('keep their connections when IPv6 flow labels change, which older kernels steer by', async () => {
    // There, without labels connections are spread by their ports; with labels all of one client come to one worker.
    writeFileSync(FLOW_LABELS, '0');
    const before = await requestOnEach('fd77::2');
    for (const labels of ['1', '0', '1']) {
      writeFileSync(FLOW_LABELS, labels);
      expect(await requestOnEach('fd77::2'), `with flow labels ${labels}`).to.deep.equal(before);
    }
    expect(await counter('stack.tcp.resetsSent', () => true)).to.equal(0);
  });

  it('find the connection of a segment that came in fragments, to another of them', async () => {
    const ports = await requestOnEach('10.77.0.2');
    const link = new RawLink('fp0');
    for (const port of ports) for (const frame of fragmentedAck(port)) link.send(frame);
    link.close();
    await counter('steering.strayed', (value) => value > 0);
    expect(await requestOnEach('10.77.0.2')).to.deep.equal(ports);
    expect(await counter('stack.tcp.resetsSent', () => true)).to.equal(0);
  });

  it('all answer again after this machine has forgotten our Ethernet address', async function () {
    needs(this, 'ip');
    const before = await requestOnEach('10.77.0.2');
    await run('ip', ['neigh', 'flush', 'dev', 'fp0']);
    expect(await requestOnEach('10.77.0.2')).to.deep.equal(before);
  });

  it('hold hundreds of connections, and none when the clients have gone', async () => {
    agents = Array.from({ length: 300 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
    const ports = await requestOnEach('10.77.0.2');
    expect(await requestOnEach('10.77.0.2')).to.deep.equal(ports);
    expect(await counter('connections.open', (value) => value >= 300)).to.be.at.least(300);
    for (const agent of agents) agent.destroy();
    expect(await lastCounter('connections.open', (value) => value === 0)).to.equal(0);
  });

  it("answer a segment of no connection with one RST, whoever it's given to", async () => {
    const before = await counter('stack.tcp.resetsSent', () => true);
    const refused = await new Promise((resolve) => {
      get({ host: '10.77.0.2', port: 81, agent: false }).on('error', (error: NodeJS.ErrnoException) =>
        resolve(error.code),
      );
    });
    expect(refused).to.equal('ECONNREFUSED');
    expect(await counter('stack.tcp.resetsSent', (value) => value > before)).to.equal(before + 1);
  });
});
