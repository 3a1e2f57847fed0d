/**
 * The public suite of cache tests (https://github.com/http-tests/cache-tests, BSD-3-Clause), run against our shared
 * cache on a loopback port. It is no part of this repository. Its newest state is not on npm, so it is looked for at
 *
 *     $FASTPATH_CACHE_TESTS, node_modules/.cache/http-cache-tests, node_modules/http-cache-tests
 *
 * The suite waits in real time: three seconds at a time, with many tests at once.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ReverseProxy } from '../../src/proxy/proxy.js';
import { SharedCache } from '../../src/shared-cache/cache.js';
import type { SharedCacheOptions } from '../../src/shared-cache/options.js';
import { handlerOrigin } from '../../src/shared-cache/origin/handler-origin.js';
import { freePort } from '../../test/support/free-port.js';

const MODULES = fileURLToPath(new URL('../../../node_modules', import.meta.url));
/** Tests at the same time. */
const AT_ONCE = 130;

export type TestKind = 'required' | 'optimal' | 'check';

/** What came of one test. `verdict`: the suite's own symbol; `why`: what it found wrong. */
export interface TestResult {
  readonly id: string;
  readonly kind: TestKind;
  readonly isPassed: boolean;
  readonly verdict: string;
  readonly why: string;
}

/** As much of the suite as is used here. */
interface Suite {
  readonly tests: readonly { readonly tests: readonly SuiteTest[] }[];
  run(tests: unknown, browser: boolean, base: string, atOnce: number): Promise<void>;
  results(): Readonly<Record<string, true | readonly [string, string]>>;
  verdict(tests: unknown, id: string, results: unknown): readonly [string, string, string];
}

interface SuiteTest {
  readonly id: string;
  readonly kind?: TestKind;
  readonly browser_only?: boolean;
}

/** Where the suite lies, or null. */
export function findSuite(): string | null {
  const named = process.env.FASTPATH_CACHE_TESTS;
  const places = [join(MODULES, '.cache', 'http-cache-tests'), join(MODULES, 'http-cache-tests')];
  const all = named === undefined ? places : [named];
  return all.find((place) => existsSync(join(place, 'test-engine', 'client', 'runner.mjs'))) ?? null;
}

/** A cache in front of the suite's origin. */
export interface CacheUnderTest {
  /** The URL of its root. */
  readonly base: string;
  close(): Promise<void>;
}

/**
 * Runs all tests that are not for browsers alone, or the one with this id. `throughProxy`: the cache asks our reverse
 * proxy, and not the plain gateway of this file.
 */
export function runSuite(
  place: string,
  options: SharedCacheOptions,
  only?: string,
  throughProxy = false,
): Promise<TestResult[]> {
  return runSuiteAt(place, (port) => startCache(port, options, throughProxy), only);
}

/** The same with a cache that `start` puts in front of the origin on this port of localhost. */
export async function runSuiteAt(
  place: string,
  start: (port: number) => Promise<CacheUnderTest>,
  only?: string,
): Promise<TestResult[]> {
  const suite = await load(place);
  const upstream = await startUpstream(place);
  let cache: CacheUnderTest | undefined;
  try {
    cache = await start(upstream.port);
    const wanted = suite.tests.map((group) => ({
      ...group,
      tests: group.tests.filter(({ id }) => only === undefined || id === only),
    }));
    await suite.run(wanted, false, cache.base, AT_ONCE);
    return wanted
      .flatMap(({ tests }) => tests.filter((test) => test.browser_only !== true))
      .map((test) => resultOf(suite, test, only === undefined));
  } finally {
    await cache?.close();
    upstream.child.kill();
  }
}

async function startCache(port: number, options: SharedCacheOptions, throughProxy: boolean): Promise<CacheUnderTest> {
  const wallClock = {
    get seconds(): number {
      return Math.floor(Date.now() / 1000);
    },
  };
  const proxy = new ReverseProxy({
    suite: { servers: [{ url: `http://localhost:${port}` }], passive: { failures: 0 } },
  });
  const gateway = throughProxy ? proxy.handler('suite') : forwardTo(port);
  const cache = new SharedCache(handlerOrigin(gateway), options, { wallClock });
  const server = createServer(cache.handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await proxy.destroy();
    },
  };
}

function resultOf(suite: Suite, { id, kind = 'required' }: SuiteTest, isAll: boolean): TestResult {
  const results = suite.results();
  const outcome = results[id];
  const verdict = isAll ? suite.verdict(suite.tests, id, results)[2] : outcome === true ? '✅' : '⛔️';
  const why = Array.isArray(outcome) ? outcome.join(': ') : '';
  return { id, kind, isPassed: verdict === '✅' || verdict === 'Y', verdict, why };
}

async function load(place: string): Promise<Suite> {
  const take = (...path: string[]) => import(pathToFileURL(join(place, ...path)).href);
  const { default: tests } = await take('tests', 'index.mjs');
  const { runTests, getResults } = await take('test-engine', 'client', 'runner.mjs');
  const { determineTestResult } = await take('test-engine', 'lib', 'results.mjs');
  return { tests, run: runTests, results: getResults, verdict: determineTestResult };
}

/** The suite's origin server, as a program of its own: it takes its port from npm's variables. */
async function startUpstream(place: string): Promise<{ child: ChildProcess; port: number }> {
  const port = await freePort();
  const variables = {
    npm_config_protocol: 'http',
    npm_config_port: String(port),
    npm_config_pidfile: '/dev/null',
  };
  const server = join(place, 'test-engine', 'server', 'server.mjs');
  const child = spawn(process.execPath, [server], {
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await new Promise((resolve, reject) => {
    child.stdout?.once('data', resolve);
    child.once('exit', () => reject(new Error("the suite's server did not start")));
  });
  child.stdout?.resume();
  return { child, port };
}

/**
 * The simplest gateway: no pool, so that each fault of the suite's server stays with the request it is meant for.
 * An error after the head is a fault within the body only if the body is not whole.
 */
function forwardTo(port: number): (incoming: IncomingMessage, response: ServerResponse) => void {
  return (incoming, response) => {
    const { method, url: path } = incoming;
    let hasHead = false;
    const headers = incoming.rawHeaders.filter((_, i, raw) => !ofConnection(raw[i - (i % 2)] ?? ''));
    const outgoing = request({ port, host: 'localhost', path, method, headers, agent: false }, (answer) => {
      hasHead = true;
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.rawHeaders);
      answer.on('error', (error) => response.destroy(error));
      answer.pipe(response);
    });
    outgoing.on('information', ({ statusCode, headers: hints }) => {
      if (statusCode === 102) response.writeProcessing();
      if (statusCode === 103) response.writeEarlyHints(hints as Record<string, string>);
    });
    outgoing.on('error', (error) => {
      if (!hasHead) response.destroy(error);
    });
    incoming.pipe(outgoing);
  };
}

function ofConnection(name: string): boolean {
  return ['connection', 'keep-alive', 'transfer-encoding'].includes(name.toLowerCase());
}
