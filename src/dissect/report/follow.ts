/** `--follow`: the two byte streams of a connection as text, as a hexadecimal dump, as raw bytes, or as JSON. */
import { Follower, type SideName, type Stretch } from '../follow/follow.js';
import type { Style } from '../print/style.js';
import type { Print, Report } from './report.js';

export const FOLLOW_FORMS = ['text', 'hex', 'raw', 'json'] as const;
export type FollowForm = (typeof FOLLOW_FORMS)[number];

export interface FollowOptions {
  /** The connection's number, from 1. */
  readonly connection: number;
  readonly form: FollowForm;
  /** Only what this side says; both sides unless given. */
  readonly side?: SideName;
  readonly style: Style;
  /** Called at the end if no segment of the connection was shown. */
  readonly onMissing?: () => void;
}

const ROW_BYTES = 16;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for; tabs and line feeds stay
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

/** @param print text without a line end; the stream has its own @param write bytes as they are */
export function followReport(options: FollowOptions, print: Print, write: (bytes: Uint8Array) => void): Report {
  const emit = emitter(options, print, write);
  const follower = new Follower(options.connection, (stretch) => {
    if (options.side === undefined || options.side === stretch.side) emit(stretch);
  });
  return {
    frame: (_, dissection, record) => follower.observe(record, dissection),
    end: () => {
      follower.end();
      if (follower.connection === undefined) options.onMissing?.();
    },
  };
}

function emitter(options: FollowOptions, print: Print, write: (bytes: Uint8Array) => void): (stretch: Stretch) => void {
  switch (options.form) {
    case 'raw':
      return ({ bytes }) => write(bytes);
    case 'json':
      return (stretch) => print(json(stretch));
    case 'hex':
      return titled(options.style, print, hexRows);
    case 'text': {
      const decoders = { client: new TextDecoder(), server: new TextDecoder() };
      return titled(options.style, print, ({ side, bytes }) => visible(decoders[side].decode(bytes, { stream: true })));
    }
  }
}

function json({ side, frame, offset, bytes, missing }: Stretch): string {
  if (missing > 0) return JSON.stringify({ side, frame, offset, missing });
  return JSON.stringify({ side, frame, offset, base64: Buffer.from(bytes).toString('base64') });
}

/** Puts a title where the other side begins to speak, and colours what each side says. */
function titled({ colors }: Style, print: Print, content: (stretch: Stretch) => string): (stretch: Stretch) => void {
  let speaker: SideName | undefined;
  return (stretch) => {
    const { side, frame, offset, missing } = stretch;
    if (side !== speaker) print(colors.dim(`--- ${side}, from byte ${offset}, frame ${frame} ---`));
    speaker = side;
    if (missing > 0) {
      print(colors.yellow(`[${missing} bytes are not in the capture]`));
      return;
    }
    const text = content(stretch);
    if (text !== '') print((side === 'client' ? colors.cyan : colors.green)(text));
  };
}

/** Text with its lines; other control characters become dots, so that they do not steer the terminal. */
function visible(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(CONTROL, '.').replace(/\n$/, '');
}

function hexRows({ bytes, offset }: Stretch): string {
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += ROW_BYTES) {
    const row = [...bytes.subarray(at, at + ROW_BYTES)];
    const digits = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    rows.push(`${(offset + at).toString(16).padStart(8, '0')}  ${digits.padEnd(3 * ROW_BYTES - 1)}  ${text}`);
  }
  return rows.join('\n');
}
