/**
 * Two stacks, one with the early path for the expected segment and one without, live through the same. After each step
 * all that they have sent, all that their programs have heard, and the control block concerned must be equal. From
 * time to time the whole stacks are compared: every table, timer and counter.
 */
import type { ControlBlock } from '../../src/net/tcp/block/control-block.js';
import { SYN_SENT } from '../../src/net/tcp/state.js';
import { ethernet, hexMac, icmp, ipv4 } from '../../test/support/packets.js';
import { Choices } from './choices.js';
import { difference } from './compare.js';
import { buildFrame } from './frames.js';
import { Hosts } from './hosts.js';
import { makeSetup } from './setup.js';
import { type Arrival, expectedArrival, shape, synAck, synArrival } from './steps.js';
import { type SentFrame, World } from './world.js';

/** Connections at a time. */
const CONNECTIONS = 6;
const STEPS_BETWEEN_WHOLE_COMPARISONS = 100;

/** How a duel ended. */
export interface DuelResult {
  readonly steps: number;
  /** Frames that the early path took. */
  readonly expected: number;
  readonly frames: number;
  /** What was not equal, if something was. */
  readonly difference?: string | undefined;
}

type Step = readonly [weight: number, name: string, run: (duel: Duel) => void];

const STEPS: readonly Step[] = [
  [150, 'segment', (duel) => duel.segment()],
  [6, 'syn', (duel) => duel.syn()],
  [1, 'connect', (duel) => duel.connect()],
  [3, 'program', (duel) => duel.program()],
  [1, 'card', (duel) => duel.otherCard()],
  [1, 'icmp', (duel) => duel.icmpError()],
];

class Duel {
  readonly #choices: Choices;
  readonly #hosts: Hosts;
  readonly #with: World;
  readonly #without: World;
  readonly #calm: number;
  /** The connection of this step, if there is one: the pair of its control blocks. */
  #pair: readonly [ControlBlock, ControlBlock] | undefined;
  #last: SentFrame | undefined;
  /** What the two stacks may have differently. */
  readonly #different: readonly unknown[];
  frames = 0;

  constructor(seed: number) {
    const setup = makeSetup(seed);
    this.#choices = new Choices(seed + 1_000_003);
    this.#hosts = new Hosts(setup);
    this.#with = new World(setup, true);
    this.#without = new World(setup, false);
    this.#different = [this.#with, this.#without].flatMap(({ device, stack }) => [device, stack.tcp.host.settings]);
    this.#calm = this.#choices.of([4, 12, 60]);
  }

  get expected(): number {
    return this.#with.stack.expectedSegments;
  }

  /** One step. Returns what differs afterwards. @param whole compare everything */
  step(whole: boolean): string | undefined {
    this.#pair = undefined;
    const count = this.#without.stack.tcp.host.connections.size;
    const [, name, run] = this.#choices.weighted(STEPS.map((step) => [step[0], step] as const));
    if (count === 0) this.syn();
    else run(this);
    this.#passTime();
    const found = this.#compare(whole);
    this.#answerQuestions();
    return found === undefined ? undefined : `after ${count === 0 ? 'syn' : name}: ${found}`;
  }

  /** A segment for one of the connections. */
  segment(): void {
    const choices = this.#choices;
    const pair = this.#choosePair();
    if (pair === undefined) return;
    const [, tcb] = pair;
    const arrival = expectedArrival(tcb, this.#hosts, choices);
    if (tcb.state === SYN_SENT) synAck(arrival, tcb, choices);
    else shape(arrival, tcb, choices, this.#calm);
    this.#deliverSegment(arrival);
  }

  syn(): void {
    if (this.#without.stack.tcp.host.connections.size >= CONNECTIONS) {
      this.segment();
      return;
    }
    this.#deliverSegment(synArrival(this.#hosts, this.#choices, this.#without.clock.milliseconds));
  }

  connect(): void {
    const { address } = this.#hosts.choose(this.#choices);
    const options = { address, port: this.#choices.between(1, 4), noDelay: this.#choices.oneIn(2) };
    this.#with.connect(options);
    this.#without.connect(options);
  }

  program(): void {
    const number = this.#choices.below(this.#without.programs.length + 1);
    this.#with.programs[number]?.act();
    this.#without.programs[number]?.act();
  }

  otherCard(): void {
    this.#deliver(this.#hosts.changeCard(this.#choices), false, 0);
  }

  /** An ICMP error about the last frame: the path takes less, or a host is not there. */
  icmpError(): void {
    const sent = this.#last?.bytes;
    if (sent === undefined || sent[12] !== 0x08 || sent[13] !== 0x00) return;
    const choices = this.#choices;
    const quote = sent.subarray(14, Math.min(sent.length, 14 + 48));
    const [code, rest] = choices.of([
      [4, 900],
      [4, 1400],
      [4, 400],
      [1, 0],
    ] as const);
    const [source, destination] = ['10.0.0.1', '10.0.0.2'];
    const packet = ipv4({ source, destination, protocol: 1, payload: icmp(3, code, rest, quote) });
    this.#deliver(ethernet(hexMac(sent, 6), '02:fa:57:00:00:99', 0x0800, packet), false, 0);
  }

  #choosePair(): readonly [ControlBlock, ControlBlock] | undefined {
    const ours = this.#with.stack.tcp.host.connections.values();
    const theirs = this.#without.stack.tcp.host.connections.values();
    const index = this.#choices.below(theirs.length);
    const [a, b] = [ours[index], theirs[index]];
    if (a === undefined || b === undefined) return undefined;
    this.#pair = [a, b];
    return this.#pair;
  }

  #deliverSegment({ fields, checksumGood, segmentBytes }: Arrival): void {
    this.#deliver(buildFrame(fields), checksumGood, segmentBytes);
  }

  #deliver(frame: Uint8Array, checksumGood: boolean, segmentBytes: number): void {
    this.#with.receive(frame, checksumGood, segmentBytes);
    this.#without.receive(frame, checksumGood, segmentBytes);
  }

  /** Mostly a little, so that much happens within a round trip; sometimes until a timer expires. */
  #passTime(): void {
    const choices = this.#choices;
    const time = choices.weighted([
      [40, 0],
      [40, choices.below(300)],
      [15, choices.below(60_000)],
      [3, choices.below(1_000_000)],
      [1, choices.below(40_000_000)],
    ]);
    this.#with.passTime(time);
    this.#without.passTime(time);
  }

  #compare(whole: boolean): string | undefined {
    const [a, b] = [this.#with, this.#without];
    const sent = difference(a.sent, b.sent) ?? difference(a.log, b.log);
    if (sent !== undefined) return `sent or heard${sent}`;
    const [next, other] = [a.stack.nextDeadline(), b.stack.nextDeadline()];
    if (next !== other) return `the next deadline: ${next} and ${other}`;
    if (this.#pair !== undefined) {
      const except = [a.stack.tcp.host, b.stack.tcp.host, ...this.#different];
      const found = difference(this.#pair[0], this.#pair[1], new Set<unknown>(except));
      if (found !== undefined) return `control block${found}`;
    }
    if (!whole) return undefined;
    const found = difference(a.stack, b.stack, new Set<unknown>(this.#different));
    return found === undefined ? undefined : `stack${found}`;
  }

  /** The hosts answer ARP and NDP, mostly. */
  #answerQuestions(): void {
    const { sent } = this.#without;
    const answers = sent.map((frame) => this.#hosts.answerTo(frame));
    this.frames += sent.length;
    this.#last = sent.at(-1) ?? this.#last;
    for (const world of [this.#with, this.#without]) {
      world.sent.length = 0;
      world.log.length = 0;
    }
    for (const answer of answers) if (answer !== undefined && !this.#choices.oneIn(8)) this.#deliver(answer, false, 0);
  }
}

/** Runs `steps` steps from `seed`, or up to the first difference. */
export function runDuel(seed: number, steps: number): DuelResult {
  const duel = new Duel(seed);
  for (let step = 1; step <= steps; step++) {
    const found = duel.step(step % STEPS_BETWEEN_WHOLE_COMPARISONS === 0 || step === steps);
    if (found !== undefined) {
      return {
        steps: step,
        expected: duel.expected,
        frames: duel.frames,
        difference: `seed ${seed}, step ${step} ${found}`,
      };
    }
  }
  return { steps, expected: duel.expected, frames: duel.frames };
}
