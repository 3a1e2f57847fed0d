/** Mutated LDAP messages, repeatably: what the server may do with them is checked, whatever they are. */
import { SeededRandom } from '../../../src/net/random.js';
import {
  bindOf,
  control,
  equal,
  exampleLdif,
  LdapWorld,
  messageOf,
  paged,
  readMessages,
  searchOf,
} from '../../ldap/support.js';
import { mutate } from '../mutate.js';
import { SearchGenerator } from './searches.js';

const USER = 'uid=user1,ou=people,dc=example,dc=org';
const WRITES = [0x66, 0x68, 0x6c];
/** A search stops at 256 KiB; the entry that goes beyond comes on top. */
const MOST_QUEUED = 256 * 1024 + 4_096;
/** Tags of responses: bind, entry, done, modify, add, delete, modifyDN, compare, extended. */
const RESPONSES: readonly number[] = [0x61, 0x64, 0x65, 0x67, 0x69, 0x6b, 0x6d, 0x6f, 0x78];

/** Requests of all kinds. */
function requestsOf(seed: number): Uint8Array[] {
  const generator = new SearchGenerator(seed);
  const searches = Array.from({ length: 60 }, (_, i) => searchOf(i + 1, generator.next()));
  return [
    ...searches,
    bindOf(1, USER, 'secret'),
    bindOf(2, '', ''),
    searchOf(3, {}, paged(3)),
    searchOf(4, {}, control('1.2.3', true)),
    searchOf(5, { scope: 0, base: '' }),
    messageOf(6, (writer) => writer.within(0x77, () => writer.octets('1.3.6.1.4.1.4203.1.11.3', 0x80))),
    messageOf(7, (writer) =>
      writer.within(0x6e, () => {
        writer.octets(USER);
        equal('mail', 'user1@example.org', 0x30)(writer);
      }),
    ),
    messageOf(8, (writer) => writer.integer(3, 0x50)),
    messageOf(9, (writer) => writer.octets('', 0x42)),
    messageOf(10, (writer) => writer.octets(USER, 0x4a)),
    ...WRITES.map((tag) => messageOf(11, (writer) => writer.within(tag, () => writer.octets(USER)))),
  ];
}

export class LdapFuzz {
  readonly #seed: number;
  readonly #world = new LdapWorld(exampleLdif(40));
  readonly #requests: readonly Uint8Array[];

  constructor(seed: number) {
    this.#seed = seed;
    this.#requests = requestsOf(seed);
  }

  /** Connections that ended because something was no LDAP, and searches that were. */
  get malformed(): number {
    return this.#world.counters.malformed ?? 0;
  }

  get searches(): number {
    return this.#world.counters.searches ?? 0;
  }

  /** @throws {Error} if the answer to input `index` breaks a rule, and whatever the server throws */
  run(index: number): void {
    const random = new SeededRandom((this.#seed ^ Math.imul(index + 1, 0x9e3779b1)) | 0);
    const below = (limit: number) => (random.nextInt32() >>> 0) % limit;
    const pick = () => this.#requests[below(this.#requests.length)] as Uint8Array; // there are some
    const parts = Array.from({ length: 1 + below(3) }, () => (below(3) > 0 ? mutate(pick(), random) : pick()));
    const input = Buffer.concat(parts).subarray(0, 8_192);
    const world = this.#world;
    const connection = world.connect();
    connection.acknowledges = below(4) > 0;
    for (let at = 0; at < input.length && !connection.gone && !connection.closing; ) {
      const end = at + 1 + below(input.length);
      connection.deliver(input.subarray(at, end));
      for (const { id } of world.questions.splice(0)) world.module.received?.({ id, answer: below(2) === 0 });
      if (below(2) === 0) connection.pass(5);
      at = end;
    }
    if (connection.queuedBytes > MOST_QUEUED) throw new Error(`${connection.queuedBytes} bytes are queued`);
    check(Buffer.from(connection.sent, 'latin1'));
    if (!connection.gone) connection.disappear('reset');
    if (world.counters.openConnections !== 0) throw new Error('a connection is still there');
    if (world.module.unfinished !== 0) throw new Error('a search is still under way');
  }
}

/** All that was sent is whole responses. */
function check(bytes: Uint8Array): void {
  const { messages, end } = readMessages(bytes);
  if (end !== bytes.length) throw new Error('an answer is no whole message');
  for (const { tag, code } of messages) {
    if (!RESPONSES.includes(tag)) throw new Error(`a response has the tag ${tag}`);
    if (code !== undefined && code > 80) throw new Error(`the code ${code}`);
  }
}
