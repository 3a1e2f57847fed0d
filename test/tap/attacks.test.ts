/**
 * Attacks on `fastpath serve` over a real TAP interface, each while an ordinary client is at work: the client gets all
 * of its bytes, memory stays bounded, a new client is served at once, and nothing is left over (RFC 4987, RFC 5961, RFC
 * 5927, RFC 9293 section 3.8.6.1).
 *
 * The loads are bounded: the whole file takes some twenty seconds. No test depends on how fast the machine is: of what
 * comes too fast the kernel drops a part, so an attack is repeated until enough of it has arrived.
 */
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseMac } from '../../src/net/wire/address.js';
import { askServer } from '../../src/serve/process/control-socket.js';
import { FramePort } from '../support/frame-port.js';
import { describeInNamespace } from '../support/namespace.js';
import { concat, icmp, ipv4, word16, word32 } from '../support/packets.js';
import { type ArrivedSegment, RawHost } from '../support/raw-host.js';
import { needs, readableFolder, run, ServeProcess } from '../support/serve-process.js';
import { pseudoHeader, tcpSegment } from '../support/tcp-segment.js';
import { PATIENCE_MS, sendUntil, until } from '../support/until.js';

const SERVER = '10.77.0.2';
const CLIENT = '10.77.0.1';
/** A station that no kernel answers for. */
const STRANGER = '10.77.0.66';
const STRANGER_MAC = '02:66:70:00:00:66';
const BIG = 16 * 1024 * 1024;
const MEBIBYTE = 1024 * 1024;
/**
 * How much the server may grow by in any attack. Half-open connections cost about 2 KiB each, and there are 1,024 at
 * most.
 */
const GROWTH = 96 * MEBIBYTE;

/** The worker publishes its counters four times a second. */
const PUBLISHED_EVERY_MS = 300;

/** Ports of clients that are attacked: below those that Linux gives out. A second try must not meet the first one's. */
let nextPort = 25_000;

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describeInNamespace(import.meta.url, 'under attack over a TAP interface', () => {
  const folder = readableFolder('fastpath-attacks-');
  const site = join(folder, 'site');
  let bigDigest: string;
  let server: ServeProcess | undefined;
  let first: Counters;

  before(async function () {
    needs(this, 'curl');
    mkdirSync(site);
    writeFileSync(join(site, 'index.html'), 'hello');
    const big = randomBytes(BIG);
    bigDigest = digest(big);
    writeFileSync(join(site, 'big.bin'), big);
    const env = { ...process.env, FASTPATH_RUNTIME_DIR: join(folder, 'run') };
    server = await ServeProcess.start(
      [site, '--request-timeout', '4s', '--stall-timeout', '4s', '--max-unfinished-per-client', '0'],
      { env },
    );
    await download();
  });

  beforeEach(async () => {
    first = await counters();
  });

  after(async () => {
    if (server !== undefined) expect(await server.end()).to.equal(0);
    rmSync(folder, { recursive: true, force: true });
  });

  type Counters = Readonly<Record<string, number>>;

  /** The counters as they are now, or once they satisfy `test`. */
  async function counters(test: (counters: Counters) => boolean = () => true): Promise<Counters> {
    const runtime = join(folder, 'run');
    const socket = readdirSync(runtime).find((name) => name.endsWith('.sock'))!;
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      await sleep(PUBLISHED_EVERY_MS);
      const { counters: now } = (await askServer(join(runtime, socket))) as { counters: Counters };
      if (test(now)) return now;
      if (performance.now() > end) throw new Error(`the counters stay as they are: ${JSON.stringify(now)}`);
    }
  }

  /** How much a counter has grown since the attack began. */
  function grown(now: Counters, name: string): number {
    if (!(name in now)) throw new Error(`there is no counter ${name}`);
    return now[name]! - first[name]!;
  }

  /** Memory of the server's process, bytes. */
  function memory(): number {
    const status = readFileSync(`/proc/${server!.child.pid}/status`, 'latin1');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)![1]) * 1024;
  }

  /** Fetches the large file, at most at this rate, and compares it. */
  async function download(rate = '0', ...flags: string[]): Promise<void> {
    const out = join(folder, `out-${Math.random()}`);
    const limits = ['--limit-rate', rate, '-m', '100', '-o', out];
    const { code, stderr } = await run('curl', ['-sS', ...limits, ...flags, `http://${SERVER}/big.bin`]);
    expect([code, stderr]).to.deep.equal([0, '']);
    expect(digest(readFileSync(out))).to.equal(bigDigest);
    rmSync(out);
  }

  /** A client that has not been here before gets its page. */
  async function expectServed(): Promise<void> {
    const { code, stdout, stderr } = await run('curl', ['-sS', '-m', '60', `http://${SERVER}/`]);
    expect([code, stdout, stderr]).to.deep.equal([0, 'hello', '']);
  }

  /** Downloads, attacks meanwhile, and looks at memory and at a new client afterwards. */
  async function survives(attack: () => Promise<unknown>, rate = '10M', ...flags: string[]): Promise<void> {
    const had = memory();
    const downloading = download(rate, ...flags);
    await sleep(300);
    await attack();
    await expectServed();
    await downloading;
    await expectServed();
    expect(memory() - had, 'growth of the memory').to.be.below(GROWTH);
  }

  /** Survives so many packets that a stranger forges about the download, whose client's port each of them names. */
  function survivesForged(count: number, packet: (port: number, i: number) => Uint8Array): Promise<void> {
    const port = nextPort++;
    const attack = async () => {
      const link = new FramePort('fp0', parseMac(STRANGER_MAC));
      const forger = new RawHost(link, STRANGER_MAC, STRANGER, SERVER);
      forger.findPeer();
      for (let i = 0; i < count; i++) forger.sendPacket(packet(port, i));
      link.close();
    };
    return survives(attack, '8M', '--local-port', `${port}`);
  }

  /** Sends `count` packets as fast as it may with each of them counted; it must have sent them all. */
  async function hping(count: number, ...args: string[]): Promise<void> {
    const command = ['-q', '-I', 'fp0', '--faster', '-c', `${count}`, ...args, SERVER];
    const { stdout, stderr } = await run('hping3', command);
    expect(Number(/(\d+) packets transmitted/.exec(stderr + stdout)?.[1]), stderr + stdout).to.equal(count);
  }

  /** Attacks until enough has arrived, or some times; how often. */
  async function repeat(attack: () => Promise<void>, isEnough: (now: Counters) => boolean): Promise<number> {
    for (let times = 1; ; times++) {
      await attack();
      if (times === 8 || isEnough(await counters())) return times;
    }
  }

  it('slowloris: 500 clients that never finish their request are ended by the request time-out', async function () {
    needs(this, 'curl');
    needsOpenFiles(this, 800);
    const count = 500;
    let ended = 0;
    let sockets: Socket[] = [];
    await survives(async () => {
      sockets = await Promise.all(Array.from({ length: count }, () => slowClient(() => ended++)));
    }, '5M');
    const now = await counters((each) => grown(each, 'http.requestTimeouts') >= count);
    expect(grown(now, 'http.requestTimeouts')).to.equal(count);
    await until(() => ended === count, 'all of them to be ended');
    for (const socket of sockets) socket.destroy();
  });

  it('sockstress: 300 clients that ask for much and then offer no window are ended by the stall time-out', async function () {
    needs(this, 'curl');
    const clients = new WindowlessClients(300);
    await survives(async () => clients.open());
    await clients.haveEnded();
    const now = await counters((each) => each['connections.open']! < 20);
    expect(grown(now, 'http.stallTimeouts')).to.equal(300);
  });

  it('10,000 SYNs from one forged address: the backlog fills, cookies let clients in, and all are forgotten (4987-1)', async function () {
    needs(this, 'hping3', 'curl');
    const flood = () => hping(10_000, '-S', '-p', '80', '-a', STRANGER);
    const areSent = (now: Counters) => grown(now, 'stack.tcp.cookiesSent') > 1000;
    await survives(() => repeat(flood, areSent), '5M');
    const now = await counters();
    expect(grown(now, 'stack.internet.ip.received')).to.be.greaterThan(2000);
    expect(grown(now, 'stack.tcp.cookiesSent')).to.be.greaterThan(1000);
    expect(grown(now, 'stack.tcp.cookiesAccepted')).to.be.greaterThan(0);
    expect(grown(now, 'connections.open')).to.be.at.most(1024 + 8);
  });

  it('4,000 SYNs from forged addresses all over the world are survived (4987-1)', async function () {
    needs(this, 'hping3', 'curl');
    await survives(() => hping(4000, '-S', '-p', '80', '--rand-source'));
  });

  it('land: a SYN from our own address to itself is dropped (1122-2)', async function () {
    needs(this, 'hping3', 'curl');
    const attack = () => hping(1000, '-S', '-s', '80', '-k', '-p', '80', '-a', SERVER);
    await survives(() => repeat(attack, (now) => grown(now, 'stack.internet.ip.badSource') > 900));
    expect(grown(await counters(), 'stack.internet.ip.badSource')).to.be.greaterThan(900);
  });

  it('3,000 resets that sweep the sequence numbers end no connection (5961-1)', async function () {
    needs(this, 'curl');
    const count = 3000;
    const reset = (port: number, i: number) => forgedReset(port, (i * (2 ** 32 / count)) >>> 0);
    const areOutside = (now: Counters) => grown(now, 'stack.tcp.outsideWindow') > count * 0.9;
    const sweeps = await repeat(() => survivesForged(count, reset), areOutside);
    const now = await counters();
    expect(grown(now, 'stack.tcp.resetsReceived')).to.equal(0);
    expect(areOutside(now)).to.equal(true);
    expect(grown(now, 'stack.tcp.challengeAcks')).to.be.at.most(2 * sweeps);
  });

  it('4,000 pings and 5,000 datagrams to a closed port: pings are answered, errors are few (1122-11)', async function () {
    needs(this, 'hping3', 'curl');
    const areAnswered = (now: Counters) => grown(now, 'stack.internet.icmp.echoesAnswered') > 2000;
    await survives(async () => {
      await repeat(() => hping(4000, '--icmp'), areAnswered);
      await hping(5000, '--udp', '-p', '9');
    });
    const now = await counters();
    expect(areAnswered(now)).to.equal(true);
    expect(grown(now, 'stack.internet.icmp.errorsSent')).to.be.at.most(1500);
  });

  it('5,000 ICMP errors about connections that are open, with numbers that are not in flight, change nothing (5927-1)', async function () {
    needs(this, 'curl');
    const areIgnored = (now: Counters) => grown(now, 'stack.tcp.icmpIgnored') > 2000;
    await repeat(() => survivesForged(5000, forgedError), areIgnored);
    expect(areIgnored(await counters())).to.equal(true);
  });
});

/**
 * Skips the test, aloud, where this process may not have so many open files (Node has raised the limit as far as it
 * may).
 */
function needsOpenFiles(test: Mocha.Context, count: number): void {
  const limit = execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'latin1' }).trim();
  if (limit === 'unlimited' || Number(limit) >= count) return;
  test.test!.title += ` (only ${limit} open files are allowed)`;
  test.skip();
}

/** A reset as the client at `port` would send it. */
function forgedReset(port: number, sequence: number): Uint8Array {
  const fields = { sourcePort: port, destinationPort: 80, flags: 'R', sequence, window: 0 };
  const payload = tcpSegment(fields, pseudoHeader(CLIENT, SERVER));
  return ipv4({ source: CLIENT, destination: SERVER, protocol: 6, payload });
}

/** "Fragmentation needed" or "port unreachable", by a stranger, about a segment to the client at `port`. */
function forgedError(port: number, i: number): Uint8Array {
  const segment = concat(word16(80), word16(port), word32(Math.imul(i, 0x9e3779b1)), word32(0));
  const quote = ipv4({ source: SERVER, destination: CLIENT, protocol: 6, payload: segment, totalLength: 1500 });
  const payload = i % 2 === 0 ? icmp(3, 4, 600, quote) : icmp(3, 3, 0, quote);
  return ipv4({ source: STRANGER, destination: SERVER, protocol: 1, payload });
}

/** Half a request, and never the other half. */
function slowClient(ended: () => void): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(80, SERVER, () => {
      socket.write('GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ');
      resolve(socket);
    });
    socket.on('error', reject);
    socket.on('close', ended);
    socket.resume();
  });
}

const FIRST_PORT = 20_000;
const SMALL_REQUEST = new TextEncoder().encode('GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n');
const ISN = 1000;
const AFTER_REQUEST = ISN + 1 + SMALL_REQUEST.length;

/** Clients that ask for a large file and offer no window for it, but answer each question whether there is one now. */
class WindowlessClients {
  readonly #link = new FramePort('fp0', parseMac(STRANGER_MAC));
  readonly #host = new RawHost(this.#link, STRANGER_MAC, STRANGER, SERVER);
  readonly #count: number;
  #polling: NodeJS.Timeout | undefined;
  /**
   * The ports whose connections the server has ended. What we still said meanwhile is answered with a reset as well.
   */
  readonly #ended = new Set<number>();
  /** What each connection acknowledges, by port. */
  readonly #acknowledged = new Map<number, number>();

  constructor(count: number) {
    this.#count = count;
  }

  /** Three-way handshakes, a request each, and from then on a window of nothing. */
  open(): void {
    this.#host.findPeer();
    const batch = 50;
    for (let first = 0; first < this.#count; first += batch) this.#openBatch(first, batch);
    this.#polling = setInterval(() => this.#answer(), 20);
  }

  /** Waits until each of them has been reset. */
  async haveEnded(): Promise<void> {
    // A reset may be lost; what is said on the connection then is answered with another one.
    const say = () => {
      for (const port of this.#acknowledged.keys()) if (!this.#ended.has(port)) this.#say(port, '.', AFTER_REQUEST);
    };
    try {
      await sendUntil(say, () => this.#ended.size === this.#count, { what: 'each of them to be reset' });
    } finally {
      clearInterval(this.#polling);
      this.#link.close();
    }
  }

  /** A SYN that is lost is sent again after a while. */
  #openBatch(first: number, count: number): void {
    const missing = new Set(Array.from({ length: count }, (_, i) => FIRST_PORT + first + i));
    for (const end = performance.now() + 60_000; missing.size > 0; ) {
      if (performance.now() > end) throw new Error(`${missing.size} of ${count} SYNs were not answered`);
      for (const sourcePort of missing) {
        this.#host.send({ sourcePort, destinationPort: 80, flags: 'S', sequence: ISN, mss: 1460 });
      }
      for (let segment = this.#host.receive(1_000); segment !== undefined; segment = this.#host.receive(1_000)) {
        if (segment.flags.includes('S')) this.#request(segment);
        missing.delete(segment.destinationPort);
        if (missing.size === 0) break;
      }
    }
  }

  #answer(): void {
    for (let segment = this.#host.receive(0); segment !== undefined; segment = this.#host.receive(0)) {
      const { destinationPort: port, sequence, flags } = segment;
      if (flags.includes('R')) this.#ended.add(port);
      else if (flags.includes('S')) this.#request(segment);
      else {
        this.#acknowledged.set(port, (sequence + 1) >>> 0);
        this.#say(port, '.', AFTER_REQUEST);
      }
    }
  }

  /** It is sent again if the SYN-ACK comes again: then it was lost. */
  #request({ destinationPort: port, sequence }: ArrivedSegment): void {
    this.#acknowledged.set(port, (sequence + 1) >>> 0);
    this.#say(port, 'P.', ISN + 1, SMALL_REQUEST);
  }

  #say(port: number, flags: string, sequence: number, data?: Uint8Array): void {
    const acknowledgment = this.#acknowledged.get(port) ?? 0;
    const numbers = { sequence, acknowledgment, window: 0, ...(data && { data }) };
    this.#host.send({ sourcePort: port, destinationPort: 80, flags, ...numbers });
  }
}
