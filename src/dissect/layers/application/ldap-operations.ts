/** The operations of LDAP (RFC 4511 section 4): their fields, and what the line says of each. */
import { TAG } from '../../../ldap/ber/reader.js';
import { OID, RESULT } from '../../../ldap/protocol/codes.js';
import type { Elements } from './ldap-elements.js';
import { assertionValue, filterFields } from './ldap-filter.js';

/** How an operation is read: its name, its section, and what makes its fields. `read` gets the contents. */
interface Operation {
  readonly name: string;
  readonly section: string;
  readonly read: (elements: Elements) => string;
}

const SCOPES = ['base', 'one', 'sub', 'children'];
const DEREFERENCES = ['never', 'in searching', 'in finding the base', 'always'];
const CHANGES = ['add', 'delete', 'replace', 'increment'];
const RESULT_NAMES: ReadonlyMap<number, string> = new Map(Object.entries(RESULT).map(([name, code]) => [code, name]));
const OID_NAMES: ReadonlyMap<string, string> = new Map(Object.entries(OID).map(([name, oid]) => [oid, name]));
const MOST_ITEMS = 1_000;

/** The name of a result, or its number. */
function resultName(code: number): string {
  return RESULT_NAMES.get(code) ?? `result ${code}`;
}

/** What an object identifier stands for, if it is one of those that our server knows too. */
export function oidMeaning(oid: string): string {
  return OID_NAMES.get(oid) ?? 'see the LDAP Object Identifiers of IANA';
}

function bind(elements: Elements): string {
  elements.number('ldap.version', 'Version', '3 is today’s');
  const name = elements.text('ldap.name', 'Name', 'who it is; empty: nobody');
  const { tag } = elements;
  elements.choice('ldap.authentication', 'Authentication', tag === 0x80 ? 'a password' : 'SASL');
  if (tag === 0x80) {
    elements.text('ldap.simple', 'Password', 'in the clear', tag);
    return `"${name}" simple`;
  }
  const sasl = elements.enter(0xa3);
  const mechanism = sasl.text('ldap.mechanism', 'Mechanism', 'of SASL');
  if (!sasl.isAtEnd) sasl.octets('ldap.credentials', 'Credentials', 'of the mechanism');
  return `"${name}" SASL ${mechanism}`;
}

/** LDAPResult: RFC 4511 section 4.1.9. */
function result(elements: Elements): string {
  const code = elements.number('ldap.resultCode', 'Result', resultName, TAG.enumerated);
  const matched = elements.text('ldap.matchedDN', 'Matched', 'the nearest entry that is there');
  const message = elements.text('ldap.errorMessage', 'Message', 'for people');
  if (elements.tag === 0xa3) referrals(elements.enter(0xa3));
  const near = matched === '' ? '' : `, there is "${matched}"`;
  return `${resultName(code)}${near}${message === '' ? '' : `: ${message}`}`;
}

function referrals(elements: Elements): void {
  while (!elements.isAtEnd) elements.text('ldap.LDAPURL', 'Referral', 'where to ask');
}

function bindResponse(elements: Elements): string {
  const text = result(elements);
  if (elements.tag === 0x87) elements.octets('ldap.serverSaslCreds', 'Credentials', 'of the server', 0x87);
  return text;
}

function search(elements: Elements): string {
  const base = elements.text('ldap.baseObject', 'Base', 'where the search begins');
  const scope = elements.number('ldap.scope', 'Scope', (value) => SCOPES[value] ?? 'unknown', TAG.enumerated);
  const aliases = (value: number) => DEREFERENCES[value] ?? 'unknown';
  elements.number('ldap.derefAliases', 'Aliases', aliases, TAG.enumerated);
  elements.number('ldap.sizeLimit', 'Size limit', 'entries; 0: none');
  elements.number('ldap.timeLimit', 'Time limit', 'seconds; 0: none');
  elements.flag('ldap.typesOnly', 'Types only', 'attributes without their values');
  const [at, { layer }] = [elements.at, elements];
  const filter = filterFields(elements);
  layer.cite = 'RFC 4515';
  layer.add('ldap.filter_text', at, elements.at - at, 'Filter', filter, 'as a person writes it');
  layer.cite = 'RFC 4511 section 4.5.1.8';
  const list = elements.enter(TAG.sequence);
  const names: string[] = [];
  while (!list.isAtEnd && names.length < MOST_ITEMS) {
    names.push(list.text('ldap.AttributeDescription', 'Attribute', 'that is wanted'));
  }
  return `"${base}" ${SCOPES[scope] ?? scope} ${filter}${names.length > 0 ? ` ${names.join(' ')}` : ''}`;
}

function entry(elements: Elements): string {
  const name = elements.text('ldap.objectName', 'Name', 'of the entry');
  attributes(elements.enter(TAG.sequence));
  return `"${name}"`;
}

function attributes(list: Elements): void {
  while (!list.isAtEnd) attribute(list.enter(TAG.sequence));
}

function attribute(elements: Elements): void {
  elements.text('ldap.type', 'Attribute', 'its name, with options');
  const values = elements.enter(TAG.set);
  while (!values.isAtEnd) values.octets('ldap.AttributeValue', 'Value', 'of the attribute');
}

function modify(elements: Elements): string {
  const name = elements.text('ldap.object', 'Name', 'of the entry');
  const changes = elements.enter(TAG.sequence);
  while (!changes.isAtEnd) {
    const change = changes.enter(TAG.sequence);
    change.number('ldap.operation', 'Change', (value) => CHANGES[value] ?? 'unknown', TAG.enumerated);
    attribute(change.enter(TAG.sequence));
  }
  return `"${name}"`;
}

function add(elements: Elements): string {
  const name = elements.text('ldap.entry', 'Name', 'of the entry');
  attributes(elements.enter(TAG.sequence));
  return `"${name}"`;
}

function modifyDn(elements: Elements): string {
  const name = elements.text('ldap.entry', 'Name', 'of the entry');
  const newName = elements.text('ldap.newrdn', 'New name', 'the first part of it');
  elements.flag('ldap.deleteoldrdn', 'Delete old', 'the old name is no value any more');
  if (elements.tag === 0x80) elements.text('ldap.newSuperior', 'New parent', 'of the entry', 0x80);
  return `"${name}" to "${newName}"`;
}

function compare(elements: Elements): string {
  const name = elements.text('ldap.entry', 'Name', 'of the entry');
  const assertion = elements.enter(TAG.sequence);
  const type = assertion.text('ldap.attributeDesc', 'Attribute', 'that is compared');
  return `"${name}" ${type}=${assertionValue(assertion)}`;
}

function extended(elements: Elements): string {
  const oid = elements.text('ldap.requestName', 'Operation', oidMeaning, 0x80);
  if (elements.tag === 0x81) elements.octets('ldap.requestValue', 'Value', 'of the operation', 0x81);
  return OID_NAMES.get(oid) ?? oid;
}

function extendedResponse(elements: Elements): string {
  let text = result(elements);
  if (elements.tag === 0x8a) {
    const oid = elements.text('ldap.responseName', 'Operation', oidMeaning, 0x8a);
    text = `${OID_NAMES.get(oid) ?? oid} ${text}`;
  }
  if (elements.tag === 0x8b) elements.octets('ldap.response', 'Value', 'of the answer', 0x8b);
  return text;
}

function intermediate(elements: Elements): string {
  if (elements.tag === 0x80) elements.text('ldap.responseName', 'Operation', oidMeaning, 0x80);
  if (elements.tag === 0x81) elements.octets('ldap.responseValue', 'Value', 'of the answer', 0x81);
  return '';
}

function reference(elements: Elements): string {
  referrals(elements);
  return '';
}

const nothing = () => '';
const row = (name: string, section: string, read: Operation['read']): Operation => ({
  name,
  section: `RFC 4511 section ${section}`,
  read,
});

/** By tag. Delete and abandon are no sequences: `SCALARS` has them. */
export const OPERATIONS: ReadonlyMap<number, Operation> = new Map([
  [0x60, row('bind', '4.2', bind)],
  [0x61, row('bind response', '4.2.2', bindResponse)],
  [0x42, row('unbind', '4.3', nothing)],
  [0x63, row('search', '4.5.1', search)],
  [0x64, row('entry', '4.5.2', entry)],
  [0x73, row('reference', '4.5.3', reference)],
  [0x65, row('search done', '4.5.2', result)],
  [0x66, row('modify', '4.6', modify)],
  [0x67, row('modify response', '4.6', result)],
  [0x68, row('add', '4.7', add)],
  [0x69, row('add response', '4.7', result)],
  [0x6b, row('delete response', '4.8', result)],
  [0x6c, row('modify DN', '4.9', modifyDn)],
  [0x6d, row('modify DN response', '4.9', result)],
  [0x6e, row('compare', '4.10', compare)],
  [0x6f, row('compare response', '4.10', result)],
  [0x77, row('extended', '4.12', extended)],
  [0x78, row('extended response', '4.12', extendedResponse)],
  [0x79, row('intermediate response', '4.13', intermediate)],
]);

/** Operations whose element is a value itself. `read` gets the element. */
export const SCALARS: ReadonlyMap<number, Operation> = new Map([
  [0x4a, row('delete', '4.8', (elements) => `"${elements.text('ldap.delRequest', 'Name', 'of the entry', 0x4a)}"`)],
  [
    0x50,
    row('abandon', '4.11', (elements) =>
      String(elements.number('ldap.abandonRequest', 'Message', 'that needs no answer any more', 0x50)),
    ),
  ],
]);
