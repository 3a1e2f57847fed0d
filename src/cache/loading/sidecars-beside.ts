/** The sidecars of files that an update has found. Of a file that is updated alone, they have to be looked for. */
import type { FoundFile } from '../folder/folder.js';
import { warning } from '../folder/warnings.js';
import { findSidecars, pairSidecars, type SidecarFault, type Sidecars, withCodings } from '../variants/sidecars.js';
import { inTurns } from './in-turns.js';
import type { LoadedSite } from './loaded-site.js';

/** By name of file. Those of a file that is updated alone are looked for by their names. */
async function sidecarsOf(
  site: LoadedSite,
  names: ReadonlySet<string>,
  files: readonly FoundFile[],
): Promise<ReadonlyMap<string, Sidecars>> {
  if (site.disk.compress === 'off') return new Map();
  const refuse = (sidecar: FoundFile, fault: SidecarFault) => {
    if (fault === 'stale') site.warn(warning('sidecar-stale', sidecar.name));
  };
  const inFolders = files.filter(({ name }) => !names.has(name));
  const sidecars = new Map(pairSidecars(inFolders, refuse));
  if (inFolders.length === files.length) return sidecars;
  const walk = site.walkAlone();
  const alone = files.filter(({ name }) => names.has(name));
  await inTurns(alone, async (file) => {
    const beside = findSidecars(walk, file, refuse);
    if (beside.length > 0) sidecars.set(file.name, beside);
  });
  return sidecars;
}

/** The files with the codings of what lies beside them. `names`: of those that are updated alone. */
export async function withSidecars(
  site: LoadedSite,
  names: ReadonlySet<string>,
  found: readonly FoundFile[],
): Promise<{ sidecars: ReadonlyMap<string, Sidecars>; files: readonly FoundFile[] }> {
  const sidecars = await sidecarsOf(site, names, found);
  const files = sidecars.size === 0 ? found : found.map((file) => withCodings(file, sidecars.get(file.name)));
  return { sidecars, files };
}
