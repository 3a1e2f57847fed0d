/** The main part of LDAP: reads the LDIF files, sends the workers their entries, and verifies passwords. */
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MainPart, ModuleServer } from '../../module/module.js';
import { OptionError } from '../../module/option-error.js';
import { answerQuestions } from '../../module/program/questions.js';
import { type LdifEntry, parseLdif } from '../directory/ldif.js';
import { type PlainEntry, treeOf } from '../directory/tree.js';
import type { LdapMessage, LdapOptions, LdapQuestion } from '../messages.js';
import { Passwords } from './passwords.js';

/** Entries in one message to a worker. */
const BATCH = 1_000;
/** No LDIF file, and no file that it names, is longer. */
const MOST_FILE_BYTES = 1024 ** 3;

export class LdapMain implements MainPart {
  readonly #server: ModuleServer;
  readonly #options: LdapOptions;
  readonly received: Required<MainPart>['received'];
  #passwords = new Passwords();
  #generation = 0;

  /** @throws {OptionError} for data that cannot be served */
  constructor(server: ModuleServer, options: LdapOptions) {
    this.#server = server;
    this.#options = options;
    const verify = ({ key, password }: LdapQuestion) => this.#passwords.verify(key, password);
    this.received = answerQuestions(server, (question) => verify(question as LdapQuestion)).received;
    this.#load();
  }

  /** Reads the files again. If one is wrong, the old entries stay. */
  refresh(): void {
    try {
      this.#load();
    } catch (error) {
      this.#server.warn(`the old entries stay: ${(error as Error).message}`);
    }
  }

  #load(): void {
    const files = this.#options.files.map((name, index) => this.#read(name, index));
    const tree = named(['files'], () => treeOf(files));
    this.#passwords = this.#takePasswords(tree);
    const hidden = new Set(['userpassword', '2.5.4.35', ...this.#options.hide.map((name) => name.toLowerCase())]);
    const isShown = (description: string) => !hidden.has(description.toLowerCase().split(';', 1)[0] as string);
    const shown = tree.map((entry) => ({
      ...entry,
      attributes: entry.attributes.filter(([description]) => isShown(description)),
    }));
    this.#publish(shown);
  }

  #read(name: string, index: number): { file: string; entries: LdifEntry[] } {
    const file = resolve(this.#options.folder, name);
    const other = (url: string) => readWhole(fileURLToPath(url));
    return named(['files', index], () => ({ file, entries: parseLdif(readWhole(file), file, other) }));
  }

  #takePasswords(tree: readonly PlainEntry[]): Passwords {
    const passwords = new Passwords();
    let unknown = 0;
    for (const { key, attributes } of tree) {
      for (const [description, values] of attributes) {
        if (/^(userPassword|2\.5\.4\.35)$/i.test(description)) unknown += passwords.add(key, values);
      }
    }
    if (unknown > 0) this.#server.warn(`${unknown} passwords have a scheme that is not known: nobody can bind by them`);
    return passwords;
  }

  #publish(entries: readonly PlainEntry[]): void {
    const send = (message: LdapMessage) => this.#server.send(message);
    send({ kind: 'begin', generation: ++this.#generation });
    for (let at = 0; at < entries.length; at += BATCH)
      send({ kind: 'entries', entries: entries.slice(at, at + BATCH) });
    send({ kind: 'end' });
  }
}

/** @throws {OptionError} what `action` throws, with the option that it is about */
function named<Result>(path: readonly PropertyKey[], action: () => Result): Result {
  try {
    return action();
  } catch (cause) {
    throw new OptionError(path, (cause as Error).message, { cause });
  }
}

function readWhole(file: string): Uint8Array {
  const { size } = statSync(file);
  if (size > MOST_FILE_BYTES) throw new Error(`${file} is longer than ${MOST_FILE_BYTES} bytes`);
  return readFileSync(file);
}
