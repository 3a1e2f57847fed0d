/**
 * Reads one TCP connection from a capture file: its segments in both directions, from the SYN on.
 */
import { readCapture } from '../../capture/file/input.js';
import { LINK_ETHERNET, LINK_RAW } from '../../capture/format/pcapng-format.js';
import type { CaptureRecord } from '../../capture/format/record.js';
import type { TcpOption } from '../language/ast.js';
import { isSegment, type LivePacket, type LiveSegment, parseFrame } from '../wire/live-packet.js';

/** No script can be made from the capture. */
export class CaptureError extends Error {
  override readonly name = 'CaptureError';
}

export interface RecordedSegment {
  /** Microseconds since the SYN. */
  readonly time: number;
  readonly fromClient: boolean;
  readonly packet: LiveSegment;
}

export interface RecordedConnection {
  readonly isV4: boolean;
  /** For people: `192.0.2.1:40000`. */
  readonly client: string;
  readonly server: string;
  readonly clientInitial: number;
  readonly serverInitial: number;
  /** TSval of the recorded SYN-ACK; 0 if there was none. */
  readonly firstServerStamp: number;
  /** The kinds of options in the recorded SYN-ACK: those were in use. */
  readonly agreed: ReadonlySet<TcpOption['kind']>;
  readonly segments: readonly RecordedSegment[];
}

/** How many segments of a connection a script may have. People are to read it. */
const MAX_SEGMENTS = 5000;
const ETHERNET_HEADER = 14;
const SYN = 2;
const ACK = 16;

/** Reads the n-th connection (by its SYN, from 1). @throws {CaptureError} */
export async function readConnection(path: string, number: number): Promise<RecordedConnection> {
  const segments: RecordedSegment[] = [];
  let seen = 0;
  let syn: LiveSegment | undefined;
  let start = 0;
  const reader = await readCapture(path, (record) => {
    const packet = packetOf(record);
    if (packet === undefined || !isSegment(packet)) return;
    if (syn === undefined && (packet.tcp.flags & (SYN | ACK)) === SYN && ++seen === number) {
      syn = packet;
      start = record.microseconds;
    }
    if (syn === undefined) return;
    const fromClient = isSameWay(packet, syn);
    if (!fromClient && !isOtherWay(packet, syn)) return;
    segments.push({ time: Math.max(0, record.microseconds - start), fromClient, packet });
    return segments.length < MAX_SEGMENTS;
  });
  if (syn === undefined) {
    const damage = reader.problems[0] === undefined ? '' : ` (${reader.problems[0].message})`;
    throw new CaptureError(
      `${path} has ${seen} TCP connections with their SYN; number ${number} is not among them${damage}`,
    );
  }
  return describe(syn, segments, path);
}

function describe(syn: LiveSegment, segments: readonly RecordedSegment[], path: string): RecordedConnection {
  const answer = segments.find(
    ({ fromClient, packet }) => !fromClient && (packet.tcp.flags & (SYN | ACK)) === (SYN | ACK),
  );
  if (answer === undefined) {
    throw new CaptureError(`${path}: no SYN-ACK answers the SYN, so there is no connection to play`);
  }
  const stamp = answer.packet.tcp.options.find((option) => option.kind === 'TS');
  const { ip, tcp } = syn;
  return {
    isV4: ip.version === 4,
    client: `${ip.source}:${tcp.sourcePort}`,
    server: `${ip.destination}:${tcp.destinationPort}`,
    clientInitial: tcp.sequence,
    serverInitial: answer.packet.tcp.sequence,
    firstServerStamp: stamp?.kind === 'TS' ? stamp.value : 0,
    agreed: new Set(answer.packet.tcp.options.map(({ kind }) => kind)),
    segments,
  };
}

/** The packet in a record, with its bytes copied; `undefined` if it is no whole IP packet. */
function packetOf(record: CaptureRecord): LivePacket | undefined {
  const length = record.to - record.from;
  if (record.linkType === LINK_ETHERNET) {
    return length < ETHERNET_HEADER + 20 ? undefined : parseFrame(record.bytes.slice(record.from, record.to), 0);
  }
  if (record.linkType !== LINK_RAW || length < 20) return undefined;
  const frame = new Uint8Array(ETHERNET_HEADER + length);
  frame.set(record.bytes.subarray(record.from, record.to), ETHERNET_HEADER);
  frame[12] = frame[ETHERNET_HEADER]! >> 4 === 4 ? 0x08 : 0x86;
  frame[13] = frame[12] === 0x08 ? 0x00 : 0xdd;
  return parseFrame(frame, 0);
}

function isSameWay(packet: LiveSegment, syn: LiveSegment): boolean {
  return (
    packet.tcp.sourcePort === syn.tcp.sourcePort &&
    packet.tcp.destinationPort === syn.tcp.destinationPort &&
    packet.ip.source.equals(syn.ip.source) &&
    packet.ip.destination.equals(syn.ip.destination)
  );
}

function isOtherWay(packet: LiveSegment, syn: LiveSegment): boolean {
  return (
    packet.tcp.sourcePort === syn.tcp.destinationPort &&
    packet.tcp.destinationPort === syn.tcp.sourcePort &&
    packet.ip.source.equals(syn.ip.destination) &&
    packet.ip.destination.equals(syn.ip.source)
  );
}
