/** Faults of the options, gathered: a person wants to hear of all of them at once. */
import { ServeError, type ServeErrorCode } from './serve-error.js';

/** Where a thrown error belongs: the way to the option that it is about. */
export type Path = readonly PropertyKey[];

/** A fault of one option. `advice`: what to do about it, as an imperative sentence; '': the message says all. */
export function faultOf(
  path: Path,
  message: string,
  advice = '',
  { code = 'bad-option', cause }: { readonly code?: ServeErrorCode; readonly cause?: unknown } = {},
): ServeError {
  return new ServeError(code, message, advice, { cause, findings: [{ path, message: withAdvice(message, advice) }] });
}

/** `there is no module ./x.js; it is looked for at /srv/x.js` */
function withAdvice(message: string, advice: string): string {
  if (advice === '') return message;
  return `${message}; ${advice.charAt(0).toLowerCase()}${advice.slice(1).replace(/\.$/, '')}`;
}

/** The same error with a place, unless it has one or is none of ours. */
export function placedAt(path: Path, error: unknown): unknown {
  if (!(error instanceof ServeError) || error.findings.length > 0) return error;
  return faultOf(path, error.message, error.advice, { code: error.code, cause: error.cause });
}

export class Faults {
  readonly list: ServeError[] = [];

  /** What `check` gives, or undefined after a fault, which is kept. `path`: where it belongs if it does not say. */
  attempt<Result>(path: Path, check: () => Result): Result | undefined {
    try {
      return check();
    } catch (error) {
      this.#keep(path, error);
      return undefined;
    }
  }

  /** The same for a check that takes its time. */
  async wait<Result>(path: Path, check: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await check();
    } catch (error) {
      this.#keep(path, error);
      return undefined;
    }
  }

  /** @throws {ServeError} all of them as one, if there are any */
  throwAll(): void {
    const [first, ...others] = this.list;
    if (first === undefined) return;
    if (others.length === 0) throw first;
    // A file that is certificate and key at once is missed twice.
    const message = [...new Set(this.list.map((fault) => fault.message))].join('\n');
    throw new ServeError(first.code, message, first.advice, {
      cause: first,
      findings: this.list.flatMap(({ findings }) => findings),
    });
  }

  #keep(path: Path, error: unknown): void {
    const placed = placedAt(path, error);
    if (!(placed instanceof ServeError)) throw error;
    this.list.push(placed);
  }
}
