/**
 * What may happen to a connection: one function for each kind of segment. They begin with the segment that the
 * connection expects, since they may look into its control block, and make it as wrong as they like.
 */
import type { ControlBlock } from '../../src/net/tcp/block/control-block.js';
import { add, distance, isBefore, toWord } from '../../src/net/tcp/sequence.js';
import { tcpOptions } from '../../test/support/tcp-segment.js';
import type { Choices } from './choices.js';
import { BROADCAST_MAC, type FrameFields, NO_BYTES } from './frames.js';
import { type Hosts, offsetOf } from './hosts.js';
import { STACK_MAC } from './world.js';

const FIN = 0x01;
const SYN = 0x02;
const RST = 0x04;
const PSH = 0x08;
const ACK = 0x10;
const URG = 0x20;
const ECE = 0x40;
const CWR = 0x80;
const AE = 0x100;

/** A frame on its way to the stack. */
export interface Arrival {
  readonly fields: FrameFields;
  /** The device vouches for the checksum. */
  checksumGood: boolean;
  /** Not 0: a super-segment. */
  segmentBytes: number;
}

type Change = (arrival: Arrival, tcb: ControlBlock, choices: Choices) => void;

/** The segment that `tcb` expects: the next one, which acknowledges all that is out. */
export function expectedArrival(tcb: ControlBlock, hosts: Hosts, choices: Choices): Arrival {
  const { clock } = tcb.host;
  const offset = offsetOf(tcb.remotePort);
  const window = choices.oneIn(30) ? choices.of([0, 1, 100, 3000]) : choices.of([500, 20_000, 65_535]);
  const echo = (clock.milliseconds + tcb.snd.tsOffset - choices.below(3)) | 0;
  const fields: FrameFields = {
    toMac: STACK_MAC,
    fromMac: hosts.macOf(tcb.remoteAddress),
    source: tcb.remoteAddress,
    destination: tcb.localAddress,
    sourcePort: tcb.remotePort,
    destinationPort: tcb.localPort,
    sequence: toWord(tcb.rcv.nxt),
    acknowledgment: toWord(tcb.snd.nxt),
    flags: ACK,
    window,
    urgent: 0,
    options: tcb.usesTimestamps ? tcpOptions({ ts: [clock.milliseconds + offset, echo] }) : [],
    data: NO_BYTES,
    trafficClass: choices.oneIn(10) ? choices.of([2, 8, 184]) : 0,
    ttl: 64,
    ipOptions: [],
    fragment: choices.oneIn(3) ? 0x4000 : 0,
    padding: 0,
    tag: hosts.tag,
    spoilTcp: 0,
    spoilIp: 0,
    lengthError: 0,
  };
  return { fields, checksumGood: choices.oneIn(2), segmentBytes: 0 };
}

/** A request: mostly one small segment with PSH. */
const request: Change = ({ fields }, _tcb, choices) => {
  const length = choices.oneIn(6) ? choices.between(1, 4000) : choices.between(1, 300);
  fields.data = new Uint8Array(length).fill(choices.below(256));
  if (!choices.oneIn(5)) fields.flags |= PSH;
};

const ORDINARY: readonly (readonly [number, Change])[] = [
  [10, request],
  [3, () => {}],
  [
    1,
    (arrival, tcb, choices) => {
      request(arrival, tcb, choices);
      arrival.segmentBytes = choices.of([100, 536, 1448]);
      arrival.checksumGood = true;
    },
  ],
];

/** What is not expected. Some of it comes with data, some without. */
const DISTURBANCES: readonly (readonly [number, Change])[] = [
  // The acknowledgment.
  [6, ({ fields }, { snd }) => void (fields.acknowledgment = toWord(snd.una))],
  [8, (arrival, tcb, choices) => acknowledgePart(arrival, tcb, choices)],
  [
    1,
    ({ fields }, { snd }, choices) => void (fields.acknowledgment = toWord(add(snd.una, -choices.between(1, 100_000)))),
  ],
  [1, ({ fields }, { snd }, choices) => void (fields.acknowledgment = toWord(add(snd.nxt, choices.between(1, 5))))],
  // The sequence number.
  [3, ({ fields }, { rcv }, choices) => void (fields.sequence = toWord(add(rcv.nxt, choices.between(1, 2000))))],
  [3, ({ fields }, { rcv }, choices) => void (fields.sequence = toWord(add(rcv.nxt, -choices.between(1, 400))))],
  [1, ({ fields }, { rcv }, choices) => void (fields.sequence = toWord(add(rcv.edge, choices.between(-500, 2))))],
  // The flags.
  [1, ({ fields }) => void (fields.flags |= FIN)],
  [1, (arrival, tcb, choices) => resetSometimes(arrival, tcb, choices)],
  [1, ({ fields }) => void (fields.flags |= SYN)],
  [1, ({ fields }) => void (fields.flags &= ~ACK)],
  [1, (arrival, _tcb, choices) => markUrgent(arrival, choices)],
  [2, ({ fields }, _tcb, choices) => void (fields.flags |= choices.of([ECE, CWR, ECE | CWR, AE, AE | ECE]))],
  [2, ({ fields }, _tcb, choices) => void (fields.trafficClass = choices.of([1, 2, 3]))],
  // The options.
  [2, ({ fields }) => void (fields.options = [])],
  [2, (arrival, tcb, choices) => oldTimestamp(arrival, tcb, choices)],
  [2, ({ fields }) => void (fields.options = [1, 1, 1, 1, ...fields.options])],
  [1, ({ fields }) => void (fields.options = [253, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
  [4, (arrival, tcb, choices) => sack(arrival, tcb, choices)],
  // What carries it.
  [2, ({ fields }, _tcb, choices) => void (fields.spoilTcp = choices.of([1, 256]))],
  [1, ({ fields }) => void (fields.spoilIp = 1)],
  [1, ({ fields }, _tcb, choices) => void (fields.lengthError = choices.of([-30, -1, 1]))],
  [2, ({ fields }, _tcb, choices) => void (fields.padding = choices.between(1, 20))],
  [1, ({ fields }) => void (fields.ipOptions = [1, 1, 1, 0])],
  [1, ({ fields }, _tcb, choices) => void (fields.fragment = choices.of([0x2000, 0x0010]))],
  [1, ({ fields }, _tcb, choices) => void (fields.tag = choices.of([-1, 0, 0x6000, 5]))],
  [1, ({ fields }) => void (fields.toMac = BROADCAST_MAC)],
  [1, ({ fields }) => void (fields.toMac = fields.fromMac)],
  [1, ({ fields }, _tcb, choices) => void (fields.ttl = choices.of([1, 63, 255]))],
];

/** Makes the expected segment ordinary, or disturbs it. */
export function shape(arrival: Arrival, tcb: ControlBlock, choices: Choices, calm: number): void {
  choices.weighted(ORDINARY)(arrival, tcb, choices);
  if (!choices.oneIn(calm)) return;
  choices.weighted(DISTURBANCES)(arrival, tcb, choices);
  if (choices.oneIn(8)) choices.weighted(DISTURBANCES)(arrival, tcb, choices);
}

/** An ACK at the end of a record of the flight, or somewhere inside one. */
function acknowledgePart({ fields }: Arrival, { snd, flight }: ControlBlock, choices: Choices): void {
  const out = distance(snd.una, snd.nxt);
  const records = [];
  for (let record = flight.first; record !== null; record = record.next) records.push(record);
  const point = records.length > 0 && choices.oneIn(2) ? choices.of(records).to : add(snd.una, choices.between(0, out));
  fields.acknowledgment = toWord(point);
}

function resetSometimes({ fields }: Arrival, { rcv }: ControlBlock, choices: Choices): void {
  if (choices.oneIn(2)) fields.sequence = toWord(add(rcv.nxt, choices.between(1, 50)));
  else if (!choices.oneIn(4)) return;
  fields.flags |= RST;
}

function markUrgent({ fields }: Arrival, choices: Choices): void {
  fields.flags |= URG;
  fields.urgent = choices.below(50);
}

function oldTimestamp({ fields }: Arrival, { rcv }: ControlBlock, choices: Choices): void {
  const value = rcv.tsRecent + choices.of([-1, -1, -5000, 1, 5000]);
  fields.options = tcpOptions({ ts: [value, choices.of([0, 1, -1])] });
}

/** Blocks at the edges of what is in flight, sometimes of nonsense or of a duplicate. */
function sack({ fields }: Arrival, { snd, flight, usesTimestamps }: ControlBlock, choices: Choices): void {
  const edges: number[] = [];
  for (let record = flight.first; record !== null; record = record.next) edges.push(toWord(record.to));
  if (edges.length === 0 || choices.oneIn(10)) edges.push(toWord(add(snd.una, choices.between(-3000, 3000))));
  const blocks = Array.from({ length: choices.between(1, 3) }, () => {
    const left = choices.of(edges);
    return [left, choices.oneIn(3) ? left + choices.between(1, 3000) : choices.of(edges)] as const;
  });
  const [value, echo] = [toInt(fields.options, 4), toInt(fields.options, 8)];
  fields.options = [
    ...tcpOptions({ ...(usesTimestamps && fields.options.length === 12 && { ts: [value, echo] as const }) }),
    ...tcpOptions({ sack: blocks }),
  ];
  fields.acknowledgment = toWord(isBefore(snd.una, snd.nxt) ? snd.una : snd.nxt);
}

function toInt(bytes: readonly number[], at: number): number {
  return bytes.slice(at, at + 4).reduce((word, byte) => (word << 8) | byte, 0);
}

/** A SYN-ACK for a connection that the stack is opening. */
export function synAck(arrival: Arrival, tcb: ControlBlock, choices: Choices): void {
  const { fields } = arrival;
  fields.flags = SYN | ACK;
  fields.sequence = choices.below(2 ** 32) | 0;
  fields.options = synOptions(choices, tcb.remotePort, tcb.host.clock.milliseconds);
  if (choices.oneIn(6)) fields.flags |= ECE;
}

/** The options of a SYN, some of them left out at times. */
export function synOptions(choices: Choices, port: number, milliseconds: number): number[] {
  const bytes = tcpOptions({
    ...(!choices.oneIn(10) && { mss: choices.of([1460, 1460, 8960, 536, 200]) }),
    ...(!choices.oneIn(6) && { sackOk: true }),
    ...(!choices.oneIn(4) && { ts: [milliseconds + offsetOf(port), 0] as const }),
    ...(!choices.oneIn(6) && { wscale: choices.of([0, 2, 7, 7, 14]) }),
  });
  while (bytes.length % 4 !== 0) bytes.push(1);
  return bytes;
}

/** A client's SYN. */
export function synArrival(hosts: Hosts, choices: Choices, milliseconds: number): Arrival {
  const { address, mac } = hosts.choose(choices);
  const sourcePort = choices.between(1024, 60_000);
  const fields: FrameFields = {
    toMac: STACK_MAC,
    fromMac: mac,
    source: address,
    destination: hosts.stackAddress(address.isV4),
    sourcePort,
    destinationPort: choices.of([80, 80, 80, 81, 82]),
    sequence: choices.below(2 ** 32) | 0,
    acknowledgment: 0,
    flags: SYN | (choices.oneIn(8) ? choices.of([ECE | CWR, ECE | CWR | AE]) : 0),
    window: choices.of([65_535, 1000]),
    urgent: 0,
    options: synOptions(choices, sourcePort, milliseconds),
    data: NO_BYTES,
    trafficClass: 0,
    ttl: 64,
    ipOptions: [],
    fragment: 0,
    padding: 0,
    tag: hosts.tag,
    spoilTcp: 0,
    spoilIp: 0,
    lengthError: 0,
  };
  return { fields, checksumGood: false, segmentBytes: 0 };
}
