/**
 * The main thread's end of HTTPS: reads certificates, starts the TLS threads, gives them the cache, the sites and their
 * keys, and changes certificates while they serve.
 */
import { randomBytes } from 'node:crypto';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { Library } from '../../cache/library/library.js';
import { type Before, createLink, createLoopBell, type LoopBell, type ThreadLink } from '../../channel/index.js';
import type { SlowFailure } from '../../http/index.js';
import type { HttpSettings } from '../../http/module.js';
import type { SiteTable } from '../../http/sites/sites.js';
import type { LogMemory } from '../../log/log-handle.js';
import { sys } from '../../net/device/libc.js';
import { ownFile } from '../../own-files.js';
import {
  CertificateError,
  type Credential,
  checkCertificate,
  hostsWithout,
  readCertificate,
  readKey,
} from '../../tls/certificate.js';
import { tlsChannel } from '../../tls/module.js';
import {
  MODERN_CIPHERS,
  TICKET_KEY_BYTES,
  TICKET_KEY_LIFETIME_MS,
  type TlsSettings,
  type TlsVersion,
} from '../../tls/settings.js';
import { Faults } from '../faults.js';
import type { TlsOptions } from '../options.js';
import { ServeError } from '../serve-error.js';
import { threadDeath } from '../thread-death.js';
import type { DataPlane } from '../worker/data-plane.js';
import { createStatisticsMemory, StatisticsReader } from '../worker/statistics-block.js';
import type { MessageFromTls, MessageToTls, TlsThreadSetup } from './messages.js';

export const TLS_DEFAULTS = {
  port: 443,
  threads: 1,
  minVersion: '1.2',
  ciphers: MODERN_CIPHERS,
  http2: true,
  redirect: false,
  /** No promise to browsers unless the owner of the site wants it: it cannot be taken back for so long. */
  hstsSeconds: 0,
} as const;

/** How long a thread may take to end by itself, ms. */
const TERMINATE_AFTER_MS = 1_000;

/**
 * Reads the certificates.
 * @throws {ServeError} `bad-option` that says what is wrong with which files, all of them
 */
export function tlsSettings(options: TlsOptions, hosts: readonly string[], warn: (text: string) => void): TlsSettings {
  const faults = new Faults();
  const credentials = options.certificates.flatMap((files, index) => load(files, index, faults, warn) ?? []);
  const { minVersion = TLS_DEFAULTS.minVersion, ciphers = TLS_DEFAULTS.ciphers, http2 = TLS_DEFAULTS.http2 } = options;
  faults.attempt(['tls', 'ciphers'], () => checkCiphers(minVersion, ciphers));
  faults.throwAll();
  for (const host of hostsWithout(credentials, hosts)) {
    warn(`no certificate has the name ${host}: browsers that ask for it over HTTPS refuse what they are shown`);
  }
  for (const [index, credential] of credentials.entries()) {
    faults.attempt(['tls', 'certificates', index, 'certificate'], () => checkTogether(credential, ciphers));
  }
  faults.throwAll();
  return { credentials, minVersion, ciphers, http2 };
}

/** OpenSSL's own look at what a thread will give it. @throws {ServeError} `bad-option` */
function checkContext(options: SecureContextOptions, what: string): void {
  try {
    createSecureContext(options);
  } catch (cause) {
    throw new ServeError('bad-option', `${what}: OpenSSL says ${(cause as Error).message}`, '', { cause });
  }
}

function checkCiphers(minVersion: TlsVersion, ciphers: string): void {
  checkContext({ minVersion: `TLSv${minVersion}`, ciphers }, 'the list of ciphers cannot be used');
}

function checkTogether({ cert, key }: Credential, ciphers: string): void {
  checkContext({ cert, key, ciphers }, 'the certificate cannot be used');
}

/** One certificate; undefined after a fault, which `faults` has then. Both files are looked at. */
function load(
  files: TlsOptions['certificates'][number],
  index: number,
  faults: Faults,
  warn: (text: string) => void,
): Credential | undefined {
  const path = ['tls', 'certificates', index];
  const cert = faults.attempt([...path, 'certificate'], () => asFault(() => readCertificate(files.certificate)));
  const key = faults.attempt([...path, 'key'], () => asFault(() => readKey(files.key)));
  if (cert === undefined || key === undefined) return undefined;
  const loaded = faults.attempt([...path, 'key'], () => asFault(() => checkCertificate(cert, key, files, Date.now())));
  for (const text of loaded?.warnings ?? []) warn(text);
  return loaded?.credential;
}

/** @throws {ServeError} for what is wrong with a certificate */
function asFault<Result>(action: () => Result): Result {
  try {
    return action();
  } catch (cause) {
    if (!(cause instanceof CertificateError)) throw cause;
    throw new ServeError('bad-option', cause.message, cause.advice, { cause });
  }
}

/** What a TLS thread needs beside its links. */
export interface TlsPlan {
  readonly options: TlsOptions;
  readonly settings: TlsSettings;
  readonly http: HttpSettings;
  readonly logOf: (thread: number) => LogMemory | undefined;
}

export class TlsThreads {
  readonly #threads: Thread[];
  readonly #rotation: NodeJS.Timeout;
  #settings: TlsSettings;
  #http: HttpSettings;

  /** @param died called if a thread ends without having been asked to */
  constructor(plan: TlsPlan, plane: DataPlane, library: Library, died: (error: ServeError) => void) {
    const { options, settings, http, logOf } = plan;
    this.#settings = settings;
    this.#http = http;
    const { threads = TLS_DEFAULTS.threads, hstsSeconds = TLS_DEFAULTS.hstsSeconds } = options;
    const ticketKeys = randomBytes(TICKET_KEY_BYTES);
    const common = { tls: settings, ticketKeys, http, hsts: hstsSeconds === 0 ? '' : `max-age=${hstsSeconds}` };
    this.#threads = Array.from({ length: threads }, (_, index) => {
      const links = plane.threadLinks(tlsChannel(index));
      const bell = createLoopBell();
      const own = { links, bellFd: bell.watchFd, statistics: createStatisticsMemory(), log: logOf(index) };
      return new Thread(index, { ...common, ...own }, bell, library, died);
    });
    this.#rotation = setInterval(() => this.#rotate(), TICKET_KEY_LIFETIME_MS).unref();
  }

  /** Fulfilled when every thread takes connections. */
  async ready(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.ready));
  }

  /** The counters of each thread. */
  counters(): Map<string, number>[] {
    return this.#threads.map((thread) => thread.counters());
  }

  /** A new channel of this name to each thread, for one that answers requests. See `DataPlane`. */
  openChannels(name: string, generation: number, before: Before): readonly ThreadLink[] {
    return this.#threads.map((thread) => thread.openChannel(name, generation, before));
  }

  /** The thread at the other end of these channels has ended. */
  channelFailed(name: string, generation: number, failure: SlowFailure): void {
    this.#send({ kind: 'channel-failed', name, generation, failure });
  }

  sites(table: SiteTable): void {
    const { https: _, ...rest } = table;
    this.#send({ kind: 'sites', table: rest });
  }

  /** Settings for connections from now on. Returns whether those of TLS, certificates included, are other ones. */
  use(tls: TlsSettings, http: HttpSettings): boolean {
    const isOther = !isDeepStrictEqual(this.#settings, tls);
    this.#settings = tls;
    this.#http = http;
    this.#send({ kind: 'settings', tls: this.#settings, http: this.#http });
    return isOther;
  }

  endsSoon(): void {
    this.#send({ kind: 'ends-soon' });
  }

  stopping(isPatient: boolean): void {
    this.#send({ kind: 'stopping', isPatient });
  }

  async close(): Promise<void> {
    clearInterval(this.#rotation);
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  #rotate(): void {
    this.#send({ kind: 'ticket-keys', keys: randomBytes(TICKET_KEY_BYTES) });
  }

  #send(message: MessageToTls): void {
    for (const thread of this.#threads) thread.send(message);
  }
}

/** One thread. */
class Thread {
  readonly ready: Promise<void>;
  readonly #worker: Worker;
  readonly #gone: Promise<void>;
  readonly #detach: () => void;
  readonly #bell: LoopBell;
  #reader: StatisticsReader | undefined;
  #isEnding = false;

  constructor(
    index: number,
    setup: TlsThreadSetup,
    bell: LoopBell,
    library: Library,
    died: (error: ServeError) => void,
  ) {
    this.#bell = bell;
    const worker = new Worker(ownFile('./serve/https/thread.js'), {
      name: `fastpath-tls-${index}`,
      workerData: setup,
    });
    this.#worker = worker;
    const subscriber = library.attach((message) => this.send({ kind: 'cache', message }));
    this.#detach = () => subscriber.detach();
    let cause: unknown;
    worker.on('error', (error) => {
      cause = error;
    });
    this.#gone = new Promise((resolve) => worker.once('exit', () => resolve()));
    this.ready = new Promise((resolve, reject) => {
      worker.on('message', (message: MessageFromTls) => {
        if (message.kind === 'ready') {
          this.#reader = new StatisticsReader(setup.statistics, message.counters);
          resolve();
        } else if (message.kind === 'want') subscriber.want(message.wants);
        else for (const id of message.ids) subscriber.released(id);
      });
      worker.once('exit', () => {
        if (this.#isEnding) return;
        const error = threadDeath(`TLS thread ${index}`, cause, 'it ended');
        reject(error);
        if (this.#reader !== undefined) died(error);
      });
    });
    this.ready.catch(() => {}); // a waiter sees the error, but there may be none yet
  }

  counters(): Map<string, number> {
    return this.#reader?.read() ?? new Map();
  }

  send(message: MessageToTls): void {
    this.#worker.postMessage(message);
  }

  /** Nobody asks for sums of what goes to a TLS thread: they are those of the bytes before they are encrypted. */
  openChannel(name: string, generation: number, before: Before): ThreadLink {
    const { worker, thread } = createLink(this.#bell.ringFd, false);
    this.send({ kind: 'channel', name, generation, link: worker, before }); // it closes the descriptor of the one before
    return { ...thread, isSecure: true };
  }

  async close(): Promise<void> {
    this.#isEnding = true;
    this.send({ kind: 'end' });
    const patience = setTimeout(() => void this.#worker.terminate(), TERMINATE_AFTER_MS);
    await this.#gone;
    clearTimeout(patience);
    sys.close(this.#bell.ringFd);
    this.#detach();
  }
}
