/** Filters of a search (RFC 4511 section 4.5.1.7), as fields and as text (RFC 4515). */
import { BerError, TAG } from '../../../ldap/ber/reader.js';
import type { FieldName } from '../../catalogue.js';
import type { Elements } from './ldap-elements.js';

const CHOICES = 'RFC 4511 section 4.5.1.7';
/** As deep as our server reads them. */
const MAX_DEPTH = 32;

const AND = 0xa0;
const OR = 0xa1;
const NOT = 0xa2;
const SUBSTRINGS = 0xa4;
const PRESENT = 0x87;
const EXTENSIBLE = 0xa9;
/** Assertions of a value, with the sign between attribute and value. */
const ASSERTIONS: ReadonlyMap<number, string> = new Map([
  [0xa3, '='],
  [0xa5, '>='],
  [0xa6, '<='],
  [0xa8, '~='],
]);

/** Adds the fields of the next filter; returns its text. @throws {BerError} */
export function filterFields(elements: Elements, depth = 0): string {
  if (depth === 0) elements.choice('ldap.filter', 'Form', 'of the whole filter');
  if (depth > MAX_DEPTH) throw new BerError('a filter is too deep');
  const { tag, layer } = elements;
  layer.cite = CHOICES;
  if (tag === AND || tag === OR) {
    const inner = elements.enter(tag);
    let text = tag === AND ? '(&' : '(|';
    while (!inner.isAtEnd) text += filterFields(inner, depth + 1);
    return `${text})`;
  }
  if (tag === NOT) return `(!${filterFields(elements.enter(tag), depth + 1)})`;
  if (tag === PRESENT) return `(${elements.text('ldap.present', 'Attribute', 'is there', tag)}=*)`;
  if (tag === SUBSTRINGS) return substrings(elements.enter(tag));
  if (tag === EXTENSIBLE) return extensible(elements.enter(tag));
  const sign = ASSERTIONS.get(tag);
  if (sign === undefined) throw new BerError(`no filter has the tag ${tag}`);
  const inner = elements.enter(tag);
  const attribute = inner.text('ldap.attributeDesc', 'Attribute', 'that is compared');
  return `(${attribute}${sign}${assertionValue(inner)})`;
}

/** Adds the next element as the value of an assertion; returns it as a filter has it. */
export function assertionValue(elements: Elements): string {
  return piece(elements, 'ldap.assertionValue', TAG.octets, 'Value', 'that it is compared with');
}

function piece(elements: Elements, name: FieldName, tag: number, label: string, meaning: string): string {
  const contents = elements.contents(tag);
  elements.add(name, contents, label, new TextDecoder().decode(contents.bytes), meaning);
  return escaped(contents.bytes);
}

function substrings(inner: Elements): string {
  const attribute = inner.text('ldap.type', 'Attribute', 'whose values have these parts');
  const parts = inner.enter(TAG.sequence);
  const all: string[] = [];
  let [first, last] = ['', ''];
  while (!parts.isAtEnd) {
    const { tag } = parts;
    if (tag === 0x80) first = piece(parts, 'ldap.initial', tag, 'Begins with', 'the start of the value');
    else if (tag === 0x82) last = piece(parts, 'ldap.final', tag, 'Ends with', 'the end of the value');
    else all.push(piece(parts, 'ldap.any', 0x81, 'Contains', 'somewhere between, in this order'));
  }
  return `(${attribute}=${[first, ...all, last].join('*')})`;
}

/** `(cn:dn:2.5.13.5:=value)` */
function extensible(inner: Elements): string {
  inner.layer.cite = 'RFC 4511 section 4.5.1.7.7';
  const optional = (tag: number, read: () => string) => (inner.tag === tag ? read() : '');
  const rule = optional(0x81, () => inner.text('ldap.matchingRule', 'Rule', 'that compares', 0x81));
  const type = optional(0x82, () => inner.text('ldap.type', 'Attribute', 'that is compared', 0x82));
  const value = piece(inner, 'ldap.matchValue', 0x83, 'Value', 'that it is compared with');
  const isDn = inner.tag === 0x84 && inner.flag('ldap.dnAttributes', 'Names too', 'attributes of the DN count', 0x84);
  return `(${type}${isDn ? ':dn' : ''}${rule === '' ? '' : `:${rule}`}:=${value})`;
}

/** RFC 4515 section 3: what would end or change the filter, and what is no text, becomes `\\xx`. */
function escaped(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes);
  if (text.includes('\ufffd')) return Array.from(bytes, hex).join('');
  return text.replace(/[\p{Cc}()*\\]/gu, (character) => hex(character.charCodeAt(0)));
}

function hex(byte: number): string {
  return `\\${byte.toString(16).padStart(2, '0')}`;
}
