/**
 * What only a start can find out: whether a handler's file can be loaded, and whether modules begin. `fastpath check`
 * does it without a device: the handler is loaded in a thread that serves nobody, and each module runs for a moment on
 * a stack whose cable leads nowhere.
 */
import { Store } from '../cache/library/store.js';
import type { SiteFolder } from '../module/module.js';
import { serveModuleOn } from '../module/serve-on.js';
import { Clock } from '../net/clock.js';
import { createPair } from '../net/device/pair.js';
import { SystemRandom } from '../net/driver/system-random.js';
import { createStack } from '../net/stack.js';
import { IpNetwork } from '../net/wire/address.js';
import { Faults, type Path, placedAt } from './faults.js';
import { beginningFault } from './modules/main-parts.js';
import type { LoadedPlan } from './modules/rows.js';
import { checkWish } from './network/plan.js';
import { type ServeOptions, sitesOf } from './options.js';
import { lookAt } from './preflight.js';
import { ServeError } from './serve-error.js';
import { tryHandlerFile } from './slow/threads.js';

/** Any address does: no frame leaves. */
const ADDRESS = '192.0.2.1/24';

/** How long a module may take to begin and to end, ms. A start waits for it without a bound. */
const MODULE_MS = 30_000;

/** @throws {Error} if it takes longer */
async function within(ms: number, action: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it has not begun in ${ms / 1000} s`)), ms);
  });
  try {
    await Promise.race([action(), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Something that may be meant. */
export type Doubt = (path: Path, text: string) => void;

/** All that a start would refuse before it opens its device. `doubt` gets what it would warn of. */
export async function findFaults(options: ServeOptions, doubt: Doubt): Promise<ServeError[]> {
  const faults = new Faults();
  faults.attempt(['network'], () => checkWish(options.network ?? {}));
  const { modules } = await lookAt(options, (text, path = ['tls', 'certificates']) => doubt(path, text), faults);
  for (const plan of modules) await tryModule(plan, options, faults, doubt);
  const { handler } = options;
  const isRefused = faults.list.some(({ findings }) => findings.some(({ path }) => path[0] === 'handler'));
  if (typeof handler === 'string' && !isRefused) await faults.wait(['handler'], () => tryHandlerFile(handler));
  return faults.list;
}

/** Those of the server itself have no place in the list of modules, and read no files. */
async function tryModule(plan: LoadedPlan, options: ServeOptions, faults: Faults, doubt: Doubt): Promise<void> {
  const { name, definition, path } = plan;
  if (path === undefined) return;
  const [device, other] = createPair();
  const random = new SystemRandom();
  const stack = createStack({ device, clock: new Clock(), random, addresses: [IpNetwork.parse(ADDRESS)] });
  const host = {
    ...{ stack, random, store: new Store(() => {}), epochMs: Date.now() },
    folderOf: (site: number) => folderOf(options, site),
    warn: (text: string) => doubt([...path, 'use'], text),
  };
  try {
    await within(MODULE_MS, async () => {
      const running = await serveModuleOn(host, definition, plan.options);
      await running.close();
    });
  } catch (cause) {
    const fault = placedAt(path, beginningFault(name, path, cause));
    if (fault instanceof ServeError) faults.list.push(fault);
  } finally {
    device.close();
    other.close();
  }
}

function folderOf(options: ServeOptions, site: number): SiteFolder | undefined {
  const { folder: root, dotfiles = false, symlinks = 'inside' } = sitesOf(options)[site] ?? {};
  return root === undefined ? undefined : { root, dotfiles, symlinks };
}
