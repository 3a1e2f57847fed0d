/**
 * Where the options of a server come from: a configuration file, if there is one, with the command line on top. A
 * reload reads the file again.
 */

import { accessSync, constants, statSync } from 'node:fs';
import { optionsOf, overlay, type PartialOptions } from '../serve/configured.js';
import { needsNoFiles } from '../serve/folders/empty-folder.js';
import type { ServeOptions } from '../serve/options.js';
import { chooseUser } from '../serve/process/privileges.js';
import { ServeError } from '../serve/serve-error.js';
import type { Finding } from '../site/config/checks.js';
import type { LoadedConfiguration, loadConfiguration } from '../site/config/load.js';
import { ConfigError, describeProblem } from '../site/config/problem.js';
import { userFaults } from './user-fault.js';

/** Between two looks at the file. */
const LOOK_EVERY_MS = 1_000;
/** An editor may take the file away for a moment. */
const GONE = '';

/** Keys of `network`, and what the command line calls them. */
const NETWORK_WISHES: Readonly<Record<string, keyof NonNullable<PartialOptions['network']>>> = {
  ...{ host: 'host', address: 'addresses', hostname: 'hostName' },
  ...{ bridge: 'bridge', gateway: 'gateway', gateway6: 'gateway6' },
};

/** What a source says now. */
export interface Sourced {
  readonly options: ServeOptions;
  /** What is odd about the file. */
  readonly warnings: readonly string[];
  /** The file asks to be watched. */
  readonly isWatched: boolean;
}

export class ConfigSource {
  /** The configuration file; undefined: there is none. */
  readonly file: string | undefined;
  readonly #read: typeof loadConfiguration | undefined;
  readonly #flags: PartialOptions;
  readonly #user: string | undefined;
  /** The file as it was read last. */
  #configuration: LoadedConfiguration | undefined;
  /** The stamps of the file as it was read last, and as it was looked at last. */
  #readStamp = GONE;
  #seenStamp = GONE;

  /**
   * `flags` win over the file. `user`: the name of the user to become, if the command line has one. What reads a file
   * takes a tenth of a second to load, so it is loaded only if there is a file.
   */
  static async of(file: string | undefined, flags: PartialOptions, user?: string): Promise<ConfigSource> {
    const read = file === undefined ? undefined : (await import('../site/config/load.js')).loadConfiguration;
    return new ConfigSource(file, read, flags, user);
  }

  /** `read` reads the file; there has to be one if there is a file. */
  constructor(
    file: string | undefined,
    read: typeof loadConfiguration | undefined,
    flags: PartialOptions,
    user?: string,
  ) {
    this.file = file;
    this.#read = read;
    this.#flags = flags;
    this.#user = user;
  }

  /** The options as they are now, for a start. @throws {ServeError} `bad-option` with all that is wrong */
  read(): Sourced {
    const configuration = this.#load();
    const user = chooseUser(this.#user ?? configuration?.values.user);
    return this.#sourced(configuration, user);
  }

  /** The same for a server that runs as `user` already. */
  readAgain(user: ServeOptions['user']): Sourced {
    return this.#sourced(this.#load(), user);
  }

  /** The same error, with file, line and column of each option that is wrong and stands in the file. */
  explained(error: ServeError): ServeError {
    const { findings, code } = error;
    if (this.#configuration === undefined || !findings.some(({ path }) => this.#isOfFile(path))) return error;
    const lines = findings.map((finding) => this.#line(finding));
    const head = code === 'bad-option' ? 'the configuration is wrong' : 'the configuration cannot be used here';
    return new ServeError(code, `${head}\n${lines.join('\n')}`, '', { cause: error });
  }

  /** What the command line says has no place. */
  #line(finding: Finding): string {
    const configuration = this.#configuration;
    if (configuration === undefined || !this.#isOfFile(finding.path)) return finding.message;
    return describeProblem(configuration.file, configuration.place(finding));
  }

  #isOfFile([root, index]: Finding['path']): boolean {
    const { folder, handler, tls, capturePath, modules, network, admin, accessLog } = this.#flags;
    if (root === 'network') return network?.[NETWORK_WISHES[String(index)] ?? 'interfaceName'] === undefined;
    if (root === 'folder' || (root === 'sites' && folder !== undefined)) return false;
    if (root === 'handler') return handler === undefined;
    if (root === 'tls') return tls?.certificates === undefined;
    if (root === 'capture') return capturePath === undefined;
    if (root === 'admin' && index === 'listen') return admin?.listen === undefined;
    if (root === 'log') return accessLog?.target === undefined;
    // Those of the command line come behind those of the file.
    const own = this.#configuration?.values.modules?.length ?? 0;
    return root !== 'modules' || modules === undefined || Number(index) < own;
  }

  /** The access log goes to standard output, which nothing else may use then. False if the options are wrong. */
  get logsToStdout(): boolean {
    try {
      return this.readAgain(undefined).options.accessLog?.target.kind === 'stdout';
    } catch (error) {
      if (error instanceof ServeError) return false; // `read` will say so
      throw error;
    }
  }

  /** Whether this process may read the file (again). */
  get isReadable(): boolean {
    if (this.file === undefined) return true;
    try {
      accessSync(this.file, constants.R_OK);
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Looks once a second whether the file is another one than when it was read last, and calls back if so, until the
   * function is called that it returns. A file that is still being written is left alone until the next look.
   */
  watch(changed: () => void): () => void {
    const timer = setInterval(() => this.look(changed), LOOK_EVERY_MS);
    timer.unref();
    return () => clearInterval(timer);
  }

  /** One look: calls back if the file differs from what was read, and is the same as at the look before. */
  look(changed: () => void): void {
    const stamp = this.#stamp();
    const isSettled = stamp === this.#seenStamp;
    this.#seenStamp = stamp;
    if (stamp === GONE || !isSettled || stamp === this.#readStamp) return;
    changed();
  }

  /** What differs between two versions of the file. */
  #stamp(): string {
    if (this.file === undefined) return GONE;
    const stat = statSync(this.file, { throwIfNoEntry: false });
    return stat === undefined ? GONE : `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
  }

  #sourced(configuration: LoadedConfiguration | undefined, user: ServeOptions['user']): Sourced {
    const fromFile = configuration === undefined ? {} : optionsOf(configuration);
    const options = { ...overlay(fromFile, this.#flags), ...(user !== undefined && { user }) };
    if (options.folder === undefined && options.sites === undefined && !needsNoFiles(options)) {
      throw new ServeError(
        'bad-option',
        `${this.file} has no sites, and the command line no folder`,
        'Name a folder: fastpath serve ./site --config site.yaml; or write "sites:" into the file.',
      );
    }
    return {
      options,
      warnings: (configuration?.warnings ?? []).map((problem) => describeProblem(this.file ?? '', problem)),
      isWatched: configuration?.values.reload?.config ?? false,
    };
  }

  #load(): LoadedConfiguration | undefined {
    if (this.file === undefined || this.#read === undefined) return undefined;
    this.#readStamp = this.#stamp();
    try {
      this.#configuration = this.#read(this.file, process.env, this.#user === undefined ? userFaults : undefined);
      return this.#configuration;
    } catch (cause) {
      if (!(cause instanceof ConfigError)) throw cause;
      throw new ServeError('bad-option', `the configuration is wrong\n${cause.message}`, '', { cause });
    }
  }
}
