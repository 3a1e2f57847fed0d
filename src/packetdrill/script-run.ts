/**
 * Runs one script: event by event, each at its time, against a stack of its own.
 *
 * Times are packetdrill's: an event at `+.1` is due 0.1 s after the one before it was due; an outbound packet may come
 * early or late by the tolerance; after one that may come at any time, the next event counts from when it came.
 */
import type { Action, Packet, Script, ScriptEvent, ShellCommand, SystemCall } from './ast.js';
import { CallError } from './call-arguments.js';
import { CodeRunner } from './code-runner.js';
import { Conversations } from './conversation.js';
import { describeExpected, describeLive } from './describe.js';
import { expectPacket, type Queued } from './expectation.js';
import { FailedEvent } from './failed-event.js';
import { type Ends, inboundFrame, PacketError } from './inbound.js';
import type { LivePacket } from './live-packet.js';
import { type Profile, ProfileSettings } from './profile.js';
import type { NotChecked, ScriptResult, TimelineEntry, Verdict } from './result.js';
import type { ScriptConfig } from './script-config.js';
import { excerpt, type Position } from './script-error.js';
import { type ReadScriptFile, shellEffects } from './shell-command.js';
import { SocketPort } from './socket-port.js';
import { SystemCalls } from './system-calls.js';
import { describeTcb, tcpInfo } from './tcp-info.js';
import { type Attempt, BLOCKS, type Outcome } from './tcp-socket.js';
import { EndlessScript, World } from './world.js';

export interface RunOptions {
  readonly profile: Profile;
  readonly readFile: ReadScriptFile;
  readonly seed: number;
  /** Given every frame that crosses the link, with the script's time. */
  readonly capture?: ((frame: Uint8Array, outbound: boolean, time: number) => void) | undefined;
}

/** Entries of the time line that are kept: bounds the memory of a long script. */
const MAX_TIMELINE = 20_000;

interface BlockedCall {
  readonly call: SystemCall;
  readonly attempt: Attempt;
  /** Its place in the time line. */
  readonly position: number;
  /** When it began, and when it has to end. */
  readonly start: number;
  readonly until: number;
}

/** Runs `script`. Never throws for what a script or the stack does wrong: that is in the result. */
export function runScript(script: Script, config: ScriptConfig, options: RunOptions): ScriptResult {
  return new ScriptRun(script, config, options).run();
}

class ScriptRun {
  readonly #script: Script;
  readonly #config: ScriptConfig;
  readonly #options: RunOptions;
  readonly #settings: ProfileSettings;
  readonly #code = new CodeRunner();
  readonly #conversations: Conversations;
  readonly #queue: Queued[] = [];
  readonly #timeline: TimelineEntry[] = [];
  readonly #notChecked: NotChecked[] = [];
  #strictSegments: boolean;
  #checksPassed = 0;
  #eventsDone = 0;
  #blocked: BlockedCall | undefined;
  /** When the event before was due, by the script. */
  #lastDue = 0;
  /** The next relative time counts from now, not from `#lastDue`. */
  #unanchored = false;
  #world!: World;
  #calls!: SystemCalls;
  #ends!: Ends;

  constructor(script: Script, config: ScriptConfig, options: RunOptions) {
    this.#script = script;
    this.#config = config;
    this.#options = options;
    this.#settings = new ProfileSettings(options.profile);
    this.#conversations = new Conversations(config.bindPort);
    this.#strictSegments = config.strictSegments;
  }

  run(): ScriptResult {
    let current: ScriptEvent | undefined;
    try {
      this.#start();
      for (const event of this.#script.events) {
        current = event;
        this.#runEvent(event);
        this.#eventsDone++;
      }
      this.#finish();
      return this.#result('passed', undefined);
    } catch (error) {
      return this.#stopped(error, current);
    }
  }

  #start(): void {
    if (this.#script.init !== undefined) this.#shell(this.#script.init);
    const { local, remote, gateway, mtu } = this.#config;
    const world = new World({ local, gateway, mtu, seed: this.#options.seed, tcp: this.#settings.tcp });
    this.#world = world;
    this.#ends = { link: world.device, local, remote };
    const port = new SocketPort(world, this.#conversations);
    this.#calls = new SystemCalls(port, this.#config, this.#settings.sockets, () => world.now);
    world.sent = (packet) => this.#packetSent(packet);
    world.changed = () => this.#resumeBlocked();
    const capture = this.#options.capture;
    if (capture !== undefined) world.crossed = (frame, outbound) => capture(frame, outbound, world.now);
  }

  // --- time --------------------------------------------------------------------------------------------------------

  #runEvent(event: ScriptEvent): void {
    const { time, action } = event;
    const relative = time.kind.startsWith('relative') || time.kind === 'any';
    const base = relative ? (this.#unanchored ? this.#world.now : this.#lastDue) : 0;
    const due = base + (time.kind === 'any' ? 0 : time.from);
    const since = due - this.#lastDue;
    if (action.kind === 'packet' && action.direction === 'out') {
      const until = 'to' in time ? base + time.to : due;
      this.#expect(action, time.kind === 'any' ? undefined : { from: due, to: until, since });
    } else {
      this.#world.advanceTo(Math.max(due, this.#world.now));
      this.#act(event, action, base);
    }
    this.#lastDue = due;
    this.#unanchored = time.kind === 'any' || 'to' in time;
  }

  /** How far off a time may be: packetdrill's rule. */
  #tolerance(since: number): number {
    return Math.max(this.#config.toleranceUsecs, (this.#config.tolerancePercent / 100) * since);
  }

  // --- events ------------------------------------------------------------------------------------------------------

  #act(event: ScriptEvent, action: Action, base: number): void {
    switch (action.kind) {
      case 'packet':
        this.#inject(action);
        break;
      case 'call':
        this.#call(event, action, base);
        break;
      case 'shell':
        this.#shell(action);
        break;
      case 'code':
        this.#runCode(action.text, action.at);
    }
  }

  #inject(packet: Packet): void {
    const conversation = this.#conversations.ofScript(packet);
    const frame = inboundFrame(packet, conversation, this.#ends);
    this.#note('in', describeExpected(packet), packet.at.line);
    this.#world.inject(frame);
  }

  #expect(packet: Packet, when: { from: number; to: number; since: number } | undefined): void {
    const tolerance = this.#tolerance(when?.since ?? 0);
    const line = packet.at.line;
    expectPacket(packet, {
      world: this.#world,
      queue: this.#queue,
      conversation: this.#conversations.ofScript(packet),
      earliest: when === undefined ? undefined : when.from - tolerance,
      latest: when === undefined ? undefined : when.to + tolerance,
      oneSegment: this.#strictSegments || this.#config.strict,
      compare: {
        strict: this.#config.strict,
        timestampTick: this.#config.timestampTick,
        tolerance: Math.max(this.#config.toleranceUsecs, (this.#config.tolerancePercent / 100) * this.#world.now),
      },
      matched: (entry) => this.#matched(entry, line),
    });
  }

  #call(event: ScriptEvent, call: SystemCall, base: number): void {
    this.#awaitBlocked();
    const attempt = this.#calls.begin(call);
    const position = this.#note('call', `${call.name}()`, call.at.line);
    const outcome = this.#world.act(attempt);
    const until = call.until === undefined ? undefined : (event.time.kind === 'relative' ? base : 0) + call.until;
    if (outcome !== BLOCKS) {
      this.#returned(call, outcome, position);
      if (until !== undefined) this.#checkEnd(call, base, until);
      return;
    }
    if (until === undefined) {
      throw new FailedEvent(call.at, `${call.name}() would wait, and the script gives no end time`);
    }
    this.#blocked = { call, attempt, position, start: this.#world.now, until };
    this.#amend(position, `${call.name}() waits`);
  }

  #returned(call: SystemCall, outcome: Outcome, position: number): void {
    this.#amend(position, `${call.name}() = ${outcomeText(outcome)}`);
    checkOutcome(call, outcome);
  }

  #checkEnd(call: SystemCall, start: number, until: number): void {
    const now = this.#world.now;
    if (Math.abs(now - until) <= this.#tolerance(until - start)) return;
    throw new FailedEvent(call.at, `${call.name}() returned at ${seconds(now)}, expected at ${seconds(until)}`);
  }

  /** Something has happened: the call that waits may be able to go on. */
  #resumeBlocked(): void {
    const blocked = this.#blocked;
    if (blocked === undefined) return;
    const outcome = blocked.attempt();
    if (outcome === BLOCKS) return;
    this.#blocked = undefined;
    const { call } = blocked;
    this.#returned(call, outcome, this.#note('call', call.name, call.at.line));
    this.#checkEnd(blocked.call, blocked.start, blocked.until);
  }

  /** One call at a time may wait: the next one lets it finish first. */
  #awaitBlocked(): void {
    const blocked = this.#blocked;
    if (blocked === undefined) return;
    this.#world.advanceTo(
      blocked.until + this.#tolerance(blocked.until - blocked.start),
      () => this.#blocked === undefined,
    );
    if (this.#blocked !== undefined)
      throw new FailedEvent(blocked.call.at, `${blocked.call.name}() still waits at ${seconds(this.#world.now)}`);
  }

  #shell(command: ShellCommand): void {
    for (const effect of shellEffects(command.text, this.#options.readFile)) {
      if (effect.kind === 'setting') this.#settings.set(effect.name, effect.value);
      else if (effect.kind === 'link') this.#setLink(effect.up);
      else if (effect.kind === 'segments') this.#strictSegments = true;
      else this.#settings.ignore(effect.text);
    }
  }

  #setLink(up: boolean): void {
    if (this.#world !== undefined) this.#world.device.up = up;
  }

  #runCode(text: string, at: Position): void {
    const connection = this.#conversations.current?.socket?.connection;
    for (const check of this.#code.run(text, (name) => tcpInfo(connection, name))) {
      const line = at.line + check.line;
      this.#note('check', `${check.statement}: ${check.outcome}`, line);
      if (check.outcome === 'passed') this.#checksPassed++;
      else if (check.outcome === 'not checked') {
        this.#notChecked.push({ line, statement: check.statement, reason: check.detail });
      } else
        throw new FailedEvent(
          { line, column: line === at.line ? at.column : 1 },
          `${check.statement}: ${check.detail}`,
        );
    }
  }

  #finish(): void {
    this.#awaitBlocked();
    const left = this.#config.strict ? this.#queue[0] : undefined;
    if (left === undefined) return;
    const at = this.#script.events.at(-1)!.at;
    throw new FailedEvent(
      at,
      'the script is over, and the stack has sent what it does not mention',
      undefined,
      left.text,
    );
  }

  // --- what happened -----------------------------------------------------------------------------------------------

  #packetSent(packet: LivePacket): void {
    const conversation = this.#conversations.ofLive(packet);
    conversation?.observe(packet);
    const shown =
      packet.tcp === undefined || conversation === undefined
        ? packet
        : { ...packet, tcp: conversation.mapping.toScript(packet.tcp, undefined) };
    const entry: Queued = { packet, text: describeLive(shown), position: this.#timeline.length };
    this.#note('out', entry.text, 0);
    this.#queue.push(entry);
  }

  #matched(entry: Queued, line: number): void {
    const noted = this.#timeline[entry.position];
    if (noted?.kind === 'out') this.#timeline[entry.position] = { ...noted, line };
  }

  /** Adds to the time line and returns the entry's place in it. */
  #note(kind: TimelineEntry['kind'], text: string, line: number): number {
    if (this.#timeline.length < MAX_TIMELINE) this.#timeline.push({ time: this.#world.now, kind, text, line });
    return this.#timeline.length - 1;
  }

  #amend(position: number, text: string): void {
    const entry = this.#timeline[position];
    if (entry?.kind === 'call') this.#timeline[position] = { ...entry, text };
  }

  #stopped(error: unknown, event: ScriptEvent | undefined): ScriptResult {
    const at = event?.at ?? { line: 1, column: 1 };
    if (error instanceof FailedEvent) return this.#result('failed', error);
    if (error instanceof EndlessScript) return this.#result('broken', new FailedEvent(at, error.message));
    if (error instanceof CallError || error instanceof PacketError) {
      return this.#result(error.unsupported ? 'unsupported' : 'broken', new FailedEvent(error.at, error.message));
    }
    // Whatever the stack throws is a defect of the stack, and the script has found it.
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return this.#result('failed', new FailedEvent(at, `the stack threw an exception: ${text}`));
  }

  #result(verdict: Verdict, failed: FailedEvent | undefined): ScriptResult {
    const connection = this.#conversations.current?.socket?.connection;
    const failure =
      failed === undefined
        ? undefined
        : {
            at: failed.at,
            problem: failed.problem,
            excerpt: excerpt(this.#script.source, failed.at),
            expected: failed.expected,
            actual: failed.actual,
            differences: failed.differences,
            variables: connection === undefined ? {} : describeTcb(connection),
          };
    return {
      path: this.#script.path,
      ipVersion: this.#config.ipVersion,
      verdict,
      failure,
      events: this.#eventsDone,
      eventCount: this.#script.events.length,
      checksPassed: this.#checksPassed,
      notChecked: this.#notChecked,
      ignored: this.#settings.ignored,
      timeline: this.#timeline,
      duration: this.#world?.now ?? 0,
    };
  }
}

function checkOutcome(call: SystemCall, outcome: Outcome): void {
  const { result } = call;
  const expected = result.kind === 'any' ? outcome.value : result.kind === 'integer' ? result.value : Number.NaN;
  const sameError =
    call.errno === undefined
      ? outcome.value >= 0 || result.kind === 'any'
      : call.errno === outcome.errno || isSameErrno(call.errno, outcome.errno);
  if (expected === outcome.value && sameError && outcome.difference === undefined) return;
  const wanted = `${result.kind === 'integer' ? result.value : '...'}${call.errno === undefined ? '' : ` ${call.errno}`}`;
  throw new FailedEvent(
    call.at,
    `${call.name}(): ${outcome.difference ?? 'another result than expected'}`,
    wanted,
    outcomeText(outcome),
  );
}

function isSameErrno(expected: string, actual: string | undefined): boolean {
  return expected === 'EWOULDBLOCK' && actual === 'EAGAIN';
}

function outcomeText(outcome: Outcome): string {
  return outcome.errno === undefined ? `${outcome.value}` : `${outcome.value} ${outcome.errno}`;
}

function seconds(time: number): string {
  return `${(time / 1_000_000).toFixed(6)} s`;
}
