/**
 * Reads a configuration file: text → YAML → schema → checks. Everything that is wrong is reported at once, in the
 * order of the file. Called by src/cli at the start and at each reload, and by `fastpath check`.
 */

import { isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { systemCode } from '../../cache/folder/warnings.js';
import type { SiteOptions } from '../options.js';
import {
  checkFiles,
  checkFolder,
  checkSites,
  doubtHandlerCache,
  doubtSites,
  doubtTls,
  doubtUnknownHost,
  doubtUpstreams,
  type Finding,
  type NumberedSite,
} from './checks.js';
import { type ConfigDocument, MAX_CONFIG_BYTES, readDocument } from './document.js';
import type { Environment } from './environment.js';
import { explain, inOrder } from './explain.js';
import { ConfigError, keyOf, type Problem } from './problem.js';
import { CONFIGURATION, type Configuration } from './schema.js';
import { SITE, SITE_DEFAULTS } from './sections/site.js';

/** A configuration that is right. */
export interface LoadedConfiguration {
  /** The file, as the user named it. */
  readonly file: string;
  /** What the file says, variables replaced. */
  readonly given: unknown;
  /** The values. Paths are whole, and each site has the rules of `defaults`. */
  readonly values: Configuration;
  /** What is odd but may be meant. */
  readonly warnings: readonly Problem[];
  /** Where a finding stands in the file. What the file does not say has the place of the nearest thing that it says. */
  place(finding: Finding): Problem;
}

/** Reads and checks a file. @throws {ConfigError} with everything that is wrong */
export function loadConfiguration(file: string, environment: Environment = process.env): LoadedConfiguration {
  return parseConfiguration(readText(file), file, environment);
}

/** The same for a text; `file` is for messages, and relative paths begin at its folder. @throws {ConfigError} */
export function parseConfiguration(text: string, file: string, environment: Environment): LoadedConfiguration {
  const read = readDocument(text, environment);
  if (read.value === undefined || read.problems.length > 0) throw new ConfigError(file, read.problems);
  if (read.value === null) throw new ConfigError(file, [wholeFile('the file is empty: begin with "sites:"')]);
  const document = { ...read, value: withoutEmpty(read.value) };
  const parsed = CONFIGURATION.safeParse(document.value);
  const base = dirname(resolve(file));
  const sites = readableSites(document.value, base);
  const problems = parsed.success ? [] : explain(parsed.error, document, CONFIGURATION);
  const all = inOrder([
    ...problems,
    ...placed([...checkNotEmpty(read.value), ...missingFolders(document.value, base), ...checkSites(sites)], document),
    ...(parsed.success ? [] : placed(checkFiles(document.value, base), document)),
  ]);
  if (!parsed.success || all.length > 0) throw new ConfigError(file, all);
  return {
    file,
    given: document.value,
    values: withWholePaths(parsed.data, sites, base),
    warnings: placed(
      [
        ...doubtUnknownHost(sites, parsed.data.unknownHost ?? 'default'),
        ...doubtSites(sites),
        ...doubtTls(parsed.data.tls),
        ...doubtUpstreams(parsed.data.upstreams, sites),
        ...doubtHandlerCache(parsed.data.cache, parsed.data.handler),
      ],
      document,
    ),
    place: (finding) => placeIn(document, finding),
  };
}

function readText(file: string): string {
  try {
    return readRegular(file);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const code = systemCode(error);
    const reason = code === 'ENOENT' ? 'there is no such file' : `the file cannot be read (${code})`;
    throw new ConfigError(file, [wholeFile(reason)]);
  }
}

/** O_NONBLOCK: to open a FIFO would wait for one who writes, and at a reload the whole server with it. */
function readRegular(file: string): string {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw new ConfigError(file, [wholeFile('this is no regular file')]);
    if (stat.size > MAX_CONFIG_BYTES) throw new ConfigError(file, [wholeFile('more than 1 MiB: no configuration')]);
    const bytes = readFileSync(descriptor);
    if (!isUtf8(bytes)) throw new ConfigError(file, [wholeFile('the file is not UTF-8')]);
    return bytes.toString('utf8');
  } finally {
    closeSync(descriptor);
  }
}

/**
 * A key without a value counts as left out, as when all lines below it are comments. In the fields of a header rule
 * null has a meaning.
 */
function withoutEmpty(value: unknown, isFields = false): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutEmpty(item));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => isFields || each !== null);
  return Object.fromEntries(entries.map(([name, each]) => [name, withoutEmpty(each, name === 'set')]));
}

/** A file without sites is meant for a folder of the command line; one that begins a list of them is not. */
function checkNotEmpty(value: unknown): Finding[] {
  const { sites } = value as { sites?: unknown };
  return sites === null
    ? [{ path: ['sites'], isOfKey: true, message: 'must have at least one site, not nothing' }]
    : [];
}

function wholeFile(message: string): Problem {
  return { line: 1, column: 1, key: '', message };
}

function placed(findings: readonly Finding[], document: ConfigDocument): Problem[] {
  return findings.map((finding) => placeIn(document, finding));
}

function placeIn(document: ConfigDocument, { path, message, isOfKey = false }: Finding): Problem {
  return { ...(isOfKey ? document.placeOfKey(path) : document.placeOf(path)), key: keyOf(path), message };
}

/** The sites that are right by themselves, each with the rules of `defaults`. */
function readableSites(value: unknown, base: string): NumberedSite[] {
  const { sites, defaults } = value as { sites?: unknown; defaults?: unknown };
  if (!Array.isArray(sites)) return [];
  const common = SITE_DEFAULTS.safeParse(defaults ?? {});
  return sites.flatMap((each, index) => {
    const { data } = SITE.safeParse(each);
    if (data === undefined) return [];
    const options: SiteOptions = { ...common.data, ...data, folder: resolve(base, data.folder) };
    return [{ index, options }];
  });
}

/** The folders of all sites that are not there, even of sites that are wrong in other ways. */
function missingFolders(value: unknown, base: string): Finding[] {
  const { sites } = value as { sites?: unknown };
  if (!Array.isArray(sites)) return [];
  return sites.flatMap((site: { folder?: unknown } | null, index) => {
    const folder = site?.folder;
    if (typeof folder !== 'string' || folder === '') return [];
    const hint = folder.startsWith('~') ? `; ~ is not replaced: write the whole path, or \${HOME}` : '';
    return checkFolder(index, resolve(base, folder)).map((finding) => ({
      ...finding,
      message: finding.message + hint,
    }));
  });
}

function withWholePaths(values: Configuration, sites: readonly NumberedSite[], base: string): Configuration {
  const { admin, capture, handler, log, modules, tls } = values;
  const certificates = tls?.certificates?.map(({ certificate, key }) => ({
    certificate: resolve(base, certificate),
    key: resolve(base, key),
  }));
  const folder = tls?.acme?.folder;
  const acme = folder === undefined ? {} : { acme: { ...tls?.acme, folder: resolve(base, folder) } };
  return {
    ...values,
    ...(values.sites !== undefined && { sites: sites.map(({ options }) => options as (typeof values.sites & {})[0]) }),
    ...(log?.to?.kind === 'file' && { log: { ...log, to: { ...log.to, path: resolve(base, log.to.path) } } }),
    ...(admin !== undefined && { admin: withWholeAdmin(admin, base) }),
    ...(tls !== undefined && { tls: { ...tls, ...acme, ...(certificates !== undefined && { certificates }) } }),
    ...(modules !== undefined && { modules: modules.map((module) => ({ ...module, from: base })) }),
    ...(handler !== undefined && { handler: resolve(base, handler) }),
    ...(capture?.file !== undefined && { capture: { ...capture, file: resolve(base, capture.file) } }),
  };
}

function withWholeAdmin(admin: Configuration['admin'] & {}, base: string): Configuration['admin'] & {} {
  const { listen, tokenFile } = admin;
  return {
    ...admin,
    ...(listen?.kind === 'unix' && { listen: { ...listen, path: resolve(base, listen.path) } }),
    ...(tokenFile !== undefined && { tokenFile: resolve(base, tokenFile) }),
  };
}
