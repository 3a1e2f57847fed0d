/**
 * An outbound packet of a script: waits for it, puts segments together where the script has one longer packet, and
 * compares.
 *
 * Linux hands super-segments to its device and scripts written for it show those: `P. 1:10001(10000)`. On a link
 * without offload the same data are ten segments. Like the original (which does so where segments cross a real wire)
 * we join what belongs together, unless the script says `--strict_segments`.
 */
import type { Packet, TcpBody } from '../language/ast.js';
import { type CompareOptions, comparePacket, type Difference, type UsualIp } from '../wire/compare.js';
import { describeExpected, describeLive } from '../wire/describe.js';
import { isAnswerTo } from '../wire/icmp-answer.js';
import type { LivePacket, LiveTcp } from '../wire/live-packet.js';
import type { Conversation } from './conversation.js';
import { FailedEvent } from './failed-event.js';
import { rejectEncapsulation } from './inbound.js';
import type { World } from './world.js';

/** A packet that the stack has sent and the script has not mentioned yet. */
export interface Queued {
  readonly packet: LivePacket;
  /** In the script's words. */
  readonly text: string;
  /** Its place in the time line. */
  readonly position: number;
}

export interface Expectation {
  readonly world: World;
  readonly queue: Queued[];
  readonly conversation: Conversation;
  /** The time range, tolerance included, microseconds; `undefined`: at any time. */
  readonly earliest: number | undefined;
  readonly latest: number | undefined;
  /** A packet longer than a segment must come in one piece. */
  readonly oneSegment: boolean;
  readonly compare: Omit<CompareOptions, 'ends' | 'usual' | 'moreFollows'>;
  readonly matched: (entry: Queued) => void;
}

/** How much later than expected a packet is still waited for, to be able to say how late it was. */
const PATIENCE = 2_000_000;
/** How long a packet is waited for that may come at any time: longer than any timer of TCP but keep-alive's. */
const FOREVER = 3 * 3600 * 1_000_000;

/** The TTL of a host whose program asks for none (Linux's and RFC 1700's default). */
const TIME_TO_LIVE = 64;
const PSH = 8;
const FIN = 1;
const MAY_DIFFER = PSH | FIN;

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

/** A script's flow labels are names: which live one each stands for is learnt. */
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

/** The packet and as many after it as it takes to reach the expected length. */
function collect(
  expected: Packet,
  first: Queued,
  { queue, conversation, oneSegment }: Expectation,
): [Queued, ...Queued[]] {
  const entries: [Queued, ...Queued[]] = [first];
  let last = first;
  if (oneSegment || expected.body.protocol !== 'tcp' || first.packet.tcp === undefined) return entries;
  let total = first.packet.tcp.payload.length;
  while (total > 0 && total < expected.body.sequence.length) {
    const index = queue.findIndex(({ packet }) => conversation.owns(packet));
    const next = queue[index];
    if (next?.packet.tcp === undefined || !continues(last.packet, next.packet)) break;
    queue.splice(index, 1);
    entries.push(next);
    last = next;
    total += next.packet.tcp.payload.length;
  }
  return entries;
}

/** True if `b` goes on where `a` ends, as two segments of one super-segment do. */
function continues(a: LivePacket, b: LivePacket): boolean {
  const [first, second] = [a.tcp, b.tcp];
  return (
    first !== undefined &&
    second !== undefined &&
    second.sequence === (first.sequence + first.payload.length) % 2 ** 32 &&
    second.acknowledgment === first.acknowledgment &&
    ((first.flags ^ second.flags) & ~MAY_DIFFER & 0xff) === 0 &&
    a.time === b.time &&
    (first.flags & FIN) === 0
  );
}

/** One packet of several segments, for the report: the first one's numbers, the last one's flags, all the payload. */
function join(entries: readonly [Queued, ...Queued[]]): LivePacket {
  const { packet } = entries[0];
  const segments = entries.map((entry) => entry.packet.tcp).filter((tcp) => tcp !== undefined);
  const [first, last] = [segments[0], segments.at(-1)];
  if (first === undefined || last === undefined) return packet;
  const payload = Buffer.concat(segments.map((segment) => segment.payload));
  return { ...packet, tcp: { ...first, flags: last.flags, window: last.window, payload } };
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

/** The part of the expected packet that a segment carries: PSH and FIN belong to the last one. */
function partOf(
  expected: Packet,
  body: TcpBody,
  offset: number,
  isLast: boolean,
  { tcp }: LivePacket,
): Packet & { readonly body: TcpBody } {
  const sequence = {
    ...body.sequence,
    first: (body.sequence.first + offset) % 2 ** 32,
    length: tcp?.payload.length ?? 0,
  };
  const psh = ((tcp?.flags ?? 0) & PSH) !== 0;
  const flags = isLast ? body.flags : { ...body.flags, psh, fin: false };
  return { ...expected, body: { ...body, sequence, flags } };
}

/** What the IP header says when the program has asked for nothing else; looked at in strict runs. */
function usualIp({ body }: Packet, { conversation, compare }: Expectation): UsualIp | undefined {
  if (!compare.strict) return undefined;
  const options = body.protocol === 'tcp' ? conversation.socket?.options : undefined;
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

/** `1:1(0)!`: the number as it is on the wire. */
function absolute(tcp: LiveTcp, live: LiveTcp): LiveTcp {
  return { ...tcp, sequence: live.sequence };
}

/** Checksums and the like: wrong whatever the script says. */
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
  const problem = `the packet came at ${text(time)} s, expected between ${text(Math.max(0, earliest))} s and ${text(latest)} s (tolerance included)`;
  throw new FailedEvent(expected.at, problem, describeExpected(expected), describeLive(actual));
}

/** What is sent must be what was written, byte for byte and each time it is sent. */
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
