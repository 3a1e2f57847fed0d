/**
 * The lists of a folder: LIST as `ls -l` writes it, NLST with names alone, and the facts of MLSD and MLST (RFC 3659
 * section 7). Text has a character for each byte. Times are UTC.
 */

/** What has a path: a file, or a folder (whose size means nothing). */
export interface Found {
  readonly name: string;
  readonly isFolder: boolean;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modifiedMs: number;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** `ls` shows the time of day for half a year, and then the year. */
const HALF_A_YEAR_MS = 182.5 * 86_400_000;
/** The name would end the line, or the reply. */
const LINE_END = /[\r\n]/;

const two = (value: number) => String(value).padStart(2, '0');

/** `drwxr-xr-x 1 ftp ftp 4096 Nov 29 12:00 docs`: what clients have read for forty years. */
export function listLine({ name, isFolder, size, modifiedMs }: Found, nowMs: number): string {
  const date = new Date(modifiedMs);
  const isRecent = modifiedMs <= nowMs + 60_000 && nowMs - modifiedMs < HALF_A_YEAR_MS;
  const when = isRecent ? `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}` : ` ${date.getUTCFullYear()}`;
  const day = `${MONTHS[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2, ' ')}`;
  const mode = isFolder ? 'dr-xr-xr-x' : '-r--r--r--';
  return `${mode} 1 ftp ftp ${String(size).padStart(12, ' ')} ${day} ${when} ${name}\r\n`;
}

/** `20261129120000`, as MDTM and the fact `modify` have it (RFC 3659 section 2.3). */
export function timeValue(modifiedMs: number): string {
  return new Date(modifiedMs).toISOString().slice(0, 19).replace(/[-T:]/g, '');
}

/** The facts that a client may choose by OPTS MLST, in our order. */
export const FACTS = ['type', 'size', 'modify', 'perm'] as const;
export type Fact = (typeof FACTS)[number];

/** `type=file;size=5;modify=20261129120000;perm=r; name`. */
export function factLine(found: Found, facts: ReadonlySet<Fact>, name: string, type?: string): string {
  const { isFolder, size, modifiedMs } = found;
  const values: Record<Fact, string | undefined> = {
    type: type ?? (isFolder ? 'dir' : 'file'),
    size: isFolder ? undefined : String(size),
    modify: timeValue(modifiedMs),
    perm: isFolder ? 'el' : 'r',
  };
  const chosen = FACTS.filter((fact) => facts.has(fact) && values[fact] !== undefined);
  return `${chosen.map((fact) => `${fact}=${values[fact]};`).join('')} ${name}`;
}

/** In the order of their names, without those that no line can hold. */
export function inOrder(found: readonly Found[]): Found[] {
  return found.filter(({ name }) => !LINE_END.test(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
}
