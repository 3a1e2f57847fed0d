/** A directory with all that makes matching hard, which OpenLDAP's schemas allow. */

const ROOT = 'dc=example,dc=org';
const FIRST = ['Ada', 'Grace', 'Alan', 'Edsger', 'Barbara', 'Donald', 'Zoë', 'Jörg', 'ANNA', 'Ærø'];
const LAST = ['Lovelace', 'Hopper', 'Turing', 'O Brien', 'Liskov', 'Knuth', 'de  Vries', 'Straße'];
const ODD = [
  'plain',
  'with (brackets) and * stars',
  'back\\slash and / slash',
  ' spaces around ',
  'two  spaces   and three',
  'Ünïcödé ﬁne',
  'comma, plus + and = equals',
  '"quoted" <angled> #hash;semicolon',
];
const PEOPLE_CLASSES = ['top', 'person', 'organizationalPerson', 'inetOrgPerson', 'posixAccount'];

type Lines = readonly (readonly [name: string, value: string | Uint8Array])[];

/** A line of LDIF, in base64 where it has to be. */
function line(name: string, value: string | Uint8Array): string {
  const isPlain = typeof value === 'string' && /^[!-9;=-~][ -~]*$/.test(value) && !value.endsWith(' ');
  return isPlain ? `${name}: ${value}` : `${name}:: ${Buffer.from(value as string).toString('base64')}`;
}

function entry(dn: string, lines: Lines): string {
  const isStamped = lines.some(([name]) => name === 'createTimestamp');
  const all: Lines = isStamped ? lines : [...lines, ['createTimestamp', '20250607080910Z']];
  return [line('dn', dn), ...all.map(([name, value]) => line(name, value)), ''].join('\n');
}

const classes = (...names: readonly string[]): Lines => names.map((name) => ['objectClass', name]);

/** LDIF with `count` people in three departments, groups and odd names. */
export function richLdif(count = 120): string {
  const entries = [
    entry(ROOT, [...classes('top', 'organization', 'dcObject'), ['dc', 'example'], ['o', 'Example Ltd']]),
    ...['people', 'groups', 'Odd Things'].map((ou) =>
      entry(`ou=${ou},${ROOT}`, [...classes('top', 'organizationalUnit'), ['ou', ou], ['description', `the ${ou}`]]),
    ),
    ...['North', 'South'].map((ou) =>
      entry(`ou=${ou},ou=people,${ROOT}`, [...classes('top', 'organizationalUnit'), ['ou', ou], ['l', ou]]),
    ),
  ];
  for (let i = 0; i < count; i++) entries.push(person(i));
  for (let i = 0; i < 6; i++) entries.push(group(i, count), uniqueGroup(i, count));
  entries.push(...oddEntries());
  return entries.join('\n');
}

/** The DN of a person. */
export function personDn(i: number): string {
  const place = ['', 'ou=North,', 'ou=South,'][i % 3];
  return `uid=user${i},${place}ou=people,${ROOT}`;
}

function person(i: number): string {
  const first = FIRST[i % FIRST.length] ?? '';
  const last = LAST[i % LAST.length] ?? '';
  const stamp = `20${String(20 + (i % 6))}0${1 + (i % 9)}1${i % 10}12${String(i % 60).padStart(2, '0')}00Z`;
  const lines: [string, string | Uint8Array][] = [
    ...classes(...PEOPLE_CLASSES).map(([name, value]) => [name, value] as [string, string]),
    ['uid', `user${i}`],
    ['cn', `${first} ${last}`],
    ['sn', last],
    ['givenName', first],
    ['mail', `User${i}@example.org`],
    ...(i % 2 === 0 ? ([['mail', `u${i}@example.com`]] as [string, string][]) : []),
    ['telephoneNumber', `+49 30 ${1000 + i * 7}-${i % 10}`],
    ['uidNumber', String(1000 + i * 3)],
    ['gidNumber', String(100 + (i % 4))],
    ['homeDirectory', `/home/User${i}`],
    ['employeeNumber', String(i)],
    ['createTimestamp', stamp],
  ];
  if (i % 2 === 0) lines.push(['title', 'Engineer']);
  if (i % 3 === 0) lines.push(['description', ODD[(i / 3) % ODD.length] ?? '']);
  if (i % 4 === 0) lines.push(['manager', personDn(i + 1)], ['seeAlso', `cn=group ${i % 6}, OU=Groups,${ROOT}`]);
  if (i % 5 === 0)
    lines.push(['postalAddress', `Street ${i}$${10_115 + i} Berlin$Germany`], ['cn;lang-de', `Herr ${last}`]);
  if (i % 6 === 0) lines.push(['jpegPhoto', Uint8Array.of(0xff, 0xd8, i, 0, 0xff)], ['loginShell', '/bin/bash']);
  if (i % 7 === 0)
    lines.push(['labeledURI', `http://example.org/~u${i} Home`], ['facsimileTelephoneNumber', '+49 30 1']);
  return entry(personDn(i), lines);
}

function group(i: number, people: number): string {
  const members = [i, i + 6, i + 12].map((each): [string, string] => ['member', personDn(each % people)]);
  return entry(`cn=group ${i},ou=groups,${ROOT}`, [
    ...classes('top', 'groupOfNames'),
    ['cn', `group ${i}`],
    ...members,
  ]);
}

function uniqueGroup(i: number, people: number): string {
  const member: [string, string] = ['uniqueMember', `${personDn(i % people)}${i % 2 === 0 ? "#'0101'B" : ''}`];
  const dn = `cn=unique ${i},ou=groups,${ROOT}`;
  return entry(dn, [...classes('top', 'groupOfUniqueNames'), ['cn', `unique ${i}`], member]);
}

function oddEntries(): string[] {
  const place = `ou=Odd Things,${ROOT}`;
  const role = (rdn: string, lines: Lines) =>
    entry(`${rdn},${place}`, [...classes('top', 'organizationalRole'), ...lines]);
  return [
    role('cn=comma\\, plus \\+ and equals', [['cn', 'comma, plus + and equals']]),
    role('cn=\\23hash', [['cn', '#hash']]),
    role('cn=space\\20', [['cn', 'space ']]),
    role('cn=two+l=parts', [
      ['cn', 'two'],
      ['l', 'parts'],
    ]),
    role('cn=quote \\"here\\"', [
      ['cn', 'quote "here"'],
      ['description', 'Straße'],
    ]),
    entry(`c=DE,${place}`, [...classes('top', 'country'), ['c', 'DE'], ['description', 'Germany']]),
    entry(`l=Köln,c=DE,${place}`, [...classes('top', 'locality'), ['l', 'Köln'], ['st', 'NRW'], ['street', 'Ring 1']]),
  ];
}
