/**
 * What is checked and read before anything is made: folders, files that options name, modules with their options,
 * ports, certificates. `serve` begins with it, and `fastpath check` runs the very same.
 */
import { closeSync, constants, existsSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openFolder } from '../cache/folder/folder.js';
import { FolderError } from '../cache/folder/warnings.js';
import { DEFAULT_CACHE_BYTES } from '../cache/library/limits.js';
import { DEFAULT_LIMITS } from '../http/limits.js';
import { mayAccess } from '../net/device/libc.js';
import { IPV6_MINIMUM_MTU } from '../net/ip/path-mtu.js';
import { ownFile } from '../own-files.js';
import type { TlsSettings } from '../tls/settings.js';
import { Faults, faultOf } from './faults.js';
import { checkAcme } from './https/acme.js';
import { httpPlan } from './modules/http-row.js';
import { checkPorts } from './modules/ports.js';
import type { LoadedPlan } from './modules/rows.js';
import { certificateFiles, readTls, tlsPlans } from './modules/tls-row.js';
import type { ModuleWish } from './modules/wishes.js';
import { fixedAddresses } from './network/dynamic-plan.js';
import { DEFAULTS, type ServeOptions, sitesOf } from './options.js';
import { cacheLimit, checkAddressSpace } from './process/memory-limit.js';
import { actingAs } from './process/privileges.js';
import { ServeError } from './serve-error.js';
import { checkHandler } from './slow/threads.js';
import { CaptureFiles } from './worker/capture-files.js';

/** What was read. */
export interface Checked {
  readonly modules: readonly LoadedPlan[];
  readonly tlsSettings: TlsSettings | undefined;
  readonly cacheBytes: number;
}

/** Is told of what works, but not as somebody may expect. `path`: where it stands in a configuration. */
export type Doubts = (text: string, path?: readonly (string | number)[]) => void;

/** @throws {ServeError} all that is wrong with the options, or with what they name */
export async function preflight(options: ServeOptions, warn: Doubts): Promise<Checked> {
  const faults = new Faults();
  const checked = await lookAt(options, warn, faults);
  faults.throwAll();
  return checked;
}

/** The same, with the faults gathered: what is not wrong is there. */
export async function lookAt(options: ServeOptions, warn: Doubts, faults: Faults): Promise<Checked> {
  faults.attempt([], () => checkProgram(options));
  checkFolders(options, faults);
  faults.attempt(['network', 'mtu'], () => checkMtu(options));
  faults.attempt(['handler'], () => checkHandler(options.handler));
  checkRoutes(options, faults);
  faults.attempt(['capture', 'file'], () => new CaptureFiles(options.capturePath, options.workers ?? DEFAULTS.workers));
  if (faults.attempt(['log', 'to'], () => checkLog(options)) === true) doubtLog(options, warn);
  await faults.wait(['admin', 'tokenFile'], () => checkAdmin(options));
  faults.attempt(['admin', 'listen'], () => checkAdminSocket(options));
  const others = await loadModules(options.modules ?? [], faults);
  const modules = [httpPlan(options), ...tlsPlans(options), ...others];
  checkPorts(modules, faults);
  // Before a key of root's is out of reach.
  faults.attempt(['tls', 'acme'], () => checkAcme(options));
  const tlsSettings = faults.attempt(['tls', 'certificates'], () => readTls(options, warn));
  doubtFiles(options, warn);
  doubtLimits(options, warn);
  faults.attempt(['workers'], () => checkAddressSpace(options.workers ?? DEFAULTS.workers));
  const limit = faults.attempt(['cache', 'size'], () => cacheLimit(options.cacheBytes, DEFAULT_CACHE_BYTES));
  return { modules, tlsSettings, cacheBytes: limit ?? DEFAULT_CACHE_BYTES };
}

/** Whether the next start takes these modules. @throws {ServeError} with all that is wrong about them */
export async function checkModules({ modules = [] }: ServeOptions): Promise<void> {
  const faults = new Faults();
  await loadModules(modules, faults);
  faults.throwAll();
}

/** What it takes to look at the options of a module is loaded only if there is one. */
async function loadModules(wishes: readonly ModuleWish[], faults: Faults): Promise<LoadedPlan[]> {
  if (wishes.length === 0) return [];
  const { loadWishes } = await import('./modules/wishes.js');
  return loadWishes(wishes, faults);
}

/** Done with the file permissions of the user that the server becomes. */
function asUser<Result>({ user }: ServeOptions, action: () => Result): Result {
  return user === undefined ? action() : actingAs(user, action);
}

/** This program's own files: threads that read the folder are started as that user. */
function checkProgram(options: ServeOptions): void {
  const { user } = options;
  if (user === undefined) return;
  const program = fileURLToPath(ownFile('./cli.js'));
  try {
    asUser(options, () => closeSync(openSync(program, 'r')));
  } catch (cause) {
    throw new ServeError(
      'unreadable',
      `the user ${user.name} cannot read fastpath itself (${program})`,
      'Install it where everybody can read it, or serve as another user: --user NAME (root: as you are now).',
      { cause },
    );
  }
}

/** A wrong path is the commonest mistake. */
export function checkFolders(options: ServeOptions, faults: Faults): void {
  const sites = sitesOf(options);
  for (const [index, { folder }] of sites.entries()) {
    const path = options.sites === undefined ? ['folder'] : ['sites', index, 'folder'];
    faults.attempt(path, () => asUser(options, () => checkFolder(folder, options.user?.name)));
  }
}

function checkFolder(folder: string, user: string | undefined): void {
  try {
    openFolder(folder);
  } catch (error) {
    throw unreadable(error, user);
  }
}

/** What to do about a folder that cannot be served. */
export function unreadable(error: unknown, user: string | undefined): unknown {
  if (!(error instanceof FolderError)) return error;
  const advice =
    error.code !== 'unreadable'
      ? 'Name a folder that is there.'
      : user === undefined
        ? 'Name a folder that this user can read.'
        : `Name a folder that the user ${user} can read, or serve as another one: --user NAME (root: as you are now).`;
  return new ServeError('unreadable', error.message, advice, { cause: error });
}

/** RFC 8200 section 5. The kernel would only say "invalid value". */
function checkMtu({ mtu, network }: ServeOptions): void {
  const address = fixedAddresses(network ?? {}).find(({ address }) => !address.isV4);
  if (mtu === undefined || mtu >= IPV6_MINIMUM_MTU || address === undefined) return;
  throw new ServeError(
    'bad-option',
    `${address.address} needs an MTU of ${IPV6_MINIMUM_MTU} at least: IPv6 has no smaller one`,
    'Choose a larger --mtu, or IPv4 alone.',
  );
}

/** Routes lead to a handler and to upstreams that are there. */
function checkRoutes(options: ServeOptions, faults: Faults): void {
  const { handler, upstreams = {} } = options;
  const names = Object.keys(upstreams);
  const problemOf = (step: ServeStep): [string, string] | undefined => {
    if (step === 'handler' && handler === undefined) {
      return ['the route leads to the handler, and there is none', 'Write "handler: ./app.js", or give --handler.'];
    }
    if (typeof step === 'string' || Object.hasOwn(upstreams, step.upstream)) return undefined;
    const known = names.length === 0 ? 'the file has no "upstreams"' : `there are ${names.join(', ')}`;
    return [`there is no upstream ${step.upstream}: ${known}`, ''];
  };
  for (const [index, { routes = [] }] of sitesOf(options).entries()) {
    for (const [place, { to }] of routes.entries()) {
      for (const step of to) {
        const problem = problemOf(step);
        if (problem !== undefined) faults.list.push(faultOf(['sites', index, 'routes', place, 'to'], ...problem));
      }
    }
  }
}

type ServeStep = NonNullable<ReturnType<typeof sitesOf>[0]['routes']>[number]['to'][number];

/** The file of the log, or its folder, can be written. Returns whether there is such a file. */
function checkLog(options: ServeOptions): boolean {
  const target = options.accessLog?.target;
  if (target?.kind !== 'file') return false;
  const { path } = target;
  try {
    asUser(options, () => {
      if (!existsSync(path)) checkAccess(dirname(path), constants.W_OK | constants.X_OK);
      else if (statSync(path).isDirectory()) throw new Error(`${path} is a folder`);
      else checkAccess(path, constants.W_OK);
    });
  } catch (cause) {
    const who = options.user === undefined ? '' : ` by the user ${options.user.name}`;
    const message = `the access log cannot be opened${who}: ${(cause as Error).message}`;
    throw new ServeError('unreadable', message, 'Name a file whose folder this user may write in.', { cause });
  }
  return true;
}

/** A file is moved away in its folder. The file itself may be written without that. */
function doubtLog(options: ServeOptions, warn: Doubts): void {
  const { target, rotateBytes = 0 } = options.accessLog ?? {};
  if (target?.kind !== 'file' || rotateBytes === 0) return;
  const folder = dirname(target.path);
  if (asUser(options, () => mayAccess(folder, constants.W_OK | constants.X_OK))) return;
  const who = options.user === undefined ? 'this user' : `the user ${options.user.name}`;
  const effect = 'the log cannot be moved away when it is full, and grows without a bound';
  warn(`${who} may not write in ${folder}: ${effect}; let that user write there, or leave it to logrotate`, [
    'log',
    'rotateSize',
  ]);
}

/** @throws {Error} */
function checkAccess(path: string, mode: number): void {
  if (mayAccess(path, mode)) return;
  throw new Error(existsSync(path) ? `${path} may not be written` : `there is no folder ${path}`);
}

/** The files that a reload reads again, as the user that the server becomes: what root alone may read is in its way. */
function doubtFiles(options: ServeOptions, warn: (text: string) => void): void {
  const { user } = options;
  if (user === undefined || process.geteuid?.() !== 0) return;
  for (const file of new Set(certificateFiles(options))) {
    if (!existsSync(file) || asUser(options, () => mayAccess(file, constants.R_OK))) continue;
    const effect = 'while the server runs, it can take neither a new certificate nor a new configuration';
    warn(`the user ${user.name} cannot read ${file}: ${effect}; let that user read the file and enter its folders`);
  }
}

/** A burst is a part of a rate. */
function doubtLimits({ limits = {} }: ServeOptions, warn: Doubts): void {
  if (limits.requestBurst === undefined || (limits.requestRate ?? DEFAULT_LIMITS.requestRate) > 0) return;
  const effect = 'a burst bounds nothing without a rate';
  warn(`${effect}: write requestsPerSecond beside it (--max-request-rate)`, ['limits', 'requestBurst']);
}

/** The socket of administrators can be made, as far as files tell: its address may be that of a server that runs. */
function checkAdminSocket({ admin }: ServeOptions): void {
  if (admin?.listen.kind !== 'unix') return;
  const { path } = admin.listen;
  const found = statSync(path, { throwIfNoEntry: false });
  try {
    if (found !== undefined && !found.isSocket()) throw new Error(`${path} is there, and is no socket`);
    checkAccess(dirname(path), constants.W_OK | constants.X_OK);
  } catch (cause) {
    const message = `cannot listen on ${path} for administrators: ${(cause as Error).message}`;
    throw new ServeError('bad-option', message, 'Choose another address or path.', { cause });
  }
}

async function checkAdmin({ admin, user }: ServeOptions): Promise<void> {
  if (admin === undefined) return;
  const { ServerAdmin } = await import('./admin.js'); // with prom-client, which no other server needs
  ServerAdmin.create(admin, user);
}
