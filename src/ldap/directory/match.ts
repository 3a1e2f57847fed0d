/**
 * Matching rules (RFC 4517 section 4.2, RFC 4518). A rule brings a value into a form in which equal values are equal
 * strings. Order and substrings work on the same form.
 */
import { type NamePart, type ParsedDn, parseDn } from './dn.js';
import { canonicalOid, typeOf } from './schema.js';

const UTF8 = new TextDecoder('utf-8', { fatal: true });

function textOf(value: Uint8Array): string | undefined {
  try {
    return UTF8.decode(value);
  } catch {
    return undefined;
  }
}

/** String preparation (RFC 4518): one form of each character, control characters gone, one space for many. */
function prepare(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/\s+/g, ' ')
    .replace(/[\p{Cc}\p{Cf}]/gu, '');
}

const ignoreCase = (text: string) => prepare(text.toLowerCase());
const telephone = (text: string) => text.toLowerCase().replace(/[\s-]/g, '');
/** RFC 4517 section 3.3.29: what a telephone number may be made of. */
const PRINTABLE = /^[A-Za-z\d'()+,\-.=/:? ]+$/;

/** RFC 4517 section 3.3.16: without zeros in front. Expressions here read a text once, so a long one costs little. */
function integer(text: string): string | undefined {
  return /^(?:0|-?[1-9]\d*)$/.test(text) ? text : undefined;
}

/** `20240131235959.5+0100` as UTC with all its parts (RFC 4517 section 3.3.13). */
function time(text: string): string | undefined {
  const found = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)?(\d\d)?(?:[.,](\d+))?(?:Z|([+-])(\d\d)(\d\d)?)$/.exec(text);
  if (found === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '0', sign, zoneHour, zoneMinute = '0'] = found;
  const unit = second !== undefined ? 1 : minute !== undefined ? 60 : 3600;
  const date = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute ?? 0),
    Number(second ?? 0),
  );
  if (Number(month) < 1 || Number(month) > 12 || new Date(date).getUTCDate() !== Number(day)) return undefined;
  if (Number(hour) > 23 || Number(minute ?? 0) > 59 || Number(second ?? 0) > 60) return undefined;
  const offset =
    sign === undefined ? 0 : (Number(zoneHour) * 60 + Number(zoneMinute)) * (sign === '-' ? -60_000 : 60_000);
  const whole = new Date(date - offset + Math.floor(Number(`0.${fraction}`) * unit * 1000));
  return Number.isNaN(whole.getTime()) ? undefined : whole.toISOString();
}

/** A DN, and perhaps bits that tell two with that name apart, such as `#'0101'B`: both count. */
function uniqueMember(text: string): string | undefined {
  const [bits = ''] = /#'[01]*'B$/.exec(text) ?? [];
  const dn = normaliseDn(bits === '' ? text : text.slice(0, -bits.length));
  return dn === undefined ? undefined : `${dn}${bits}`;
}

type Rule = (value: Uint8Array) => string | undefined;

function ofText(rule: (text: string) => string | undefined): Rule {
  return (value) => {
    const text = textOf(value);
    return text === undefined ? undefined : rule(text);
  };
}

const octets: Rule = (value) => Buffer.from(value.buffer, value.byteOffset, value.length).toString('latin1');
const list = (text: string) =>
  text
    .split('$')
    .map((line) => ignoreCase(line).trim())
    .join('$');

/** A directory string is never empty (RFC 4517 section 3.3.6); an IA5 string may be. */
const EQUALITY: Readonly<Record<string, Rule>> = {
  caseIgnoreMatch: ofText((text) => (text === '' ? undefined : ignoreCase(text).trim())),
  caseIgnoreIA5Match: ofText((text) => (isAscii(text) ? ignoreCase(text).trim() : undefined)),
  caseIgnoreListMatch: ofText(list),
  caseExactMatch: ofText((text) => (text === '' ? undefined : prepare(text).trim())),
  caseExactIA5Match: ofText((text) => (isAscii(text) ? prepare(text).trim() : undefined)),
  numericStringMatch: ofText((text) => (/^[\d ]+$/.test(text) ? text.replace(/ /g, '') : undefined)),
  telephoneNumberMatch: ofText((text) => (PRINTABLE.test(text) ? telephone(text) : undefined)),
  integerMatch: ofText(integer),
  booleanMatch: ofText((text) => (/^(TRUE|FALSE)$/.test(text) ? text : undefined)),
  generalizedTimeMatch: ofText(time),
  octetStringMatch: octets,
  bitStringMatch: octets,
  distinguishedNameMatch: ofText(normaliseDn),
  uniqueMemberMatch: ofText(uniqueMember),
  objectIdentifierMatch: ofText((text) => canonicalOid(text.trim())),
  uuidMatch: ofText((text) => text.toLowerCase()),
};

function isAscii(text: string): boolean {
  return /^\p{ASCII}*$/u.test(text);
}

/** The names and object identifiers of the rules, for the schema and for extensible matches. */
export const RULES: readonly (readonly [oid: string, name: string, syntax: string])[] = [
  ['2.5.13.0', 'objectIdentifierMatch', '38'],
  ['2.5.13.1', 'distinguishedNameMatch', '12'],
  ['2.5.13.2', 'caseIgnoreMatch', '15'],
  ['2.5.13.3', 'caseIgnoreOrderingMatch', '15'],
  ['2.5.13.4', 'caseIgnoreSubstringsMatch', '58'],
  ['2.5.13.5', 'caseExactMatch', '15'],
  ['2.5.13.6', 'caseExactOrderingMatch', '15'],
  ['2.5.13.7', 'caseExactSubstringsMatch', '58'],
  ['2.5.13.8', 'numericStringMatch', '36'],
  ['2.5.13.9', 'numericStringOrderingMatch', '36'],
  ['2.5.13.10', 'numericStringSubstringsMatch', '58'],
  ['2.5.13.11', 'caseIgnoreListMatch', '41'],
  ['2.5.13.12', 'caseIgnoreListSubstringsMatch', '58'],
  ['2.5.13.13', 'booleanMatch', '7'],
  ['2.5.13.14', 'integerMatch', '27'],
  ['2.5.13.15', 'integerOrderingMatch', '27'],
  ['2.5.13.16', 'bitStringMatch', '6'],
  ['2.5.13.17', 'octetStringMatch', '40'],
  ['2.5.13.18', 'octetStringOrderingMatch', '40'],
  ['2.5.13.20', 'telephoneNumberMatch', '50'],
  ['2.5.13.21', 'telephoneNumberSubstringsMatch', '58'],
  ['2.5.13.23', 'uniqueMemberMatch', '34'],
  ['2.5.13.27', 'generalizedTimeMatch', '24'],
  ['2.5.13.28', 'generalizedTimeOrderingMatch', '24'],
  ['1.3.6.1.4.1.1466.109.114.1', 'caseExactIA5Match', '26'],
  ['1.3.6.1.4.1.1466.109.114.2', 'caseIgnoreIA5Match', '26'],
  ['1.3.6.1.4.1.1466.109.114.3', 'caseIgnoreIA5SubstringsMatch', '58'],
  ['1.3.6.1.1.16.2', 'uuidMatch', '40'],
];

/** The rule of equality with this name or identifier, in its own spelling; undefined if there is none. */
export function equalityRule(name: string): string | undefined {
  const wanted = name.toLowerCase();
  const found = RULES.find(([oid, each]) => oid === wanted || each.toLowerCase() === wanted)?.[1];
  return found !== undefined && Object.hasOwn(EQUALITY, found) ? found : undefined;
}

/** The form in which equal values are equal strings; undefined: the value is none of the rule's syntax. */
export function normalise(rule: string, value: Uint8Array): string | undefined {
  return (Object.hasOwn(EQUALITY, rule) ? EQUALITY[rule] : undefined)?.(value);
}

/** Less than 0, 0 or more than 0, for two values in the form of `rule`. */
export function compareNormalised(rule: string, a: string, b: string): number {
  if (rule === 'integerMatch') return compareIntegers(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareIntegers(a: string, b: string): number {
  const isNegative = a.startsWith('-');
  if (isNegative !== b.startsWith('-')) return isNegative ? -1 : 1;
  const order = a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
  return isNegative ? -order : order;
}

/** A piece of a substrings filter in the form of `rule`; undefined: it cannot be part of such a value. */
export function normalisePiece(
  rule: string,
  piece: Uint8Array,
  place: 'initial' | 'any' | 'final',
): string | undefined {
  const text = textOf(piece);
  if (text === undefined) return undefined;
  if (rule === 'telephoneNumberMatch') return telephone(text);
  if (rule === 'numericStringMatch') return text.replace(/ /g, '');
  if (rule === 'octetStringMatch') return octets(piece);
  const prepared = rule.startsWith('caseExact') ? prepare(text) : ignoreCase(text);
  if (place === 'initial') return prepared.trimStart();
  return place === 'final' ? prepared.trimEnd() : prepared;
}

/**
 * The relative names in the form that equal ones share, from the entry upwards; undefined: a value is none of its type.
 */
export function normaliseNames(dn: ParsedDn): string[] | undefined {
  const names = dn.map((name) => {
    const parts = name.map(normalisePart);
    return parts.includes(undefined) ? undefined : parts.sort().join('+');
  });
  return names.includes(undefined) ? undefined : (names as string[]);
}

function normalisePart({ attribute, value }: NamePart): string | undefined {
  const type = typeOf(attribute);
  const text = normalise(type?.equality ?? 'octetStringMatch', value);
  return text && `${type?.oid ?? attribute.toLowerCase()}=${text.replace(/[\\,+]/g, (special) => `\\${special}`)}`;
}

/** The normalised DNs above one, the nearest first. The last is the root, ''. */
export function parentKeys(key: string): string[] {
  const parents: string[] = [];
  for (let at = 0; at < key.length; at++) {
    if (key[at] === '\\') at++;
    else if (key[at] === ',') parents.push(key.slice(at + 1));
  }
  if (key !== '') parents.push('');
  return parents;
}

/** A DN in the form that equal ones share, or undefined for what is none. */
export function normaliseDn(text: string): string | undefined {
  const parsed = parseDn(text);
  return parsed === undefined ? undefined : normaliseNames(parsed)?.join(',');
}
