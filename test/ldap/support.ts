/** A small directory, and requests in BER, for tests of LDAP. */

import { z } from 'zod';
import { BerReader, elementLength, TAG } from '../../src/ldap/ber/reader.js';
import { BerWriter } from '../../src/ldap/ber/writer.js';
import { Directory } from '../../src/ldap/directory/directory.js';
import { parseLdif } from '../../src/ldap/directory/ldif.js';
import { treeOf } from '../../src/ldap/directory/tree.js';
import type { LdapMessage, LdapOptions, LdapQuestion } from '../../src/ldap/messages.js';
import { ldapModule } from '../../src/ldap/module.js';
import type { Module, ModuleWorker } from '../../src/module/module.js';
import { PrebuiltAnswers } from '../../src/module/prebuilt.js';
import { Clock } from '../../src/net/clock.js';
import { SeededRandom } from '../../src/net/random.js';
import type { Acceptor } from '../../src/net/tcp/handler.js';
import { FakeConnection } from '../support/fake-connection.js';

/** People, groups and odd values; `count` people. */
export function exampleLdif(count = 30): string {
  const lines = [
    'version: 1',
    '# the top',
    'dn: dc=example,dc=org',
    'objectClass: top',
    'objectClass: organization',
    'objectClass: dcObject',
    'dc: example',
    'o: Example',
    '',
  ];
  for (const ou of ['people', 'groups']) {
    lines.push(
      `dn: ou=${ou},dc=example,dc=org`,
      'objectClass: top',
      'objectClass: organizationalUnit',
      `ou: ${ou}`,
      '',
    );
  }
  const names = ['Ada', 'Grace', 'Alan', 'Edsger', 'Barbara', 'Donald', 'Zoë'];
  for (let i = 0; i < count; i++) {
    const first = names[i % names.length] as string;
    const last = ['Lovelace', 'Hopper', 'Turing', 'O Brien', 'Liskov'][i % 5] as string;
    lines.push(
      `dn: uid=user${i},ou=people,dc=example,dc=org`,
      ...['top', 'person', 'organizationalPerson', 'inetOrgPerson', 'posixAccount'].map(
        (name) => `objectClass: ${name}`,
      ),
      `uid: user${i}`,
      `cn:: ${Buffer.from(`${first} ${last}`).toString('base64')}`,
      `sn: ${last}`,
      `givenName:: ${Buffer.from(first).toString('base64')}`,
      `mail: user${i}@example.org`,
      `telephoneNumber: +49 30 ${1000 + i * 7}`,
      `uidNumber: ${1000 + i * 3}`,
      `gidNumber: ${100 + (i % 4)}`,
      `homeDirectory: /home/user${i}`,
      ...(i % 3 === 0 ? [`description: works on part ${i % 9} of`, '  the machine'] : []),
      ...(i % 2 === 0 ? ['title: Engineer'] : []),
      '',
    );
  }
  for (let i = 0; i < 4; i++) {
    lines.push(
      `dn: cn=group ${i},ou=groups,dc=example,dc=org`,
      'objectClass: top',
      'objectClass: groupOfNames',
      `cn: group ${i}`,
      `member: UID=user${i}, OU=people,dc=example,dc=org`,
      `member: uid=user${i + 4},ou=people,dc=example,dc=org`,
      '',
    );
  }
  return lines.join('\n');
}

export function treeFrom(ldif: string) {
  return treeOf([{ file: 'test.ldif', entries: parseLdif(Buffer.from(ldif), 'test.ldif') }]);
}

export function directoryOf(ldif: string): Directory {
  const directory = new Directory(1);
  for (const entry of treeFrom(ldif)) directory.add(entry);
  return directory;
}

/** A module of one worker, with hand-made connections. */
export class LdapWorld {
  readonly clock = new Clock();
  readonly counters: Record<string, number> = {};
  readonly questions: { readonly id: number; readonly question: LdapQuestion }[] = [];
  readonly module: Module<LdapMessage>;

  constructor(ldif = exampleLdif(), options: Record<string, unknown> = {}) {
    for (const name of [...Object.keys(ldapModule.counters ?? {}), ...Object.keys(ldapModule.levels ?? {})]) {
      this.counters[name] = 0;
    }
    const random = new SeededRandom(1);
    const worker = {
      clock: this.clock,
      random,
      counters: this.counters,
      answers: new PrebuiltAnswers(random),
      post: (message: unknown) => this.questions.push(message as (typeof this.questions)[number]),
    } as unknown as ModuleWorker;
    const checked = ldapModule.options?.(z).parse({ files: ['x'], ...options });
    this.module = ldapModule.create(worker, checked as LdapOptions);
    this.load(ldif);
  }

  load(ldif: string, generation = 1): void {
    this.module.received?.({ kind: 'begin', generation });
    this.module.received?.({ kind: 'entries', entries: treeFrom(ldif) });
    this.module.received?.({ kind: 'end' });
  }

  connect(): FakeConnection {
    return new FakeConnection(this.module.accept as Acceptor, this.clock);
  }
}

export interface SeenMessage {
  readonly id: number;
  readonly tag: number;
  /** Of an LDAPResult. */
  readonly code: number | undefined;
  readonly dn: string;
  /** Values with a character for each byte. */
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  readonly cookie: Uint8Array | undefined;
}

/** The messages that a connection has sent, and forgets them. */
export function messagesOf(connection: FakeConnection): SeenMessage[] {
  const bytes = Buffer.from(connection.sent, 'latin1');
  connection.sent = '';
  return readMessages(bytes).messages;
}

/** The whole messages at the start of `bytes`, and where they end. */
export function readMessages(bytes: Uint8Array): { messages: SeenMessage[]; end: number } {
  const seen: SeenMessage[] = [];
  let at = 0;
  while (at < bytes.length) {
    const length = elementLength(bytes, at, bytes.length);
    if (length <= 0 || at + length > bytes.length) break;
    const message = new BerReader(bytes, at, at + length).enter(TAG.sequence);
    const id = message.integer();
    const { tag } = message;
    const operation = message.enter(tag);
    const attributes: Record<string, string[]> = {};
    const code = tag === 0x64 ? undefined : operation.integer(TAG.enumerated);
    const dn = operation.text();
    if (tag === 0x64) {
      const list = operation.enter(TAG.sequence);
      while (!list.isAtEnd) {
        const attribute = list.enter(TAG.sequence);
        const name = attribute.text();
        const values = attribute.enter(TAG.set);
        const texts: string[] = [];
        while (!values.isAtEnd) texts.push(Buffer.from(values.octets()).toString('latin1'));
        attributes[name] = texts;
      }
    }
    let cookie: Uint8Array | undefined;
    if (!message.isAtEnd) {
      const control = message.enter(0xa0).enter(TAG.sequence);
      control.text();
      const value = control.enter(TAG.octets).enter(TAG.sequence);
      value.integer();
      cookie = value.octets();
    }
    seen.push({ id, tag, code, dn, attributes, cookie });
    at += length;
  }
  return { messages: seen, end: at };
}

export type Write = (writer: BerWriter) => void;

/** An LDAPMessage. */
export function messageOf(id: number, operation: Write, controls?: Write): Uint8Array {
  const writer = new BerWriter();
  writer.within(TAG.sequence, () => {
    writer.integer(id);
    operation(writer);
    if (controls !== undefined) writer.within(0xa0, () => controls(writer));
  });
  return writer.finish();
}

export interface Asked {
  readonly base?: string;
  readonly scope?: number;
  readonly sizeLimit?: number;
  readonly timeLimit?: number;
  readonly typesOnly?: boolean;
  readonly filter?: Write;
  readonly attributes?: readonly string[];
}

/** A search for all entries, if nothing else is said. */
export function searchOf(id: number, asked: Asked = {}, controls?: Write): Uint8Array {
  const { base = 'dc=example,dc=org', scope = 2, sizeLimit = 0, timeLimit = 0, typesOnly = false } = asked;
  return messageOf(
    id,
    (writer) =>
      writer.within(0x63, () => {
        writer.octets(base);
        writer.integer(scope, TAG.enumerated);
        writer.integer(0, TAG.enumerated);
        writer.integer(sizeLimit);
        writer.integer(timeLimit);
        writer.boolean(typesOnly);
        (asked.filter ?? present('objectClass'))(writer);
        writer.within(TAG.sequence, () => {
          for (const name of asked.attributes ?? []) writer.octets(name);
        });
      }),
    controls,
  );
}

export function present(attribute: string): Write {
  return (writer) => writer.octets(attribute, 0x87);
}

export function equal(attribute: string, value: string, tag = 0xa3): Write {
  return (writer) =>
    writer.within(tag, () => {
      writer.octets(attribute);
      writer.octets(value);
    });
}

export function bindOf(id: number, name: string, password: string): Uint8Array {
  return messageOf(id, (writer) =>
    writer.within(0x60, () => {
      writer.integer(3);
      writer.octets(name);
      writer.octets(password, 0x80);
    }),
  );
}

export function paged(size: number, cookie: Uint8Array = new Uint8Array(0)): Write {
  const value = new BerWriter();
  value.within(TAG.sequence, () => {
    value.integer(size);
    value.octets(cookie);
  });
  return control('1.2.840.113556.1.4.319', true, value.finish());
}

export function control(name: string, isCritical: boolean, value?: Uint8Array): Write {
  return (writer) =>
    writer.within(TAG.sequence, () => {
      writer.octets(name);
      writer.boolean(isCritical);
      if (value !== undefined) writer.octets(value);
    });
}
