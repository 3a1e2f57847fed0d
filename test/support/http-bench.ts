/** An HTTP server over fake connections, with a small site and a virtual clock, and the ways to feed it a request. */
import type { Store } from '../../src/cache/library/store.js';
import {
  type AnswerLog,
  createHttpAcceptor,
  DerivedWallClock,
  type HttpLimits,
  HttpStatistics,
  Sites,
  type SiteTable,
} from '../../src/http/index.js';
import { Ending } from '../../src/http/service/ending.js';
import type { SlowPath } from '../../src/http/service/slow-path.js';
import { Clock } from '../../src/net/clock.js';
import type { Acceptor } from '../../src/net/tcp/handler.js';
import { FakeConnection } from './fake-connection.js';
import { EXAMPLE_SECONDS, makeSite } from './site.js';

/** The Date of all answers: an hour after the objects were last modified. */
export const NOW_SECONDS = EXAMPLE_SECONDS + 3600;
export const DATE_LINE = 'Date: Sun, 06 Nov 1994 09:49:37 GMT\r\nServer: test\r\n';
export const ALPHABET = 'abcdefghijklmnopqrstuvwxyz';

/** "GET /<path>" with a valid Host and these field lines. */
export function get(path: string, ...fields: string[]): string {
  return request('GET', path, ...fields);
}

export function request(method: string, path: string, ...fields: string[]): string {
  return `${[`${method} ${path} HTTP/1.1`, 'Host: example.org', ...fields].join('\r\n')}\r\n\r\n`;
}

export class HttpBench {
  readonly clock = new Clock();
  readonly wallClock = new DerivedWallClock(this.clock, NOW_SECONDS * 1000);
  readonly statistics = new HttpStatistics();
  readonly sites = new Sites();
  readonly ending = new Ending();
  readonly #acceptor: Acceptor;

  /** A log that needs the clocks is given as a function of the bench. */
  constructor(
    store: Store,
    limits: Partial<HttpLimits> = {},
    log?: AnswerLog | ((bench: HttpBench) => AnswerLog),
    table?: SiteTable,
    slowPath?: SlowPath,
  ) {
    const { clock, wallClock, statistics, sites, ending } = this;
    if (table !== undefined) sites.use(table);
    this.#acceptor = createHttpAcceptor({
      store,
      sites,
      clock,
      wallClock,
      statistics,
      limits,
      ending,
      serverHeader: 'test',
      ...(slowPath !== undefined && { slowPath }),
      ...(log !== undefined && { log: typeof log === 'function' ? log(this) : log }),
    });
  }

  connect(): FakeConnection {
    return new FakeConnection(this.#acceptor, this.clock);
  }

  /** Feeds `input` to a new connection in the given parts; returns it. */
  feed(parts: readonly string[]): FakeConnection {
    const connection = this.connect();
    for (const part of parts) connection.deliver(part);
    return connection;
  }
}

/** The site that most tests use. */
export async function makeExampleStore(): Promise<Store> {
  const { store } = await makeSite({
    files: {
      '/': { content: 'home', contentType: 'text/html; charset=utf-8' },
      '/a': { content: ALPHABET, etag: 'abc' },
      '/empty': { content: '', etag: 'nothing' },
      '/dir/': { content: 'folder' },
      '/sp ace': { content: 'space' },
      '/grün': { content: 'green' },
      '/long': { content: 'x'.repeat(5000) },
    },
    redirects: { '/dir': '/dir/' },
  });
  return store;
}

/** Every way in which the bytes of `input` may come: whole, one by one, and cut in two at each place. */
export function* waysToCut(input: string): Generator<readonly [name: string, parts: readonly string[]]> {
  yield ['whole', [input]];
  yield ['one byte at a time', [...input]];
  for (let at = 1; at < input.length; at++) yield [`cut at ${at}`, [input.slice(0, at), input.slice(at)]];
}
