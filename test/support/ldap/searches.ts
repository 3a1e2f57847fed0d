/** Random searches with a seed: all forms of filters, scopes, lists of attributes, limits. */
import { SeededRandom } from '../../../src/net/random.js';
import { type Asked, equal, present, type Write } from '../../ldap/support.js';
import { personDn } from './people.js';

/** A filter as BER and, for a message, as text. */
interface Filter {
  readonly text: string;
  readonly write: Write;
}

/** A search, and how a person would write it. */
export interface GeneratedSearch extends Asked {
  readonly text: string;
}

const ROOT = 'dc=example,dc=org';
const ODD = `ou=Odd Things,${ROOT}`;

/** Attributes with values that are there, that are not, and that are wrong. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  objectClass: ['person', 'INETORGPERSON', '2.5.6.6', 'groupOfNames', 'top', 'nothing', 'country', '1.2.3'],
  cn: ['Ada Lovelace', 'zoë  knuth', 'GROUP 1', 'ANNA de vries', ' Grace Hopper ', '#hash', 'space ', 'two', 'x'],
  'cn;lang-de': ['Herr Lovelace', 'herr hopper', 'Ada Lovelace'],
  sn: ['Lovelace', 'o brien', 'O  Brien', 'straße', 'STRASSE', 'de vries'],
  name: ['Ada Lovelace', 'parts', 'North', 'people'],
  givenName: ['Ada', 'JÖRG', 'jörg', 'Ærø', 'ærø'],
  uid: ['user1', 'USER7', 'user 1', 'user999'],
  '0.9.2342.19200300.100.1.1': ['user3'],
  mail: ['user5@example.org', 'U4@EXAMPLE.com', 'üser@example.org'],
  telephoneNumber: ['+49 30 1007-1', '+493010071', '+49-30-1014-2', 'none'],
  uidNumber: ['1003', '01003', '1006', '-1', '99999999999999999999', 'x', ''],
  gidNumber: ['100', '101', '0'],
  homeDirectory: ['/home/User3', '/home/user3'],
  employeeNumber: ['7', '07'],
  description: [
    'plain',
    'with (brackets) and * stars',
    'two spaces and three',
    'ünïcödé fine',
    'STRASSE',
    'spaces around',
  ],
  manager: [personDn(1), personDn(5).toUpperCase(), 'uid=user9 , OU=people,dc=example,dc=org', 'no dn'],
  seeAlso: [`cn=group 0,ou=groups,${ROOT}`, `CN=Group 4, ou=Groups, ${ROOT}`],
  member: [personDn(0), personDn(7).replace('uid', 'UID'), 'cn=nobody'],
  uniqueMember: [personDn(0), `${personDn(0)}#'0101'B`, personDn(1), `${personDn(2)}#'1'B`],
  postalAddress: ['Street 0$10115 Berlin$Germany', 'street 5 $ 10120  berlin $ germany'],
  title: ['engineer', 'Chief'],
  c: ['de', 'DE', 'FR'],
  l: ['köln', 'North', 'parts'],
  loginShell: ['/bin/bash', '/BIN/BASH'],
  labeledURI: ['http://example.org/~u0 Home'],
  createTimestamp: ['20200111120000Z', '20230101000000Z', '20230101000000+0100', '2023', '202301010000Z'],
  hasSubordinates: ['TRUE', 'FALSE', 'true'],
  entryDN: [personDn(3), ROOT, 'nothing'],
  noSuchAttribute: ['x'],
  jpegPhoto: ['\xff\xd8'],
};
const NAMES = Object.keys(VALUES);
const RULES = [
  ...['caseExactMatch', 'caseIgnoreMatch', '2.5.13.5', 'integerMatch', 'distinguishedNameMatch', 'noSuchRule'],
  ...['caseIgnoreIA5Match', 'objectIdentifierMatch', 'telephoneNumberMatch'],
];
const BASES = [
  ...[ROOT, ROOT, ROOT, 'DC=Example, DC=org', `ou=people,${ROOT}`, `ou=groups,${ROOT}`, ODD, `ou=odd  things,${ROOT}`],
  ...[personDn(1), personDn(5), `cn=comma\\2C plus \\+ and equals,${ODD}`, `l=parts+cn=two,${ODD}`, `c=de,${ODD}`],
  ...[
    `cn=nobody,${ROOT}`,
    `cn=x,ou=y,ou=people,${ROOT}`,
    'dc=other,dc=org',
    'no dn',
    `cn=,${ROOT}`,
    `cn=\\23hash,${ODD}`,
  ],
];
const LISTS = [
  ...[[], [], ['*'], ['1.1'], ['cn', 'sn'], ['NAME'], ['cn;lang-de'], ['mail', 'noSuchAttribute'], ['2.5.4.3', 'uid']],
  ...[
    ['*', 'hasSubordinates'],
    ['entryDN', 'subschemaSubentry'],
    ['createTimestamp'],
    ['1.1', 'cn'],
    ['distinguishedName'],
  ],
];

export class SearchGenerator {
  readonly #random: SeededRandom;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
  }

  next(): GeneratedSearch {
    const base = this.#pick(BASES);
    const scope = this.#below(4);
    const filter = this.#filter(3);
    const attributes = this.#pick(LISTS);
    const typesOnly = this.#below(6) === 0;
    const sizeLimit = this.#below(8) === 0 ? 1 + this.#below(5) : 0;
    const words = [`-b '${base}' -s ${scope}`, typesOnly ? '-A' : '', sizeLimit > 0 ? `-z ${sizeLimit}` : ''];
    const text = [...words, `'${filter.text}'`, ...attributes].filter((word) => word !== '').join(' ');
    return { base, scope, filter: filter.write, attributes, typesOnly, sizeLimit, text };
  }

  #below(limit: number): number {
    return (this.#random.nextInt32() >>> 0) % limit;
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#below(list.length)] as T; // no list here is empty
  }

  #filter(depth: number): Filter {
    const kind = this.#below(depth > 0 ? 12 : 8);
    if (kind < 3) return this.#equality();
    if (kind === 3) return this.#present();
    if (kind < 6) return this.#substrings();
    if (kind === 6) return this.#below(3) === 0 ? this.#approximate() : this.#ordering();
    if (kind === 7) return this.#extensible();
    if (kind === 11) return wrap(0xa2, '!', [this.#filter(depth - 1)]);
    const parts = Array.from({ length: this.#below(9) === 0 ? 0 : 1 + this.#below(3) }, () => this.#filter(depth - 1));
    return kind < 10 ? wrap(0xa0, '&', parts) : wrap(0xa1, '|', parts);
  }

  /** An attribute, and a value for it or for another one. */
  #pair(): readonly [string, string] {
    const name = this.#pick(NAMES);
    const values = VALUES[this.#below(12) === 0 ? this.#pick(NAMES) : name] ?? [];
    return [name, this.#pick(values)];
  }

  #equality(): Filter {
    const [name, value] = this.#pair();
    return { text: `(${name}=${value})`, write: equal(name, value) };
  }

  /** Texts are left out: slapd compares them by their sound, and we by equality. */
  #approximate(): Filter {
    const name = this.#pick([
      'uidNumber',
      'manager',
      'member',
      'telephoneNumber',
      'hasSubordinates',
      'noSuchAttribute',
    ]);
    const value = this.#pick(VALUES[name] ?? []);
    return { text: `(${name}~=${value})`, write: equal(name, value, 0xa8) };
  }

  #ordering(): Filter {
    const names = ['uidNumber', 'gidNumber', 'createTimestamp', 'cn', 'employeeNumber', 'uid'];
    const name = this.#pick(names);
    const value = this.#pick(VALUES[name] ?? []);
    const isLeast = this.#below(2) === 0;
    return { text: `(${name}${isLeast ? '>=' : '<='}${value})`, write: equal(name, value, isLeast ? 0xa5 : 0xa6) };
  }

  #present(): Filter {
    const name = this.#pick(NAMES);
    return { text: `(${name}=*)`, write: present(name) };
  }

  #substrings(): Filter {
    const [name, value] = this.#pair();
    const cuts = [this.#below(value.length + 1), this.#below(value.length + 1)].sort((a, b) => a - b);
    const [first = 0, second = 0] = cuts;
    const parts: (readonly [number, string])[] = [];
    const form = this.#below(6);
    if (form !== 1 && form !== 2) parts.push([0x80, value.slice(0, first)]);
    if (form > 1) parts.push([0x81, value.slice(first, second)]);
    if (form !== 0 && form !== 2) parts.push([0x82, value.slice(second)]);
    const filled = parts.filter(([, text]) => text !== '');
    if (filled.length === 0) filled.push([0x81, value === '' ? 'x' : value]);
    const write: Write = (writer) =>
      writer.within(0xa4, () => {
        writer.octets(name);
        writer.within(0x30, () => {
          for (const [tag, text] of filled) writer.octets(text, tag);
        });
      });
    return { text: `(${name}=${filled.map(([tag, text]) => `${tag & 3}:${text}`).join('*')})`, write };
  }

  #extensible(): Filter {
    const [chosen, any] = this.#pair();
    // slapd does not compute hasSubordinates for this, and has attributes of its own with an empty value.
    const name = chosen === 'hasSubordinates' ? 'gidNumber' : chosen;
    const value = any === '' ? 'x' : any;
    const rule = this.#below(3) === 0 ? undefined : this.#pick(RULES);
    const hasName = rule === undefined || this.#below(3) > 0;
    const isDn = this.#below(3) === 0;
    const write: Write = (writer) =>
      writer.within(0xa9, () => {
        if (rule !== undefined) writer.octets(rule, 0x81);
        if (hasName) writer.octets(name, 0x82);
        writer.octets(value, 0x83);
        if (isDn) writer.boolean(true, 0x84);
      });
    const head = `${hasName ? name : ''}${isDn ? ':dn' : ''}${rule === undefined ? '' : `:${rule}`}`;
    return { text: `(${head}:=${value})`, write };
  }
}

function wrap(tag: number, sign: string, parts: readonly Filter[]): Filter {
  const write: Write = (writer) =>
    writer.within(tag, () => {
      for (const part of parts) part.write(writer);
    });
  return { text: `(${sign}${parts.map(({ text }) => text).join('')})`, write };
}
