/** A dissected frame for people: one line, or a tree of every field. And for programs: an object for JSON. */
import type { CaptureRecord, RecordedInterface } from '../capture/format/record.js';
import type { Dissection, Field, FieldValue } from './field.js';

/** What stands around a frame in its capture. */
export interface FrameInfo {
  readonly number: number;
  readonly microseconds: number;
  readonly nanoseconds: number;
  /** Of the capture's first frame. */
  readonly startMicroseconds: number;
  readonly length: number;
  readonly captured: number;
  readonly interfaceName: string | undefined;
  readonly direction: 'in' | 'out' | undefined;
  readonly comment: string | undefined;
}

/** Gathers what is to be shown besides the frame's content. */
export function frameInfo(
  record: CaptureRecord,
  owner: RecordedInterface | undefined,
  startMicroseconds: number,
  comment: string | undefined,
): FrameInfo {
  return {
    number: record.number,
    microseconds: record.microseconds,
    nanoseconds: record.nanoseconds,
    startMicroseconds,
    length: record.originalLength,
    captured: record.to - record.from,
    interfaceName: owner?.name,
    direction: ([undefined, 'in', 'out'] as const)[record.direction],
    comment,
  };
}

/** `     3   0.000181 #1 IP 10.77.0.1.40000 > 10.77.0.2.80: Flags [.], ack 1, win 502, length 0` */
export function formatLine(info: FrameInfo, dissection: Dissection): string {
  const connection = dissection.connection === undefined ? '' : `#${dissection.connection} `;
  const notes = [...dissection.notes, ...problemsOf(dissection), ...(info.comment === undefined ? [] : [info.comment])];
  const tail = notes.length === 0 ? '' : `  (${notes.join('; ')})`;
  const time = relativeTime(info).padStart(11);
  return printable(`${String(info.number).padStart(6)} ${time} ${connection}${dissection.summary}${tail}`);
}

/** Every layer and field, with the bytes it comes from, what it means and where to read about it. */
export function formatTree(info: FrameInfo, dissection: Dissection): string {
  const lines = [treeHead(info, dissection)];
  for (const layer of dissection.layers) {
    lines.push(`  ${layer.label}${layer.section === '' ? '' : ` (${layer.section})`}`);
    const width = Math.max(0, ...layer.fields.map((field) => field.label.length));
    for (const field of layer.fields) lines.push(treeLine(field, width));
    for (const problem of layer.problems) lines.push(`    ! ${problem}`);
  }
  return `${lines.map(printable).join('\n')}\n`;
}

function treeHead(info: FrameInfo, dissection: Dissection): string {
  const parts = [`frame ${info.number}`, timestamp(info), lengthText(info)];
  if (info.interfaceName !== undefined) parts.push(`interface ${info.interfaceName}`);
  if (info.direction !== undefined) parts.push(info.direction === 'in' ? 'received' : 'sent');
  if (dissection.connection !== undefined) parts.push(`connection ${dissection.connection}`);
  parts.push(...dissection.notes);
  if (info.comment !== undefined) parts.push(`"${info.comment}"`);
  return `${parts.join(', ')}\n  ${dissection.summary}`;
}

function treeLine(field: Field, width: number): string {
  const at = `0x${field.from.toString(16).padStart(4, '0')}`;
  const meaning = field.meaning === '' ? '' : `  ${field.meaning}`;
  const section = field.section === '' ? '' : `  [${field.section}]`;
  return `    ${at}  ${field.label.padEnd(width)}  ${field.display ?? shown(field.value)}${meaning}${section}`;
}

/** The frame as an object for JSON: one line a frame. Names of fields that occur more than once hold a list. */
export function toJson(info: FrameInfo, dissection: Dissection): object {
  return {
    number: info.number,
    time: timestamp(info),
    length: info.length,
    captured: info.captured,
    interface: info.interfaceName,
    direction: info.direction,
    comment: info.comment,
    connection: dissection.connection,
    summary: dissection.summary,
    notes: dissection.notes.length === 0 ? undefined : dissection.notes,
    layers: dissection.layers.map((layer) => ({
      protocol: layer.protocol,
      fields: fieldObject(layer.fields),
      problems: layer.problems.length === 0 ? undefined : layer.problems,
    })),
  };
}

function fieldObject(fields: readonly Field[]): Record<string, FieldValue | FieldValue[]> {
  const values = new Map<string, FieldValue[]>();
  for (const field of fields) {
    const list = values.get(field.name);
    if (list === undefined) values.set(field.name, [field.value]);
    else list.push(field.value);
  }
  return Object.fromEntries([...values].map(([name, list]) => [name, list.length === 1 ? list[0]! : list]));
}

function problemsOf(dissection: Dissection): string[] {
  return dissection.layers.flatMap((layer) => layer.problems);
}

function shown(value: FieldValue): string {
  return typeof value === 'boolean' ? (value ? '1' : '0') : String(value);
}

function lengthText(info: FrameInfo): string {
  return info.captured === info.length ? `${info.length} bytes` : `${info.length} bytes (${info.captured} captured)`;
}

/** Seconds since the first frame; negative if the capture goes back in time. */
function relativeTime(info: FrameInfo): string {
  const elapsed = info.microseconds - info.startMicroseconds;
  const absolute = Math.abs(elapsed);
  const fraction = String(absolute % 1_000_000).padStart(6, '0');
  return `${elapsed < 0 ? '-' : ''}${Math.floor(absolute / 1_000_000)}.${fraction}`;
}

/** The latest time that a Date can hold, in microseconds. */
const MAX_DATE = 8.64e18;

/** `2026-01-31T12:00:00.123456789Z`; damaged time stamps beyond the calendar as microseconds. */
export function timestamp(info: { microseconds: number; nanoseconds: number }): string {
  if (Math.abs(info.microseconds) > MAX_DATE) return `${info.microseconds} us`;
  const seconds = Math.floor(info.microseconds / 1_000_000);
  const fraction = String(info.microseconds - seconds * 1_000_000).padStart(6, '0');
  const nanoseconds = info.nanoseconds === 0 ? '' : String(info.nanoseconds).padStart(3, '0');
  return `${new Date(seconds * 1000).toISOString().slice(0, -5)}.${fraction}${nanoseconds}Z`;
}

/** What a packet says must not steer the terminal: control characters are shown as `\x1b`. */
function printable(text: string): string {
  return text.replace(CONTROL, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for; line feeds are ours
const CONTROL = /[\x00-\x09\x0b-\x1f\x7f-\x9f]/g;
