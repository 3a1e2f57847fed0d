/**
 * A peer that does exactly what the test says, facing one whole stack: a test of TCP that reads like a trace.
 *
 *     const peer = new ScriptedPeer();
 *     peer.send('S', { mss: 1460 });
 *     peer.expect('S.', { ack: 1 });
 *     peer.send('.', { ack: 1 });
 *     peer.send('P.', { seq: 1, ack: 1, data: 100 });
 *     peer.expect('.', { ack: 101 });
 *
 * Sequence numbers are relative to either side's SYN; what is not given is what an ordinary peer would send. Every
 * segment of the stack is checked on the way (checksum, reserved bits, options in their place: `readTcp`). A step that
 * fails prints all that happened before it. Time is virtual and stands still except in `wait` and `expectAfter`.
 */

import type { ControlBlock } from '../../src/net/tcp/block/control-block.js';
import { STATE_NAMES } from '../../src/net/tcp/state.js';
import { IpAddress } from '../../src/net/wire/address.js';
import { SummedBytes } from '../../src/net/wire/summed-bytes.js';
import { ethernet, ipv4, ipv6 } from './packets.js';
import { type BenchOptions, PEER_MAC, STACK_MAC, StackBench } from './stack-bench.js';
import {
  type OptionFields,
  parseTcp,
  pseudoHeader,
  type SentTcp,
  segmentText,
  tcpOptions,
  tcpSegment,
} from './tcp-segment.js';
import type { Collector } from './tcp-world.js';

export interface PeerOptions extends BenchOptions {
  /** The peer's first sequence number, and what the stack's is to be (by waiting until the ISN clock says so). */
  isn?: number;
  stackIsn?: number;
  peerPort?: number;
}

/** What the peer sends. Numbers are relative; `data` as a number is so many bytes of the peer's stream. */
export interface PeerSegment extends Omit<OptionFields, 'ts'> {
  seq?: number;
  ack?: number;
  win?: number;
  urg?: number;
  data?: number | Uint8Array | string;
  /** TSval and TSecr; null: none although they were agreed on. */
  ts?: readonly [number, number] | null;
  /** Raw bytes in front of the other options. */
  options?: readonly number[];
  peerPort?: number;
  port?: number;
  tos?: number;
  ttl?: number;
  reserved?: number;
  dataOffset?: number;
  checksum?: number;
  /** Another source or destination than usual. */
  source?: string;
  destination?: string;
  destinationMac?: string;
  /** Raw options of the IP header. */
  ipOptions?: number[];
}

/** What is expected of a segment of the stack: each field given must be so; null: the option must be absent. */
export interface ExpectedSegment {
  seq?: number;
  ack?: number;
  win?: number;
  /** Payload bytes; or the payload. */
  length?: number;
  data?: Uint8Array | string;
  mss?: number | null;
  wscale?: number | null;
  sackOk?: boolean | null;
  sack?: readonly (readonly [number, number])[] | null;
  /** TSecr; null: no timestamps. */
  tsEcho?: number | null;
}

/** The byte at place `at` (from 1) of the peer's stream, and of what `write` sends. */
export function streamBytes(from: number, to: number): Uint8Array {
  return Uint8Array.from({ length: to - from }, (_, i) => ((from + i) * 7 + ((from + i) >> 8) * 13) & 255);
}

export class ScriptedPeer {
  readonly bench: StackBench;
  /** What has been sent and received, for people. */
  readonly trace: string[] = [];

  /** Relative: the next number to send, and the next expected of the stack; defaults of `send`. */
  nxt = 0;
  acknowledged = 0;
  /** The window field that is sent by default. */
  window = 65_535;
  /** The segment that `expect` took last, and what its IP header said. */
  last!: SentTcp;
  lastTos = 0;
  lastTtl = 0;

  readonly port: number;
  peerPort: number;
  readonly #isn: number;
  #stackIsn = 0;
  #written = 1;
  /** Who has had timestamps in its SYN: both, and every segment must have them. */
  #weOfferedTimestamps = false;
  #stackOfferedTimestamps = false;
  #tsRecent = 0;

  constructor(options: PeerOptions = {}) {
    const { isn = 1_000_000, stackIsn, port = 80, peerPort = 40_000 } = options;
    this.bench = new StackBench(options);
    this.#isn = isn;
    this.port = port;
    this.peerPort = peerPort;
    this.bench.onDeparture = (segment) => this.#note(segment);
    if (stackIsn !== undefined) this.bench.waitForIsn(stackIsn, port, peerPort);
  }

  get stack() {
    return this.bench.stack;
  }

  get clock() {
    return this.bench.clock;
  }

  /**
   * Sends a segment to the stack, which answers at once. Flags as in a trace: `S`, `S.`, `P.`, `F.`, `R`; `-`: none.
   */
  send(flags: string, fields: PeerSegment = {}): void {
    const seq = fields.seq ?? this.nxt;
    const data = this.#data(seq, fields.data);
    if (flags.includes('S')) this.#weOfferedTimestamps = fields.ts !== undefined && fields.ts !== null;
    const {
      source = this.bench.peerAddress,
      destination = this.bench.stackAddress,
      seq: _seq,
      ack,
      win,
      urg,
      data: _data,
      options: _options,
      ...rest
    } = fields;
    const segment = tcpSegment(
      {
        ...rest,
        sourcePort: fields.peerPort ?? this.peerPort,
        destinationPort: fields.port ?? this.port,
        flags,
        sequence: (this.#isn + seq) >>> 0,
        acknowledgment: flags.includes('.') ? this.#absolute(ack ?? this.acknowledged) : (ack ?? 0),
        window: win ?? this.window,
        urgent: urg ?? 0,
        data,
        options: this.#options(flags, fields),
      },
      pseudoHeader(source, destination),
    );
    const end = seq + data.length + (/[SF]/.test(flags) ? 1 : 0);
    if (seq <= this.nxt && end > this.nxt && !flags.includes('R')) this.nxt = end;
    this.#transmit(segment, fields);
  }

  /** The next segment of the stack must be there and be like this. */
  expect(flags: string, expected: ExpectedSegment = {}): SentTcp {
    const next = this.bench.departed.shift();
    const wanted = `${flags} ${JSON.stringify(expected)}`;
    if (next === undefined) this.fail(`expected ${wanted}, but nothing came`);
    const { segment } = next;
    this.last = segment;
    this.lastTos = next.tos;
    this.lastTtl = next.ttl;
    const differences = this.#differences(segment, flags, expected);
    if (differences.length > 0) this.fail(`expected ${wanted}, but ${differences.join(', ')}`);
    this.#take(segment);
    return segment;
  }

  /**
   * Lets time pass until the stack sends something; that must be in `milliseconds` (± `tolerance`) and be like this.
   */
  expectAfter(milliseconds: number, flags: string, expected: ExpectedSegment = {}, tolerance = 1): SentTcp {
    const { departed, clock } = this.bench;
    const wanted = `${flags} ${JSON.stringify(expected)}`;
    if (departed.length > 0) this.fail(`expected ${wanted} after ${milliseconds} ms, but something has come already`);
    const start = clock.now;
    const limit = start + (milliseconds + tolerance) * 1000;
    while (departed.length === 0) {
      if (!this.bench.leap(limit)) this.fail(`expected ${wanted} after ${milliseconds} ms, but nothing came`);
    }
    const after = (clock.now - start) / 1000;
    if (after < milliseconds - tolerance) this.fail(`expected ${wanted} after ${milliseconds} ms, not ${after} ms`);
    return this.expect(flags, expected);
  }

  /** Nothing may have come, nor come within `milliseconds`. */
  expectNothing(milliseconds = 0): void {
    this.wait(milliseconds);
    if (this.bench.departed.length > 0) this.fail('expected nothing');
  }

  /** Lets time pass. What the stack sends meanwhile waits to be expected. */
  wait(milliseconds: number): void {
    this.bench.runUntil(this.clock.now + milliseconds * 1000);
  }

  /** All segments that the stack has sent and nobody has expected, taken away. */
  takeAll(): SentTcp[] {
    const all = this.bench.departed.splice(0).map(({ segment }) => segment);
    for (const segment of all) this.#take(segment);
    return all;
  }

  /** The three-way handshake, opened by the peer. Both sides have then used up their number 0. */
  establish(syn: PeerSegment = { mss: 1460 }): Collector {
    this.send('S', { seq: 0, ...syn });
    this.expect('S.', { seq: 0, ack: 1 });
    this.send('.', { seq: 1, ack: 1 });
    this.expectNothing();
    return this.program;
  }

  /** The stack opens a connection to the peer; its SYN is there to be expected. */
  connect(): void {
    this.bench.connect(this.peerPort, this.port);
  }

  /** The program of the connection accepted or opened last. */
  get program(): Collector {
    const program = this.bench.programs.at(-1);
    if (program === undefined) this.fail('there is no connection yet');
    return program;
  }

  /** The stack's program sends so many bytes more of its stream; without a table of sums, so that segments are full. */
  write(length: number): void {
    const bytes = SummedBytes.plain(streamBytes(this.#written, this.#written + length));
    this.#written += length;
    this.program.connection.send(bytes, 0, length);
    this.program.connection.flush();
    this.bench.run();
  }

  /** The stack's program closes. */
  close(): void {
    this.program.connection.close();
    this.bench.run();
  }

  /** The state of the connection between the two ports; `CLOSED` if there is none. */
  get state(): string {
    const tcb = this.controlBlock;
    if (tcb !== undefined) return STATE_NAMES[tcb.state]!;
    return this.stack.tcp.host.timeWaits.size > 0 ? 'TIME-WAIT' : 'CLOSED';
  }

  get controlBlock(): ControlBlock | undefined {
    const [local, remote] = [IpAddress.parse(this.bench.stackAddress), IpAddress.parse(this.bench.peerAddress)];
    return this.stack.tcp.host.connections.findTuple(local, this.port, remote, this.peerPort) ?? undefined;
  }

  /** Ends the test with what happened so far. */
  fail(reason: string): never {
    throw new Error(`${reason}\n${this.trace.map((line) => `        ${line}`).join('\n')}`);
  }

  /** The peer has this segment now, and will acknowledge it by default if nothing is missing before it. */
  #take(segment: SentTcp): void {
    const from = this.#relative(segment.sequence);
    const end = from + segment.data.length + (/[SF]/.test(segment.flags) ? 1 : 0);
    if (from <= this.acknowledged && end > this.acknowledged) this.acknowledged = end;
  }

  #data(seq: number, data: PeerSegment['data']): Uint8Array {
    if (typeof data === 'string') return new TextEncoder().encode(data);
    return typeof data === 'number' ? streamBytes(seq, seq + data) : (data ?? new Uint8Array(0));
  }

  /** Once both SYNs had timestamps, every segment has them: milliseconds, and the last value seen. */
  #ownTimestamps(flags: string): readonly [number, number] | undefined {
    if (!this.#timestamps || /[SR]/.test(flags)) return undefined;
    return [this.tsNow, this.#tsRecent];
  }

  /** The peer's timestamp clock. */
  get tsNow(): number {
    return 1000 + Math.floor(this.clock.now / 1000);
  }

  /** The number of the stack's last SYN: what its numbers are relative to. */
  get stackIsn(): number {
    return this.#stackIsn;
  }

  /** The last TSval of the stack. */
  get tsEcho(): number {
    return this.#tsRecent;
  }

  #options(flags: string, fields: PeerSegment): number[] {
    const { options = [], ts, sack, ...named } = fields;
    const stamps = ts === undefined ? this.#ownTimestamps(flags) : (ts ?? undefined);
    const edges = sack?.map(([left, right]) => [this.#absolute(left), this.#absolute(right)] as const);
    const all = { ...named, ...(stamps && { ts: stamps }), ...(edges && { sack: edges }) };
    return [...options, ...tcpOptions(all)];
  }

  #transmit(segment: Uint8Array, fields: PeerSegment): void {
    const { peerAddress, stackAddress } = this.bench;
    const { source = peerAddress, destination = stackAddress, tos = 0, ttl = 64, destinationMac = STACK_MAC } = fields;
    this.trace.push(`${this.#time} < ${segmentText(parseTcp(segment), this.#isn, this.#stackIsn)}`);
    const isV6 = source.includes(':');
    const packet = isV6
      ? ipv6({ source, destination, next: 6, payload: segment, trafficClass: tos, hopLimit: ttl })
      : ipv4({ source, destination, protocol: 6, payload: segment, tos, ttl, options: fields.ipOptions ?? [] });
    this.bench.inject(ethernet(destinationMac, PEER_MAC, isV6 ? 0x86dd : 0x0800, packet));
  }

  /** A segment has left the stack. */
  #note(segment: SentTcp): void {
    if (segment.flags.includes('S')) {
      this.#stackIsn = segment.sequence;
      this.#stackOfferedTimestamps = segment.ts !== undefined;
    }
    this.trace.push(`${this.#time} > ${segmentText(segment, this.#stackIsn, this.#isn)}`);
    if (segment.ts !== undefined) this.#tsRecent = segment.ts[0];
    else if (this.#timestamps && !segment.flags.includes('R')) this.fail('a segment without the timestamps agreed on');
  }

  get #timestamps(): boolean {
    return this.#weOfferedTimestamps && this.#stackOfferedTimestamps;
  }

  get #time(): string {
    return (this.clock.now / 1e6).toFixed(6).padStart(11);
  }

  #differences(segment: SentTcp, flags: string, expected: ExpectedSegment): string[] {
    const actual: Record<string, unknown> = {
      seq: this.#relative(segment.sequence),
      ack: (segment.acknowledgment - this.#isn) | 0,
      win: segment.window,
      length: segment.data.length,
      data: Buffer.from(segment.data).toString('latin1'),
      mss: segment.mss ?? null,
      wscale: segment.wscale ?? null,
      sackOk: segment.sackOk ?? null,
      sack: segment.sack?.map((edges) => edges.map((edge) => (edge - this.#isn) | 0)) ?? null,
      tsEcho: segment.ts?.[1] ?? null,
    };
    const differences = segment.flags === flags ? [] : [`flags are ${segment.flags}`];
    for (const [name, value] of Object.entries(expected)) {
      const wanted = value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value;
      if (JSON.stringify(actual[name]) === JSON.stringify(wanted)) continue;
      differences.push(name === 'data' ? 'data is other' : `${name} is ${JSON.stringify(actual[name])}`);
    }
    return differences;
  }

  #relative(sequence: number): number {
    return (sequence - this.#stackIsn) | 0;
  }

  #absolute(relative: number): number {
    return (this.#stackIsn + relative) >>> 0;
  }
}
