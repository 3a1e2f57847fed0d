/** What is wrong in a zone file, and where. */

/** One finding: `example.zone:12: A needs an IPv4 address like 192.0.2.1, not "1.2.3"`. */
export interface Problem {
  readonly file: string;
  /** From 1; 0: the file as a whole. */
  readonly line: number;
  readonly message: string;
}

/** A finding in one line of text. */
export function problemText({ file, line, message }: Problem): string {
  return line === 0 ? `${file}: ${message}` : `${file}:${line}: ${message}`;
}

/** Thrown while an entry is read; the parser adds the place, and goes on with the next entry. */
export class EntryError extends Error {}
