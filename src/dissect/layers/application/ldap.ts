/** LDAP: the messages of a TCP segment, and those that came in several segments (RFC 4511 section 5). */
import { BerError, elementLength, TAG } from '../../../ldap/ber/reader.js';
import { OID } from '../../../ldap/protocol/codes.js';
import { add } from '../../../net/tcp/sequence.js';
import { type Frame, MAX_LAYERS } from '../../frame.js';
import type { LayerBuilder } from '../../layer-builder.js';
import { Elements } from './ldap-elements.js';
import { OPERATIONS, oidMeaning, SCALARS } from './ldap-operations.js';

/** And the Global Catalog of Active Directory. */
export const LDAP_PORTS: readonly number[] = [389, 3268];
const MESSAGE = 'RFC 4511 section 4.1.1';
const CONTROLS = 'RFC 4511 section 4.1.11';
const CONTROLS_TAG = 0xa0;
/** No message is longer: what claims to be is something else. */
const MOST_MESSAGE_BYTES = 16 * 1024 * 1024;
const SHOWN_MESSAGES = 4;
const SHOWN_CHARACTERS = 120;

/** Adds a layer for each message; false if the data neither begins nor continues one. */
export function dissectLdap(frame: Frame, from: number, to: number): boolean {
  if (frame.isFull) return false;
  const held = takeHeld(frame, from);
  const bytes = held === undefined ? frame.bytes.subarray(from, to) : joined(held, frame.bytes.subarray(from, to));
  const before = held?.length ?? 0;
  if (messageLength(bytes, 0) < 0) return false;
  const texts: string[] = [];
  let [at, unread] = [0, 0];
  for (let length = 1; at < bytes.length && length > 0; ) {
    length = messageLength(bytes, at);
    if (length <= 0 || at + length > bytes.length) break;
    if (frame.layers.length < MAX_LAYERS - 1) {
      texts.push(message(frame, layerOf(frame, bytes, at, length, from - before)));
    } else unread++;
    at += length;
  }
  const shown = texts.slice(0, SHOWN_MESSAGES).map((text) => text.slice(0, SHOWN_CHARACTERS));
  const isOpen = at < bytes.length;
  if (texts.length > SHOWN_MESSAGES) shown.push('…');
  if (unread > 0) shown.push(`${unread} more that have no layer`);
  if (isOpen) shown.push('part of a message');
  frame.say(`: LDAP: ${shown.join(', ')}`);
  if (!isOpen) return true;
  hold(frame, bytes.subarray(at), from - before + at);
  frame.data(Math.max(from, from - before + at), to, 'LDAP message, continued in a later frame');
  return true;
}

/** The bytes of the message at `at`; 0: too little is there to tell; -1: it is none. */
function messageLength(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== TAG.sequence) return -1;
  const length = elementLength(bytes, at, bytes.length);
  return length > MOST_MESSAGE_BYTES ? -1 : length;
}

/** A layer of this frame's bytes, or of bytes that came in several. `start`: where `bytes` begin in the frame. */
function layerOf(frame: Frame, bytes: Uint8Array, at: number, length: number, start: number): LayerBuilder {
  const [from, to] = [start + at, start + at + length];
  if (bytes.buffer === frame.bytes.buffer && bytes.byteOffset === frame.bytes.byteOffset + start) {
    return frame.layer('ldap', 'LDAP', MESSAGE, from, to);
  }
  const message = bytes.subarray(at, at + length);
  const label = 'LDAP message, from several segments';
  return frame.joinedLayer('ldap', label, MESSAGE, message, Math.max(from, frame.from), to);
}

/** Adds the fields of one message; returns what the line says of it. */
function message(frame: Frame, layer: LayerBuilder): string {
  try {
    return fields(layer);
  } catch (error) {
    if (!(error instanceof BerError)) throw error;
    layer.problem(frame.isCut ? 'the capture cut it short' : error.message);
    return '[malformed]';
  }
}

function fields(layer: LayerBuilder): string {
  const elements = new Elements(layer).enter(TAG.sequence);
  const id = elements.number('ldap.messageID', 'Message', 'the same in request and response');
  const { tag } = elements;
  const [operation, scalar] = [OPERATIONS.get(tag), SCALARS.get(tag)];
  const { name, section, read } = operation ?? scalar ?? UNKNOWN;
  elements.choice('ldap.protocolOp', 'Operation', name);
  layer.cite = section;
  const said = read(scalar !== undefined ? elements : elements.enter(tag));
  if (elements.tag === CONTROLS_TAG) controls(elements.enter(CONTROLS_TAG));
  return `${name} ${id}${said === '' ? '' : ` ${said}`}`;
}

const UNKNOWN = { name: 'unknown operation', section: MESSAGE, read: () => '' };

function controls(list: Elements): void {
  while (!list.isAtEnd) {
    list.layer.cite = CONTROLS;
    const control = list.enter(TAG.sequence);
    const oid = control.text('ldap.controlType', 'Control', oidMeaning);
    if (control.tag === TAG.boolean) control.flag('ldap.criticality', 'Critical', 'who does not know it must refuse');
    if (control.tag !== TAG.octets) continue;
    if (oid === OID.paging) paging(control.enter(TAG.octets).enter(TAG.sequence));
    else control.octets('ldap.controlValue', 'Value', 'of the control');
  }
}

/** RFC 2696. */
function paging(elements: Elements): void {
  elements.layer.cite = 'RFC 2696 section 2';
  elements.number('ldap.size', 'Size', 'entries of a page; in an answer: of all, 0 if unknown');
  elements.octets('ldap.cookie', 'Cookie', 'where the next page begins; empty: at the start, or there is none');
}

/** What earlier segments hold of a message that this segment continues. */
function takeHeld(frame: Frame, from: number): Uint8Array | undefined {
  const { place, payload, tracker } = frame;
  if (place === undefined || payload === undefined || payload.from !== from) return undefined;
  return tracker.messages.take(place.side, payload.sequence);
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** Keeps the start of a message. `at`: where it begins, in the frame. */
function hold(frame: Frame, bytes: Uint8Array, at: number): void {
  const { place, payload, tracker } = frame;
  // What the capture cut off is missing in the middle: then the next segment does not continue it.
  if (place === undefined || payload === undefined || payload.to - payload.from !== payload.length) return;
  tracker.messages.hold(place.side, add(payload.sequence, at - payload.from), bytes);
}
