/**
 * Reads a configuration file: text → YAML → schema → checks. Everything that is wrong is reported at once, in the
 * order of the file. Called by src/cli at the start and at each reload, and by `fastpath check`.
 */

import { isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { systemCode } from '../../cache/folder/warnings.js';
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
import { partOfSite } from './part-of-site.js';
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

/** What else is wrong with the value of a file that is wrong anyway: what only a start knows, such as users. */
export type MoreChecks = (value: unknown) => readonly Finding[];

/** Reads and checks a file. @throws {ConfigError} with everything that is wrong */
export function loadConfiguration(
  file: string,
  environment: Environment = process.env,
  lookAt: MoreChecks = () => [],
): LoadedConfiguration {
  return parseConfiguration(readText(file), file, environment, lookAt);
}

/** The same for a text; `file` is for messages, and relative paths begin at its folder. @throws {ConfigError} */
export function parseConfiguration(
  text: string,
  file: string,
  environment: Environment,
  lookAt: MoreChecks = () => [],
): LoadedConfiguration {
  const read = readDocument(text, environment);
  if (read.value === undefined) throw new ConfigError(file, inOrder(read.problems));
  if (read.value === null) throw new ConfigError(file, [wholeFile('the file is empty: begin with "sites:"')]);
  const document = { ...read, value: withoutEmpty(read.value) };
  const parsed = CONFIGURATION.safeParse(document.value);
  const base = dirname(resolve(file));
  const { sites, partial } = readableSites(document.value, base);
  const problems = parsed.success ? [] : explain(parsed.error, document, CONFIGURATION);
  const found = [...checkNotEmpty(read.value), ...missingFolders(document.value, base), ...checkSites(sites, partial)];
  if (!parsed.success || found.length + read.problems.length > 0) {
    const all = [...found, ...checkFiles(document.value, base), ...lookAt(document.value)];
    throw new ConfigError(file, withProblems([...problems, ...placed(all, document)], read.problems));
  }
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
    if (!isUtf8(bytes)) throw new ConfigError(file, [notUtf8(bytes)]);
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

/** The first place that is not UTF-8. */
function notUtf8(bytes: Buffer): Problem {
  let line = 1;
  for (let from = 0; ; line++) {
    const end = bytes.indexOf(0x0a, from);
    const text = bytes.subarray(from, end < 0 ? bytes.length : end);
    if (!isUtf8(text)) {
      const column = text.toString('utf8').indexOf('\ufffd') + 1;
      return { line, column, key: '', message: 'the file is not UTF-8: here is a byte of another encoding' };
    }
    if (end < 0) return { ...wholeFile('the file is not UTF-8'), line };
    from = end + 1;
  }
}

/** What is wrong with a value that could not be read well, such as a variable that is not set, is told once. */
function withProblems(found: readonly Problem[], problems: readonly Problem[]): Problem[] {
  const isNew = ({ line, column }: Problem) =>
    !problems.some((known) => known.line === line && known.column === column);
  return inOrder([...problems, ...found.filter(isNew)]);
}

function placed(findings: readonly Finding[], document: ConfigDocument): Problem[] {
  return findings.map((finding) => placeIn(document, finding));
}

function placeIn(document: ConfigDocument, { path, message, isOfKey = false }: Finding): Problem {
  return { ...(isOfKey ? document.placeOfKey(path) : document.placeOf(path)), key: keyOf(path), message };
}

/** The sites that are right by themselves, and what can be read of others; each with the rules of `defaults`. */
function readableSites(value: unknown, base: string): { sites: NumberedSite[]; partial: NumberedSite[] } {
  const { sites: given, defaults } = value as { sites?: unknown; defaults?: unknown };
  const sites: NumberedSite[] = [];
  const partial: NumberedSite[] = [];
  const common = SITE_DEFAULTS.safeParse(defaults ?? {}).data;
  for (const [index, each] of Array.isArray(given) ? given.entries() : []) {
    const { data } = SITE.safeParse(each);
    if (data !== undefined) {
      sites.push({ index, options: { ...common, ...data, folder: resolve(base, data.folder) } });
      continue;
    }
    const part = partOfSite(index, each);
    if (part !== undefined) partial.push({ ...part, options: { ...common, ...part.options } });
  }
  return { sites, partial };
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
