/**
 * Runs one script event by event, each at its time, against a stack of its own.
 *
 * Times are packetdrill's. An event at `+.1` is due 0.1 s after the one before it was due. An outbound packet may come
 * early or late by the tolerance. After a packet that may come at any time, the next event counts from when it came.
 */
import type { TcpSettings } from '../../net/tcp/settings.js';
import { CodeRunner } from '../code/code-runner.js';
import { describeTcb, tcpInfo } from '../code/tcp-info.js';
import type { Action, Packet, Script, ScriptEvent, ShellCommand } from '../language/ast.js';
import { excerpt, type Position } from '../language/script-error.js';
import { type ReadScriptFile, shellEffects } from '../language/shell-command.js';
import { CallError } from '../sockets/call-arguments.js';
import { SystemCalls } from '../sockets/system-calls.js';
import { describeExpected, describeLive } from '../wire/describe.js';
import type { LivePacket } from '../wire/live-packet.js';
import { CallRunner } from './call-runner.js';
import { Conversations } from './conversation.js';
import { expectPacket, type Queued } from './expectation.js';
import { FailedEvent } from './failed-event.js';
import { inboundFrame } from './inbound.js';
import { isOfSockets, type Profile, ProfileSettings } from './profile.js';
import type { Failure, NotChecked, ScriptResult, Verdict } from './result.js';
import { checkedMtu, type ScriptConfig } from './script-config.js';
import { SocketPort } from './socket-port.js';
import { stopped } from './stopped.js';
import { Timeline } from './timeline.js';
import { type Tamper, World } from './world.js';

export interface RunOptions {
  readonly profile: Profile;
  readonly readFile: ReadScriptFile;
  readonly seed: number;
  /** Settings that hold whatever the script says. */
  readonly tcp?: Partial<TcpSettings> | undefined;
  /** Given every frame that crosses the link, with the script's time. */
  readonly capture?: ((frame: Uint8Array, outbound: boolean, time: number) => void) | undefined;
  /** Changes what the stack sends on its way to the script: tests of the runner itself spoil frames with it. */
  readonly tamper?: Tamper | undefined;
}

/** The stack, its sockets and the connections of the script. */
interface Stage {
  readonly world: World;
  readonly calls: CallRunner;
  readonly conversations: Conversations;
}

/** Runs `script`. Faults of the script and of the stack are in the result; they are never thrown. */
export function runScript(script: Script, config: ScriptConfig, options: RunOptions): ScriptResult {
  return new ScriptRun(script, config, options).run();
}

class ScriptRun {
  readonly #script: Script;
  readonly #config: ScriptConfig;
  readonly #options: RunOptions;
  readonly #settings: ProfileSettings;
  readonly #code = new CodeRunner();
  readonly #queue: Queued[] = [];
  readonly #timeline = new Timeline(() => this.#stage?.world.now ?? 0);
  readonly #notChecked: NotChecked[] = [];
  #strictSegments: boolean;
  /** What a shell line has set the MTU of the link to. */
  #mtu: number | undefined;
  #checksPassed = 0;
  #eventsDone = 0;
  /** When the event before was due, by the script. */
  #lastDue = 0;
  /** The next relative time counts from now and not from `#lastDue`. */
  #unanchored = false;
  /** The stack and all around it, from the first event on that needs them. */
  #stage: Stage | undefined;

  constructor(script: Script, config: ScriptConfig, options: RunOptions) {
    this.#script = script;
    this.#config = config;
    this.#options = options;
    this.#settings = new ProfileSettings(options.profile);
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
      if (this.#stage === undefined) return this.#result('empty', undefined);
      this.#finish(this.#stage);
      return this.#result(this.#script.allSkipped ? 'empty' : 'passed', undefined);
    } catch (error) {
      const { verdict, failed } = stopped(error, current?.at ?? { line: 1, column: 1 });
      return this.#result(verdict, failed);
    }
  }

  /** Makes the stack, with the settings of all shell lines before the first packet, call or piece of code. */
  #start(): Stage {
    const { local, remote, gateway, bindPort } = this.#config;
    const mtu = this.#mtu ?? this.#config.mtu;
    const tcp = { ...this.#settings.tcp, ...this.#options.tcp };
    const world = new World({ local, gateway, mtu, seed: this.#options.seed, tcp });
    const conversations = new Conversations(bindPort, { link: world.device, local, remote });
    const now = () => world.now;
    const sockets = new SystemCalls({
      host: new SocketPort(world, conversations),
      ends: this.#config,
      defaults: () => this.#settings.sockets,
      now,
    });
    const calls = new CallRunner(sockets, world, this.#timeline, (since) => this.#tolerance(since));
    const { capture, tamper } = this.#options;
    world.sent = (packet) => this.#packetSent(packet, conversations);
    world.changed = () => calls.resume();
    if (capture !== undefined) world.crossed = (frame, outbound) => capture(frame, outbound, world.now);
    if (tamper !== undefined) world.tamper = tamper;
    return { world, calls, conversations };
  }

  // --- time --------------------------------------------------------------------------------------------------------

  #runEvent(event: ScriptEvent): void {
    const { time, action } = event;
    if (this.#stage === undefined && action.kind === 'shell') {
      this.#shell(action);
      return;
    }
    this.#stage ??= this.#start();
    const { world } = this.#stage;
    const relative = time.kind.startsWith('relative') || time.kind === 'any';
    const base = relative ? (this.#unanchored ? world.now : this.#lastDue) : 0;
    const due = base + (time.kind === 'any' ? 0 : time.from);
    const since = due - this.#lastDue;
    if (action.kind === 'packet' && action.direction === 'out') {
      const until = 'to' in time ? base + time.to : due;
      this.#expect(this.#stage, action, time.kind === 'any' ? undefined : { from: due, to: until, since });
    } else {
      world.advanceTo(Math.max(due, world.now));
      this.#act(this.#stage, action, time.kind === 'relative' ? base : 0);
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
  #act(stage: Stage, action: Action, base: number): void {
    switch (action.kind) {
      case 'packet':
        this.#inject(stage, action);
        break;
      case 'call':
        stage.calls.run(action, action.until === undefined ? undefined : base + action.until);
        break;
      case 'shell':
        this.#shell(action);
        break;
      case 'code':
        this.#runCode(stage, action.text, action.at);
    }
  }

  #inject({ world, conversations }: Stage, packet: Packet): void {
    const conversation = conversations.ofScript(packet);
    conversation.sends(packet.body);
    const frame = inboundFrame(packet, conversation);
    this.#timeline.note('in', describeExpected(packet), packet.at.line);
    world.inject(frame);
  }

  #expect(
    { world, conversations }: Stage,
    packet: Packet,
    when: { from: number; to: number; since: number } | undefined,
  ): void {
    const { strict, orderedOptions, timestampTick, toleranceUsecs, tolerancePercent } = this.#config;
    const tolerance = this.#tolerance(when?.since ?? 0);
    const line = packet.at.line;
    expectPacket(packet, {
      world,
      queue: this.#queue,
      conversation: conversations.ofScript(packet),
      earliest: when === undefined ? undefined : when.from - tolerance,
      latest: when === undefined ? undefined : when.to + tolerance,
      oneSegment: this.#strictSegments || strict,
      compare: {
        strict,
        ordered: orderedOptions,
        timestampTick,
        tolerance: Math.max(toleranceUsecs, (tolerancePercent / 100) * world.now),
      },
      matched: (entry) => this.#timeline.explain(entry.position, line),
    });
  }

  #shell(command: ShellCommand): void {
    for (const effect of shellEffects(command.text, this.#options.readFile)) {
      if (effect.kind === 'setting') this.#set(effect.name, effect.value);
      else if (effect.kind === 'link') this.#setLink(effect.up);
      else if (effect.kind === 'segments') this.#strictSegments = true;
      else if (effect.kind === 'mtu') this.#setMtu(effect.bytes, command);
      else if (effect.kind === 'check') {
        this.#notChecked.push({ line: command.at.line, statement: effect.text, reason: 'shell commands are not run' });
      } else this.#settings.ignore(effect.text);
    }
  }

  /** The settings of a stack do not change while it runs. Those of sockets may, for sockets that are made later. */
  #set(name: string, value: string): void {
    if (this.#stage === undefined || isOfSockets(name)) this.#settings.set(name, value);
    else this.#settings.ignore(`${name}=${value} (after the start)`);
  }

  /** The stack's device has one MTU for life, so only a change before the start has an effect. */
  #setMtu(bytes: number, command: ShellCommand): void {
    if (this.#stage !== undefined)
      throw new CallError('a change of the MTU after the start is not supported', command.at, true);
    this.#mtu = checkedMtu(bytes, this.#config.local);
  }

  #setLink(up: boolean): void {
    if (this.#stage !== undefined) this.#stage.world.device.up = up;
  }

  #runCode({ conversations }: Stage, text: string, at: Position): void {
    const connection = conversations.current?.socket?.connection;
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

  /** What the script does not mention must at least be well formed, and in a strict run there is no such packet. */
  #finish({ calls }: Stage): void {
    calls.finish();
    const left = this.#queue.find(({ packet }) => this.#config.strict || packet.faults.length > 0);
    if (left === undefined) return;
    const at = this.#script.events.at(-1)?.at ?? { line: 1, column: 1 };
    const faults = left.packet.faults.join(', ');
    const problem =
      faults === ''
        ? 'the script is over, and the stack has sent what it does not mention'
        : `the stack has sent a malformed packet that the script does not mention: ${faults}`;
    throw new FailedEvent(at, problem, undefined, left.text);
  }

  // --- what happened -----------------------------------------------------------------------------------------------

  #packetSent(packet: LivePacket, conversations: Conversations): void {
    const conversation = conversations.ofLive(packet);
    if (packet.tcp !== undefined) conversation?.observe(packet.tcp);
    const shown =
      packet.tcp === undefined || conversation === undefined
        ? packet
        : { ...packet, tcp: conversation.mapping.toScript(packet.tcp, undefined) };
    const text = describeLive(shown);
    this.#queue.push({ packet, text, position: this.#timeline.note('out', text, 0) });
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
      duration: this.#stage?.world.now ?? 0,
    };
  }

  #failure({ at, problem, expected, actual, differences }: FailedEvent): Failure {
    const connection = this.#stage?.conversations.current?.socket?.connection;
    const variables = connection === undefined ? {} : describeTcb(connection);
    return { at, problem, excerpt: excerpt(this.#script.source, at), expected, actual, differences, variables };
  }
}
