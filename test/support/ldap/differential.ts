/** The same searches for slapd and for us: the same result codes and entries, but for what is listed here. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { normaliseDn } from '../../../src/ldap/directory/match.js';
import { LdapWorld, readMessages, type SeenMessage, searchOf } from '../../ldap/support.js';
import { richLdif } from './people.js';
import { type GeneratedSearch, SearchGenerator } from './searches.js';
import { Slapd } from './slapd.js';

/** What one search led to: its code, and its entries by name, each as text that says all of it. */
interface Outcome {
  readonly code: number;
  readonly entries: ReadonlyMap<string, string>;
}

/** How a run ended. */
export interface Comparison {
  readonly searches: number;
  readonly entries: number;
  /** A line for each search that differs. */
  readonly differences: readonly string[];
}

/** Attributes that each server has of its own. */
const OWN = /^(entryUUID|entryCSN|creatorsName|modifiersName|modifyTimestamp|structuralObjectClass|userPassword)$/i;

function outcomeOf(messages: readonly SeenMessage[]): Outcome {
  const entries = new Map<string, string>();
  for (const { code, dn, attributes } of messages) {
    if (code === undefined) entries.set(normaliseDn(dn) ?? dn, textOf(attributes));
  }
  return { code: messages.at(-1)?.code ?? -1, entries };
}

function textOf(attributes: SeenMessage['attributes']): string {
  return Object.entries(attributes)
    .filter(([name]) => !OWN.test(name))
    .map(
      ([name, values]) =>
        `${name}: ${values
          .map((value) => plain(name, value))
          .sort()
          .join(' | ')}`,
    )
    .sort()
    .join('\n');
}

/** slapd gives names in a spelling of its own; we give them as the LDIF file has them. */
function plain(name: string, value: string): string {
  return /^(entryDN|member|manager|seeAlso)$/.test(name) ? (normaliseDn(value) ?? value) : value;
}

/** Asks slapd, with some searches under way at a time. */
class SlapdClient {
  readonly #socket: Socket;
  #bytes = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (data: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, data]);
    });
  }

  async askAll(searches: readonly GeneratedSearch[]): Promise<Outcome[]> {
    const byId = new Map<number, SeenMessage[]>();
    this.#socket.write(Buffer.concat(searches.map((search, i) => searchOf(i + 1, search))));
    for (let done = 0; done < searches.length; ) {
      const { messages, end } = readMessages(this.#bytes);
      this.#bytes = this.#bytes.subarray(end);
      for (const message of messages) {
        byId.set(message.id, [...(byId.get(message.id) ?? []), message]);
        if (message.code !== undefined) done++;
      }
      if (done < searches.length) await once(this.#socket, 'data');
    }
    return searches.map((_, i) => outcomeOf(byId.get(i + 1) ?? []));
  }

  close(): void {
    this.#socket.destroy();
  }
}

function askOurs(world: LdapWorld, searches: readonly GeneratedSearch[]): Outcome[] {
  const connection = world.connect();
  const outcomes = searches.map((search, i) => {
    connection.deliver(searchOf(i + 1, search));
    connection.pass(10);
    const { messages } = readMessages(Buffer.from(connection.sent, 'latin1'));
    connection.sent = '';
    return outcomeOf(messages);
  });
  connection.disappear('reset');
  return outcomes;
}

/** In words; undefined: there is no difference. */
function differenceOf({ text, sizeLimit = 0 }: GeneratedSearch, ours: Outcome, theirs: Outcome): string | undefined {
  if (ours.code !== theirs.code) {
    return `${text}: code ${ours.code} (${ours.entries.size}), theirs ${theirs.code} (${theirs.entries.size})`;
  }
  if (ours.entries.size !== theirs.entries.size) {
    return `${text}: ${ours.entries.size} entries, theirs ${theirs.entries.size}: ${missing(ours, theirs)}`;
  }
  // With a limit, each server gives the entries that it comes to first.
  const isCut = sizeLimit > 0 && ours.code === 4;
  for (const [dn, own] of ours.entries) {
    const other = theirs.entries.get(dn);
    if (other === undefined && isCut) continue;
    if (other !== own) return `${text}: ${dn}\n  ours:   ${own}\n  theirs: ${other}`.replaceAll('\n', '\n    ');
  }
  return undefined;
}

function missing(ours: Outcome, theirs: Outcome): string {
  const onlyOurs = [...ours.entries.keys()].filter((dn) => !theirs.entries.has(dn));
  const onlyTheirs = [...theirs.entries.keys()].filter((dn) => !ours.entries.has(dn));
  return `only ours ${onlyOurs.slice(0, 3).join(' ; ')}, only theirs ${onlyTheirs.slice(0, 3).join(' ; ')}`;
}

const BATCH = 50;

/** Runs `count` searches on both. */
export async function compareWithSlapd(count: number, seed: number): Promise<Comparison> {
  const ldif = richLdif();
  const generator = new SearchGenerator(seed);
  const slapd = await Slapd.start('dc=example,dc=org', ldif);
  const differences: string[] = [];
  let entries = 0;
  try {
    const client = new SlapdClient(await slapd.connect());
    const world = new LdapWorld(ldif);
    for (let done = 0; done < count; done += BATCH) {
      const searches = Array.from({ length: Math.min(BATCH, count - done) }, () => generator.next());
      const theirs = await client.askAll(searches);
      for (const [i, ours] of askOurs(world, searches).entries()) {
        const [search, other] = [searches[i], theirs[i]];
        if (search === undefined || other === undefined) continue;
        entries += ours.entries.size;
        const difference = differenceOf(search, ours, other);
        if (difference !== undefined) differences.push(difference);
      }
    }
    client.close();
  } finally {
    await slapd.stop();
  }
  return { searches: count, entries, differences };
}
