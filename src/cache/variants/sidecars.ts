/**
 * Sidecars: files that hold another file in a content coding, such as app.js.br beside app.js. Build tools make them,
 * and nginx (gzip_static), Apache, Caddy and sirv use them in the same way. Each is also served under its own name, as
 * those servers do: somebody may link to it.
 *
 * A sidecar counts if it is not older than its file, and shorter. Whether it holds the file is checked when it is
 * read (variant-job.ts).
 */
import type { FolderWalk, FoundFile } from '../folder/folder.js';
import { CODING_NAMES, codingBits } from '../object/variant-bits.js';

export interface Sidecar {
  readonly coding: number;
  readonly file: FoundFile;
}

/** The sidecars of one file. */
export type Sidecars = readonly Sidecar[];

const SECOND_MS = 1_000;

/** What is wrong with a sidecar that the folder shows. */
export type SidecarFault = 'stale' | 'large';

/** The name of the file of which `name` would be a sidecar, or undefined if its name is not that of one. */
export function baseOf(name: string): string | undefined {
  for (const { suffix } of CODING_NAMES) {
    if (name.endsWith(suffix) && !name.endsWith(`/${suffix}`)) return name.slice(0, -suffix.length);
  }
  return undefined;
}

/** By name of file: the sidecars among `files` that may be used. `refuse` is told of the others. */
export function pairSidecars(
  files: readonly FoundFile[],
  refuse: (sidecar: FoundFile, fault: SidecarFault) => void,
): ReadonlyMap<string, Sidecars> {
  const candidates = new Map<string, Sidecar[]>();
  for (const file of files) {
    const base = baseOf(file.name);
    if (base === undefined) continue;
    const coding = CODING_NAMES.find(({ suffix }) => file.name.endsWith(suffix))?.coding ?? 0;
    const others = candidates.get(base);
    if (others === undefined) candidates.set(base, [{ coding, file }]);
    else others.push({ coding, file });
  }
  const pairs = new Map<string, Sidecars>();
  if (candidates.size === 0) return pairs;
  for (const file of files) {
    const beside = candidates.get(file.name)?.filter((sidecar) => fits(file, sidecar, refuse)) ?? [];
    if (beside.length > 0) pairs.set(file.name, beside);
  }
  return pairs;
}

/**
 * The sidecars of one file, looked for by their names under the rules of the folder. `walk` warns of nothing: the walk
 * that has found the file did.
 */
export function findSidecars(
  walk: FolderWalk,
  file: FoundFile,
  refuse: (sidecar: FoundFile, fault: SidecarFault) => void,
): Sidecars {
  const beside = CODING_NAMES.map(({ suffix }) => walk.file(file.name + suffix)).filter((each) => each !== undefined);
  return beside.length === 0 ? [] : (pairSidecars([file, ...beside], refuse).get(file.name) ?? []);
}

/** The file, with a bit for each coding in which it has a sidecar. */
export function withCodings(file: FoundFile, sidecars: Sidecars = []): FoundFile {
  return sidecars.length === 0 ? file : { ...file, codings: codingBits(sidecars.map(({ coding }) => coding)) };
}

function fits(
  file: FoundFile,
  { file: sidecar }: Sidecar,
  refuse: (sidecar: FoundFile, fault: SidecarFault) => void,
): boolean {
  const fault = isOlder(sidecar, file) ? 'stale' : sidecar.size >= file.size ? 'large' : undefined;
  if (fault !== undefined) refuse(sidecar, fault);
  return fault === undefined;
}

/**
 * Whether a sidecar was written before its file. The program `brotli` gives it the file's time in whole seconds. That
 * the sidecar holds the file is compared in any case.
 */
function isOlder(sidecar: { readonly mtimeMs: number }, file: { readonly mtimeMs: number }): boolean {
  if (sidecar.mtimeMs >= file.mtimeMs) return false;
  return sidecar.mtimeMs !== Math.floor(file.mtimeMs / SECOND_MS) * SECOND_MS;
}
