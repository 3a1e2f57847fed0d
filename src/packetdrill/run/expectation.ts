/**
 * An outbound packet of a script: waits for what the stack sends, and compares it with what the script says.
 */
import type { Packet } from '../language/ast.js';
import { type CompareOptions, comparePacket, type Difference, type UsualIp } from '../wire/compare.js';
import { describeExpected, describeLive } from '../wire/describe.js';
import { isAnswerTo } from '../wire/icmp-answer.js';
import type { LivePacket, LiveTcp } from '../wire/live-packet.js';
import type { Conversation } from './conversation.js';
import { FailedEvent } from './failed-event.js';
import { rejectEncapsulation } from './inbound.js';
import { collect, type Joining, join, partOf } from './joining.js';
import type { World } from './world.js';

/** A packet that the stack has sent and the script has not mentioned yet. */
export interface Queued {
  readonly packet: LivePacket;
  /** The packet in the script's words. */
  readonly text: string;
  /** Its place in the time line. */
  readonly position: number;
}

export interface Expectation extends Joining {
  readonly world: World;
  /** The time range, tolerance included, microseconds; `undefined`: at any time. */
  readonly earliest: number | undefined;
  readonly latest: number | undefined;
  readonly compare: Omit<CompareOptions, 'ends' | 'usual' | 'moreFollows'>;
  readonly matched: (entry: Queued) => void;
}

/** How much longer we wait for a late packet, so that the report can say how late it was. */
const PATIENCE = 2_000_000;
/** How long we wait for a packet that may come at any time: longer than any timer of TCP except keep-alive. */
const FOREVER = 3 * 3600 * 1_000_000;

/** The TTL of a host whose program asks for none (Linux's and RFC 1700's default). */
const TIME_TO_LIVE = 64;

/** Takes the expected packet from the queue. @throws {FailedEvent} */
export function expectPacket(expected: Packet, context: Expectation): void {
  rejectEncapsulation(expected);
  const first = nextPacket(expected, context);
  const { conversation } = context;
  const { body } = expected;
  if (body.protocol === 'tcp' && body.flags.syn) {
    conversation.mapping.nameLocal(context.compare.strict ? 0 : body.sequence.first);
  }
  const entries = collect(expected, first, context);
  for (const entry of entries) context.matched(entry);
  checkFaults(expected, entries);
  const actual = inScriptNumbers(join(entries), body, conversation);
  const differences = [
    ...compareSegments(expected, entries, context),
    ...compareFlowLabel(expected, actual, conversation),
  ];
  if (differences.length > 0) {
    throw new FailedEvent(
      expected.at,
      'the packet is not the one expected',
      describeExpected(expected),
      describeLive(actual),
      differences,
    );
  }
  checkTime(expected, first.packet.time, actual, context);
  for (const entry of entries) {
    checkPayload(expected, entry, conversation);
    checkAnswer(expected, entry, context);
  }
}

/** Waits for a packet that could be the one expected, and takes it from the queue. */
function nextPacket(expected: Packet, { world, queue, conversation, latest }: Expectation): Queued {
  const concerns = ({ packet }: Queued) => packet.tcp === undefined || conversation.owns(packet);
  if (!queue.some(concerns)) {
    const end = latest === undefined ? world.now + FOREVER : Math.max(latest + PATIENCE, world.now);
    world.advanceTo(end, () => queue.some(concerns));
  }
  const index = queue.findIndex(concerns);
  const [entry] = index < 0 ? [] : queue.splice(index, 1);
  if (entry === undefined) {
    const until = (world.now / 1_000_000).toFixed(6);
    throw new FailedEvent(expected.at, `no packet came until ${until} s`, describeExpected(expected), 'nothing');
  }
  return entry;
}

/** Flow labels in a script are names. Which live label each one stands for is learnt. */
function compareFlowLabel(expected: Packet, { ip }: LivePacket, { mapping }: Conversation): Difference[] {
  const label = expected.ip.flowLabel;
  if (label === undefined || ip.version !== 6 || mapping.flowLabelMatches(label, ip.flowLabel)) return [];
  const hex = (value: number) => `0x${value.toString(16)}`;
  return [{ field: 'flow label', expected: `another for ${hex(label)}`, actual: hex(ip.flowLabel) }];
}

/** True if the program had written more than this segment reaches to. */
function endsBeforeData({ tcp }: LivePacket, { socket, mapping }: Conversation): boolean {
  if (tcp === undefined || socket === undefined) return false;
  return mapping.localOffset(tcp.sequence) + tcp.payload.length < socket.written.length;
}

/** Compares each segment with its part of the expected packet. */
function compareSegments(
  expected: Packet,
  entries: readonly [Queued, ...Queued[]],
  context: Expectation,
): Difference[] {
  const { conversation } = context;
  const { body } = expected;
  const options = { ...context.compare, ends: conversation.ends, usual: usualIp(expected, context) };
  const compare = (part: Packet, { packet }: Queued, moreFollows: boolean) =>
    comparePacket(part, inScriptNumbers(packet, part.body, conversation), { ...options, moreFollows });
  const last = entries.at(-1) ?? entries[0];
  const moreFollows = endsBeforeData(last.packet, conversation);
  if (entries.length === 1 || body.protocol !== 'tcp') return compare(expected, entries[0], moreFollows);
  const found: Difference[] = [];
  let done = 0;
  for (const entry of entries) {
    const part = partOf(expected, body, done, entry === last, entry.packet);
    found.push(...compare(part, entry, entry !== last || moreFollows));
    done += part.body.sequence.length;
  }
  const { length } = body.sequence;
  if (done !== length) found.push({ field: 'payload length', expected: `${length}`, actual: `${done}` });
  // The same fault in each segment is told once.
  return found.filter(({ field }, index) => found.findIndex((other) => other.field === field) === index);
}

/** What the IP header says when the program has asked for nothing else; looked at in strict runs. */
function usualIp({ body }: Packet, { conversation, compare }: Expectation): UsualIp | undefined {
  if (!compare.strict) return undefined;
  const { socket, listener } = conversation;
  const options = body.protocol === 'tcp' ? (socket ?? listener)?.options : undefined;
  return {
    timeToLive: options?.timeToLive || TIME_TO_LIVE,
    dscp: (options?.trafficClass ?? 0) >> 2,
    ecnCapable: conversation.ecnCapable,
    dontFragment: !conversation.pathIsNarrow,
  };
}

function inScriptNumbers(packet: LivePacket, body: Packet['body'], conversation: Conversation): LivePacket {
  if (packet.tcp === undefined || body.protocol !== 'tcp') return packet;
  const tcp = conversation.mapping.toScript(packet.tcp, body.options);
  return { ...packet, tcp: body.sequence.absolute ? absolute(tcp, packet.tcp) : tcp };
}

/** `1:1(0)!` is the number on the wire. */
function absolute(tcp: LiveTcp, live: LiveTcp): LiveTcp {
  return { ...tcp, sequence: live.sequence };
}

/** Checksums and the like can be wrong whatever the script says. */
function checkFaults(expected: Packet, entries: readonly Queued[]): void {
  const faulty = entries.find(({ packet }) => packet.faults.length > 0);
  if (faulty === undefined) return;
  throw new FailedEvent(
    expected.at,
    `the packet is malformed: ${faulty.packet.faults.join(', ')}`,
    describeExpected(expected),
    faulty.text,
  );
}

function checkTime(expected: Packet, time: number, actual: LivePacket, { earliest, latest }: Expectation): void {
  if (earliest === undefined || latest === undefined || (time >= earliest && time <= latest)) return;
  const text = (value: number) => (value / 1_000_000).toFixed(6);
  const range = `${text(Math.max(0, earliest))} s and ${text(latest)} s`;
  const problem = `the packet came at ${text(time)} s, expected between ${range} (tolerance included)`;
  throw new FailedEvent(expected.at, problem, describeExpected(expected), describeLive(actual));
}

/** The stack must send what was written, byte for byte, and the same bytes each time. */
function checkPayload(expected: Packet, { packet, text }: Queued, { socket, mapping }: Conversation): void {
  if (packet.tcp === undefined || socket === undefined) return;
  const offset = mapping.localOffset(packet.tcp.sequence);
  const wrong = socket.written.firstDifference(offset, packet.tcp.payload);
  if (wrong < 0) return;
  const problem = `byte ${wrong} of the payload is not the one written`;
  throw new FailedEvent(expected.at, problem, describeExpected(expected), text);
}

/** An ICMP message answers a packet of the peer and gives back what that had in it. */
function checkAnswer(expected: Packet, { packet, text }: Queued, { world }: Expectation): void {
  if (packet.icmp === undefined || world.recent.some((frame) => isAnswerTo(packet, frame))) return;
  throw new FailedEvent(
    expected.at,
    'the ICMP message answers none of the packets of the peer',
    describeExpected(expected),
    text,
  );
}
