/**
 * A server under attack. Honest clients (a second whole stack) move data all the while, over connections whose numbers
 * the enemy does not know; programs of the worst manners serve the enemy on another port. Nothing may crash or hang,
 * the honest connections must not notice, answers must not multiply, and afterwards nothing may be left.
 */

import { MILLISECOND, SECOND } from '../../src/net/clock.js';
import { IncomingFrame } from '../../src/net/device/frame.js';
import { SeededRandom } from '../../src/net/random.js';
import type { ControlBlock } from '../../src/net/tcp/block/control-block.js';
import type { CloseReason, Connection, ConnectionHandler } from '../../src/net/tcp/handler.js';
import { receiveWindow } from '../../src/net/tcp/send/receive-window.js';
import { add, toWord } from '../../src/net/tcp/sequence.js';
import { IpAddress, parseMac } from '../../src/net/wire/address.js';
import { SummedBytes } from '../../src/net/wire/summed-bytes.js';
import { type Bearings, HostileFrames } from './hostile-frames.js';
import { mutate } from './mutate.js';
import { CLIENT, pattern, SERVER, TcpWorld, type WorldOptions } from './tcp-world.js';

const ENEMY = IpAddress.parse('10.0.0.66');
const HONEST_PORT = 80;
const ATTACKED_PORT = 81;
const HONEST = 4;
const ENEMY_PORTS = 24;
const FIRST_ENEMY_PORT = 50_000;
const CONTENT = SummedBytes.of(pattern(200_000, 5));

export class HostileWorld {
  readonly world: TcpWorld;
  readonly frames: HostileFrames;
  /** Frames that the enemy has sent, and rounds that honest clients have completed. */
  sent = 0;
  rounds = 0;

  readonly #clients: HonestClient[] = [];
  readonly #incoming = new IncomingFrame(new Uint8Array(0));
  readonly #seeds: readonly Uint8Array[];
  readonly #mac = parseMac('02:fa:57:00:00:02');

  /** @param seeds frames of captures, to be damaged; may be none */
  constructor(seed: number, seeds: readonly Uint8Array[] = []) {
    this.world = new TcpWorld({ seed, dualStack: true, ...circumstances(seed) });
    this.frames = new HostileFrames(new SeededRandom(seed + 1));
    this.#seeds = seeds;
    const { server } = this.world;
    server.listen(HONEST_PORT, (connection) => new HonestServer(connection));
    server.listen(ATTACKED_PORT, (connection) => new BadProgram(connection, this.frames), { backlog: 8 });
    for (let i = 0; i < HONEST; i++) this.#clients.push(new HonestClient(this));
    for (const client of this.#clients) this.world.client.connect({ address: SERVER, port: HONEST_PORT }, client);
    this.world.network.runFor(20 * MILLISECOND);
  }

  /** So many hostile frames. @throws {Error} if an honest client was disturbed, or the server says too much. */
  attack(count: number): void {
    const { server, network } = this.world;
    for (let i = 0; i < count; i++) {
      this.#choose();
      this.#deliver();
      if (this.sent % 16 === 0) network.runFor(this.frames.chance(0.01) ? 500 * MILLISECOND : this.frames.below(300));
    }
    const { segmentsSent } = server.statistics.tcp;
    if (segmentsSent > 20 * this.sent + 1000 * this.rounds + 10_000)
      throw new Error(`${segmentsSent} segments in answer to ${this.sent}`);
    this.#check();
  }

  /** Lets everything end, and looks at what is left. */
  finish(): void {
    const { world } = this;
    const before = this.rounds;
    world.network.runFor(5 * SECOND);
    if (this.rounds < before + HONEST) throw new Error('the honest clients do not get on after the attack');
    this.#check();
    for (const client of this.#clients) client.connection.close();
    world.network.runFor(10 * SECOND);
    world.server.abort();
    world.network.runFor(300 * SECOND);
    for (const stack of [world.server, world.client]) {
      const { connections, timeWaits, timers, bufferedBytes, listeners } = stack.tcp.host;
      const halfOpen = listeners.values().reduce((total, listener) => total + listener.halfOpen, 0);
      const left = [connections.size, timeWaits.size, timers.size, bufferedBytes, halfOpen];
      if (left.some((one) => one !== 0))
        throw new Error(`left: connections, TIME-WAITs, timers, bytes, half-open ${left}`);
    }
    if (CONTENT.readers !== 0) throw new Error(`${CONTENT.readers} readers of the content are left`);
  }

  #check(): void {
    for (const [i, { problem }] of this.#clients.entries()) {
      if (problem !== undefined) throw new Error(`honest client ${i}: ${problem}`);
    }
  }

  #choose(): void {
    const { frames } = this;
    const choice = frames.below(100);
    if (choice < 65) this.#atTheAttacked();
    else if (choice < 75) this.#atTheHonest();
    else if (choice < 80) this.#icmp();
    else if (choice < 92 && this.#seeds.length > 0) {
      frames.replayed(mutate(frames.pick(this.#seeds), frames.random), ENEMY.word3, SERVER.word3);
    } else if (frames.chance(0.5)) frames.noise(ENEMY.word3, SERVER.word3);
    else frames.noiseV6();
  }

  #deliver(): void {
    const { frames } = this;
    const incoming = this.#incoming;
    incoming.bytes = frames.bytes;
    incoming.bytes.set(this.#mac, 0);
    incoming.from = 0;
    incoming.to = frames.length;
    incoming.checksumGood = frames.chance(0.97);
    incoming.segmentBytes = frames.chance(0.02) ? frames.below(2000) : 0;
    this.sent++;
    this.world.server.receive(incoming);
  }

  #atTheAttacked(): void {
    const { frames } = this;
    const port = FIRST_ENEMY_PORT + frames.below(ENEMY_PORTS);
    const tcb = this.#controlBlock(ENEMY, ATTACKED_PORT, port);
    if (tcb === null || frames.chance(0.002)) frames.syn(ENEMY.word3, SERVER.word3, port, ATTACKED_PORT);
    else frames.near(ENEMY.word3, SERVER.word3, port, ATTACKED_PORT, bearings(tcb));
  }

  #atTheHonest(): void {
    const { frames } = this;
    const { connection } = frames.pick(this.#clients);
    const tcb = connection && this.#controlBlock(CLIENT, HONEST_PORT, connection.localPort);
    if (tcb) frames.far(CLIENT.word3, SERVER.word3, connection.localPort, HONEST_PORT, bearings(tcb));
    else frames.noise(ENEMY.word3, SERVER.word3);
  }

  #icmp(): void {
    const { frames } = this;
    const router = frames.pick([ENEMY.word3, CLIENT.word3]);
    const port = FIRST_ENEMY_PORT + frames.below(ENEMY_PORTS);
    const tcb = this.#controlBlock(ENEMY, ATTACKED_PORT, port);
    const inFlight = tcb === null ? frames.random.nextInt32() : toWord(tcb.snd.una);
    if (frames.chance(0.5)) {
      frames.icmpError(router, SERVER.word3, ATTACKED_PORT, ENEMY.word3, port, inFlight);
      return;
    }
    const { connection } = frames.pick(this.#clients);
    const honest = connection && this.#controlBlock(CLIENT, HONEST_PORT, connection.localPort);
    if (!honest) return;
    const far = toWord(add(honest.snd.una, 0x40000000 + frames.below(0x40000000)));
    frames.icmpError(router, SERVER.word3, HONEST_PORT, CLIENT.word3, connection.localPort, far);
  }

  #controlBlock(remote: IpAddress, port: number, remotePort: number): ControlBlock | null {
    return this.world.server.tcp.host.connections.findTuple(SERVER, port, remote, remotePort);
  }
}

/** Each seed has its own settings, so that every part of TCP comes under fire. */
function circumstances(seed: number): WorldOptions {
  const pick = <T>(choices: readonly T[], turn: number): T => choices[Math.floor(seed / turn) % choices.length]!;
  return {
    link: {
      impairment: { delay: MILLISECOND, rate: 20e6, loss: pick([0, 0.01], 3) },
      offload: pick(['none', 'whole', 'cut'] as const, 1),
    },
    tcp: {
      maximumConnections: 64,
      maximumBufferedBytes: pick([2_000_000, 50_000], 5),
      maximumTimeWaits: 100,
      congestionControl: pick(['cubic', 'newreno'] as const, 2),
      sack: pick([true, true, false], 1),
      timestamps: pick([true, false], 1),
      windowScaling: pick([true, true, false], 2),
      synCookies: pick(['overflow', 'always', 'off'] as const, 7),
      ecn: pick(['accept', 'request', 'off'] as const, 1),
      receiveBufferBytes: pick([65_536, 3000, 1_000_000], 4),
      keepAlive: pick([false, true], 2),
    },
  };
}

function bearings(tcb: ControlBlock): Bearings {
  const { rcv, snd } = tcb;
  const rcvWnd = receiveWindow(tcb);
  const [rcvNxt, sndUna, sndNxt] = [toWord(rcv.nxt), toWord(snd.una), toWord(snd.nxt)];
  return { rcvNxt, rcvWnd, sndUna, sndNxt, timestamp: rcv.tsRecent };
}

/** Sends the content for each byte that it is asked with. */
class HonestServer implements ConnectionHandler {
  constructor(readonly connection: Connection) {}

  received(_bytes: Uint8Array, from: number, to: number): number {
    for (let i = from; i < to; i++) this.connection.send(CONTENT, 0, CONTENT.length);
    return to - from;
  }

  acknowledged(): void {}

  ended(): void {
    this.connection.close();
  }

  timedOut(): void {}

  closed(): void {}
}

const QUESTION = SummedBytes.of(Uint8Array.of(63));

/** Asks, compares each byte of the answer, asks again. */
class HonestClient implements ConnectionHandler {
  connection!: Connection;
  problem: string | undefined;
  #at = 0;

  constructor(readonly owner: HostileWorld) {}

  connected(connection: Connection): ConnectionHandler {
    this.connection = connection;
    this.#ask();
    return this;
  }

  received(bytes: Uint8Array, from: number, to: number): number {
    const wanted = Buffer.from(
      CONTENT.bytes.buffer,
      CONTENT.bytes.byteOffset + this.#at,
      Math.min(to - from, CONTENT.length - this.#at),
    );
    if (wanted.compare(bytes, from, to) !== 0) this.problem ??= `other bytes from ${this.#at} on`;
    this.#at += to - from;
    if (this.#at < CONTENT.length) return to - from;
    this.#at = 0;
    this.owner.rounds++;
    this.#ask();
    return to - from;
  }

  acknowledged(): void {}

  ended(): void {}

  timedOut(): void {}

  closed(reason: CloseReason): void {
    if (reason !== 'closed') this.problem ??= `ended: ${reason}`;
  }

  failed(reason: CloseReason): void {
    this.problem ??= `not connected: ${reason}`;
  }

  #ask(): void {
    this.connection.send(QUESTION, 0, 1);
    this.connection.flush();
  }
}

/**
 * A program without manners: takes what it likes, sends at any time, closes, aborts and lets go within any callback.
 */
class BadProgram implements ConnectionHandler {
  constructor(
    readonly connection: Connection,
    readonly frames: HostileFrames,
  ) {
    this.#misbehave();
  }

  received(_bytes: Uint8Array, from: number, to: number): number {
    this.#misbehave();
    return this.frames.chance(0.6) ? to - from : this.frames.below(to - from + 1);
  }

  acknowledged(): void {
    this.#misbehave();
  }

  ended(): void {
    if (this.frames.chance(0.5)) this.connection.close();
    this.#misbehave();
  }

  timedOut(): void {
    this.connection.resume();
    this.#misbehave();
  }

  urgent(): void {
    this.#misbehave();
  }

  closed(): void {
    this.#misbehave();
  }

  #misbehave(): void {
    const { connection, frames } = this;
    switch (frames.below(40)) {
      case 0:
        connection.close();
        break;
      case 1:
        connection.abort();
        break;
      case 2:
        connection.detach();
        break;
      case 3:
        connection.flush();
        break;
      case 4:
      case 5:
        connection.resume();
        break;
      case 6:
        connection.setTimeout(frames.below(1_000_000));
        break;
      case 7:
        connection.noDelay = !connection.noDelay;
        connection.cork = frames.chance(0.3);
        break;
      default: {
        if (connection.queuedPieces > 50) return;
        const from = frames.below(CONTENT.length - 10_000);
        if (frames.chance(0.5)) connection.send(CONTENT, from, from + frames.below(10_000));
      }
    }
  }
}
