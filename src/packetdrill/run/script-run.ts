/**
 * Runs one script: event by event, each at its time, against a stack of its own.
 *
 * Times are packetdrill's: an event at `+.1` is due 0.1 s after the one before it was due; an outbound packet may come
 * early or late by the tolerance; after one that may come at any time, the next event counts from when it came.
 */

import { CodeRunner } from '../code/code-runner.js';
import { describeTcb, tcpInfo } from '../code/tcp-info.js';
import type { Action, Packet, Script, ScriptEvent, ShellCommand } from '../language/ast.js';
import { excerpt, type Position } from '../language/script-error.js';
import { CallError } from '../sockets/call-arguments.js';
import { SystemCalls } from '../sockets/system-calls.js';
import { describeExpected, describeLive } from '../wire/describe.js';
import type { LivePacket } from '../wire/live-packet.js';
import { CallRunner } from './call-runner.js';
import { Conversations } from './conversation.js';
import { expectPacket, type Queued } from './expectation.js';
import { FailedEvent } from './failed-event.js';
import { type Ends, inboundFrame, PacketError } from './inbound.js';
import { isOfSockets, type Profile, ProfileSettings } from './profile.js';
import type { Failure, NotChecked, ScriptResult, Verdict } from './result.js';
import type { ScriptConfig } from './script-config.js';
import { type ReadScriptFile, shellEffects } from './shell-command.js';
import { SocketPort } from './socket-port.js';
import { Timeline } from './timeline.js';
import { EndlessScript, World } from './world.js';

export interface RunOptions {
  readonly profile: Profile;
  readonly readFile: ReadScriptFile;
  readonly seed: number;
  /** Given every frame that crosses the link, with the script's time. */
  readonly capture?: ((frame: Uint8Array, outbound: boolean, time: number) => void) | undefined;
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
  readonly #timeline = new Timeline(() => this.#world?.now ?? 0);
  readonly #notChecked: NotChecked[] = [];
  #strictSegments: boolean;
  #checksPassed = 0;
  #eventsDone = 0;
  /** When the event before was due, by the script. */
  #lastDue = 0;
  /** The next relative time counts from now, not from `#lastDue`. */
  #unanchored = false;
  /** The stack and its link, from the first event on that needs them. */
  #world!: World;
  #calls!: CallRunner;
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
      if (this.#script.init !== undefined) this.#shell(this.#script.init);
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

  /** Makes the stack, with the settings of all shell lines before the first packet, call or piece of code. */
  #start(): void {
    const { local, remote, gateway, mtu } = this.#config;
    const world = new World({ local, gateway, mtu, seed: this.#options.seed, tcp: this.#settings.tcp });
    this.#world = world;
    this.#ends = { link: world.device, local, remote };
    const port = new SocketPort(world, this.#conversations);
    const calls = new SystemCalls(
      port,
      this.#config,
      () => this.#settings.sockets,
      () => world.now,
    );
    this.#calls = new CallRunner(calls, world, this.#timeline, (since) => this.#tolerance(since));
    world.sent = (packet) => this.#packetSent(packet);
    world.changed = () => this.#calls.resume();
    const capture = this.#options.capture;
    if (capture !== undefined) world.crossed = (frame, outbound) => capture(frame, outbound, world.now);
  }

  // --- time --------------------------------------------------------------------------------------------------------

  #runEvent(event: ScriptEvent): void {
    const { time, action } = event;
    if (this.#world === undefined) {
      if (action.kind === 'shell') {
        this.#shell(action);
        return;
      }
      this.#start();
    }
    const relative = time.kind.startsWith('relative') || time.kind === 'any';
    const base = relative ? (this.#unanchored ? this.#world.now : this.#lastDue) : 0;
    const due = base + (time.kind === 'any' ? 0 : time.from);
    const since = due - this.#lastDue;
    if (action.kind === 'packet' && action.direction === 'out') {
      const until = 'to' in time ? base + time.to : due;
      this.#expect(action, time.kind === 'any' ? undefined : { from: due, to: until, since });
    } else {
      this.#world.advanceTo(Math.max(due, this.#world.now));
      this.#act(action, time.kind === 'relative' ? base : 0);
    }
    this.#lastDue = due;
    this.#unanchored = time.kind === 'any' || 'to' in time;
  }

  /** How far off a time may be: packetdrill's rule. */
  #tolerance(since: number): number {
    return Math.max(this.#config.toleranceUsecs, (this.#config.tolerancePercent / 100) * since);
  }

  // --- events ------------------------------------------------------------------------------------------------------

  /** @param base what the end time of a call that waits counts from */
  #act(action: Action, base: number): void {
    switch (action.kind) {
      case 'packet':
        this.#inject(action);
        break;
      case 'call':
        this.#calls.run(action, action.until === undefined ? undefined : base + action.until);
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
    this.#timeline.note('in', describeExpected(packet), packet.at.line);
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
      matched: (entry) => this.#timeline.explain(entry.position, line),
    });
  }

  #shell(command: ShellCommand): void {
    for (const effect of shellEffects(command.text, this.#options.readFile)) {
      if (effect.kind === 'setting') this.#set(effect.name, effect.value);
      else if (effect.kind === 'link') this.#setLink(effect.up);
      else if (effect.kind === 'segments') this.#strictSegments = true;
      else this.#settings.ignore(effect.text);
    }
  }

  /** The settings of a stack do not change while it runs; those of its sockets may, for the next one that is made. */
  #set(name: string, value: string): void {
    if (this.#world === undefined || isOfSockets(name)) this.#settings.set(name, value);
    else this.#settings.ignore(`${name}=${value} (after the start)`);
  }

  #setLink(up: boolean): void {
    if (this.#world !== undefined) this.#world.device.up = up;
  }

  #runCode(text: string, at: Position): void {
    const connection = this.#conversations.current?.socket?.connection;
    for (const check of this.#code.run(text, (name) => tcpInfo(connection, name))) {
      const line = at.line + check.line;
      this.#timeline.note('check', `${check.statement}: ${check.outcome}`, line);
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
    if (this.#world === undefined) return; // nothing but settings
    this.#calls.finish();
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
    const text = describeLive(shown);
    this.#queue.push({ packet, text, position: this.#timeline.note('out', text, 0) });
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
    return {
      path: this.#script.path,
      ipVersion: this.#config.ipVersion,
      verdict,
      failure: failed === undefined ? undefined : this.#failure(failed),
      events: this.#eventsDone,
      eventCount: this.#script.events.length,
      checksPassed: this.#checksPassed,
      notChecked: this.#notChecked,
      ignored: this.#settings.ignored,
      timeline: this.#timeline.entries,
      duration: this.#world?.now ?? 0,
    };
  }

  #failure({ at, problem, expected, actual, differences }: FailedEvent): Failure {
    const connection = this.#conversations.current?.socket?.connection;
    const variables = connection === undefined ? {} : describeTcb(connection);
    return { at, problem, excerpt: excerpt(this.#script.source, at), expected, actual, differences, variables };
  }
}
