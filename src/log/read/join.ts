/**
 * A transaction and the frames of a capture, joined: which segments brought the request, which ones are its answer, and
 * when the client acknowledged them. The record has the sequence numbers of the wire, so nothing is guessed: the answer
 * is `[from, to)` of the server's bytes, and the client's bytes had come up to `received` when it was made.
 */
import { dissectFile } from '../../dissect/run.js';
import { toWord } from '../../net/tcp/sequence.js';
import type { LogEntry } from './entry.js';

/** More frames of one connection than this are not kept: the last ones of a long download say little. */
const MOST_FRAMES = 100_000;

/** What a frame did for the transaction. */
export type Role = 'handshake' | 'request' | 'answer' | 'acknowledgment' | 'end';

/** A frame of the transaction. */
export interface JoinedFrame {
  /** In the capture, from 1. */
  readonly number: number;
  /** Seconds since the record's request began; negative before it. */
  readonly time: number;
  readonly from: 'client' | 'server';
  readonly role: Role;
  /** In words: bytes, and what TCP's analysis says of it. */
  readonly text: string;
}

/** A TCP segment of the client's, in either direction. Numbers are those of the wire, as signed words. */
interface Segment {
  readonly number: number;
  readonly connection: number;
  readonly microseconds: number;
  readonly isFromClient: boolean;
  readonly isSyn: boolean;
  readonly isFin: boolean;
  readonly isReset: boolean;
  readonly sequence: number;
  readonly length: number;
  readonly acknowledgment: number | undefined;
  readonly notes: readonly string[];
}

/** The numbers of a record. */
interface Numbers {
  readonly from: number;
  readonly to: number;
  readonly received: number;
  /** When the request began, microseconds since 1970. */
  readonly began: number;
}

/**
 * The frames of `entry` in the capture at `path`, in their order; none if they are not there.
 * @throws {RangeError} if the log does not have what it takes: only JSON has; the error of open(2) for the capture
 */
export async function joinFrames(entry: LogEntry, path: string): Promise<JoinedFrame[]> {
  const numbers = numbersOf(entry);
  const segments = await segmentsOf(entry, path);
  const connection = connectionOf(segments, numbers);
  if (connection === undefined) return [];
  const own = segments.filter((segment) => segment.connection === connection);
  const range = requestRange(own, numbers);
  const third = thirdOf(own);
  let isComplete = false;
  return own.flatMap((segment) => {
    const told: Told | undefined = segment === third ? ['handshake', 'ACK'] : tell(segment, numbers, range, isComplete);
    if (told === undefined) return [];
    const [role, what] = told;
    isComplete ||= role === 'acknowledgment' && reaches(segment, numbers.to);
    const text = [what, ...segment.notes].join(', ');
    const time = (segment.microseconds - numbers.began) / 1_000_000;
    return [{ number: segment.number, time, from: segment.isFromClient ? 'client' : 'server', role, text } as const];
  });
}

function numbersOf({ client, port, sequence, received, time }: LogEntry): Numbers {
  const [from, to] = Array.isArray(sequence) ? (sequence as readonly number[]) : [];
  const isWhole = client !== undefined && port !== undefined && from !== undefined && to !== undefined;
  if (!isWhole || typeof received !== 'number') {
    throw new RangeError('this log has no ports and sequence numbers: only one in JSON can be joined with a capture');
  }
  return { from: from | 0, to: to | 0, received: received | 0, began: microsecondsOf(String(time)) };
}

/** `2026-11-30T01:48:10.123456Z`, of which Date keeps three digits. */
function microsecondsOf(time: string): number {
  const fraction = /\.(\d+)Z$/.exec(time)?.[1] ?? '';
  const seconds = Math.floor(Date.parse(time) / 1_000);
  return 1_000_000 * seconds + Number(fraction.padEnd(6, '0').slice(0, 6));
}

async function segmentsOf({ client, port }: LogEntry, path: string): Promise<Segment[]> {
  const segments: Segment[] = [];
  const address = String(client);
  await dissectFile(path, {
    absolute: true,
    selection: { addresses: [address], ports: [Number(port)], protocols: ['tcp'] },
    count: MOST_FRAMES,
    report: {
      frame: (view, { connection, payload, notes, place }) => {
        if (connection === undefined || payload === undefined || place === undefined) return;
        const isFromClient =
          view.values('tcp.srcport')[0] === Number(port) &&
          (view.values('ip.src').includes(address) || view.values('ipv6.src').includes(address));
        segments.push({
          number: view.info.number,
          connection,
          microseconds: view.info.time.microseconds,
          isFromClient,
          isSyn: payload.isSyn,
          isFin: payload.isFin,
          isReset: view.values('tcp.flags.reset').includes(true),
          sequence: toWord(payload.sequence),
          length: payload.length,
          acknowledgment: payload.acknowledgment === undefined ? undefined : toWord(payload.acknowledgment),
          notes,
        });
      },
    },
  });
  return segments;
}

/** The same ports may be used again: the one whose answer, or request, has these numbers at the nearest time. */
function connectionOf(segments: readonly Segment[], { from, to, received, began }: Numbers): number | undefined {
  let nearest: Segment | undefined;
  for (const segment of segments) {
    const end = (segment.sequence + segment.length) | 0;
    const isAnswer = !segment.isFromClient && from !== to && overlaps(segment, from, to);
    const isRequest = segment.isFromClient && segment.length > 0 && end === received;
    if (!isAnswer && !isRequest) continue;
    const distance = Math.abs(segment.microseconds - began);
    if (nearest === undefined || distance < Math.abs(nearest.microseconds - began)) nearest = segment;
  }
  return nearest?.connection;
}

/**
 * The client's bytes that came for this request: behind what had come when the answer before it was first sent. A
 * request that came in one segment with the one before has that segment.
 */
function requestRange(segments: readonly Segment[], { from, received }: Numbers): readonly [number, number] {
  const before = segments.find((each) => !each.isFromClient && each.length > 0 && isUpTo(each, from));
  const bringing = segments.find((each) => each.isFromClient && each.length > 0 && endOf(each) === received);
  const first = segments.find((each) => each.isFromClient && each.length > 0);
  const after = before === undefined ? first?.sequence : before.acknowledgment;
  if (after !== undefined && ((received - after) | 0) > 0) return [after, received];
  return [bringing?.sequence ?? received, received];
}

/** The client's ACK that ends the handshake, if it is a segment of its own. */
function thirdOf(segments: readonly Segment[]): Segment | undefined {
  const second = segments.find(({ isFromClient, isSyn }) => !isFromClient && isSyn);
  if (second === undefined) return undefined;
  const next = (second.sequence + 1) | 0;
  return segments.find(
    ({ isFromClient, isSyn, length, acknowledgment }) =>
      isFromClient && !isSyn && length === 0 && acknowledgment === next,
  );
}

type Told = [Role, string];

/** What the segment did; undefined: it is of another transaction. Behind the ACK of the last byte nothing is news. */
function tell(
  segment: Segment,
  numbers: Numbers,
  request: readonly [number, number],
  isComplete: boolean,
): Told | undefined {
  const { from, to } = numbers;
  const { isFromClient, isSyn, isFin, isReset, sequence, length, acknowledgment } = segment;
  if (isReset) return ['end', 'RST: the connection is broken off'];
  if (isSyn) return ['handshake', isFromClient ? 'SYN' : 'SYN and ACK'];
  const fin = isFin ? ', with FIN' : '';
  if (isFromClient && length > 0 && overlaps(segment, ...request)) {
    return ['request', `${length} bytes of the request, to ${endOf(segment) >>> 0}${fin}`];
  }
  if (!isFromClient && length > 0 && from !== to && overlaps(segment, from, to)) {
    const first = Math.max(0, (sequence - from) | 0);
    const last = Math.min((endOf(segment) - from) | 0, (to - from) | 0);
    return ['answer', `bytes ${first} to ${last} of ${(to - from) | 0} of the answer${fin}`];
  }
  if (isFin) return ['end', `FIN of the ${isFromClient ? 'client' : 'server'}`];
  if (isFromClient && acknowledgment !== undefined && ((acknowledgment - from) | 0) > 0) {
    if (isComplete) return undefined;
    const have = (acknowledgment - from) | 0;
    const what = reaches(segment, to) ? 'the whole answer has come' : `${have} bytes have come`;
    return ['acknowledgment', `ACK: ${what}`];
  }
  return undefined;
}

/** It acknowledges all before `to`. */
function reaches({ acknowledgment }: Segment, to: number): boolean {
  return acknowledgment !== undefined && ((acknowledgment - to) | 0) >= 0;
}

function overlaps(segment: Segment, from: number, to: number): boolean {
  const { sequence } = segment;
  return segment.length > 0 && ((sequence - to) | 0) < 0 && ((endOf(segment) - from) | 0) > 0;
}

/** The last byte of the answer before is in it: it ends where this answer begins, or holds that place. */
function isUpTo(segment: Segment, from: number): boolean {
  return ((segment.sequence - from) | 0) < 0 && ((endOf(segment) - from) | 0) >= 0;
}

function endOf({ sequence, length }: Segment): number {
  return (sequence + length) | 0;
}

/** Frames between these many at the beginning and at the end of a long answer are counted, not shown. */
const SHOWN_AT_EACH_END = 40;

/** Lines for people; the record's own words stand behind the last segment of the request. */
export function describeFrames(frames: readonly JoinedFrame[], decision: readonly string[]): string[] {
  if (frames.length === 0) return ['frames    none of this transaction are in the capture'];
  const lastRequest = frames.findLastIndex(({ role }) => role === 'request');
  const hidden = frames.length - 2 * SHOWN_AT_EACH_END;
  return frames.flatMap((frame, i) => {
    if (hidden > 0 && i === SHOWN_AT_EACH_END) return [`  … ${hidden} more frames`];
    if (hidden > 0 && i > SHOWN_AT_EACH_END && i < SHOWN_AT_EACH_END + hidden) return [];
    const sign = frame.time < 0 ? '-' : '+';
    const time = `${sign}${Math.abs(1_000 * frame.time).toFixed(3)} ms`.padStart(14);
    const line = `  frame ${String(frame.number).padEnd(6)} ${time}  ${frame.from === 'client' ? '→' : '←'} ${frame.text}`;
    return i === lastRequest ? [line, ...decision.map((text) => `${' '.repeat(30)}  ${text}`)] : [line];
  });
}
