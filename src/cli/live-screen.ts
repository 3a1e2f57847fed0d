/** A table that is printed again and again: on a terminal in place of itself, elsewhere below itself. */

const CLEAR = '\x1b[H\x1b[2J';

export class LiveScreen {
  readonly #out: NodeJS.WriteStream;

  constructor(out: NodeJS.WriteStream = process.stdout) {
    this.#out = out;
  }

  /** Lines that fit; undefined: no terminal, and as many as one likes. */
  get rows(): number | undefined {
    return this.#out.isTTY ? Math.max(this.#out.rows - 1, 1) : undefined;
  }

  show(lines: readonly string[], isLast: boolean): void {
    if (!this.#out.isTTY || isLast) {
      this.#out.write(`${[...lines, ...(isLast ? [] : [''])].join('\n')}\n`);
      return;
    }
    const fitting = lines.slice(0, this.rows).map((line) => line.slice(0, this.#out.columns));
    this.#out.write(`${CLEAR}${fitting.join('\n')}\n`);
  }
}

/** Columns side by side: the first to the left, the others to the right. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  return rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
  );
}

/** Calls back each time a period is over, until `count` times are reached (0: for ever) or it is asked to end. */
export async function periodically(
  periodMs: number,
  count: number,
  action: (isLast: boolean) => void | Promise<void>,
): Promise<void> {
  for (let done = 1; ; done++) {
    await new Promise((resolve) => setTimeout(resolve, periodMs));
    await action(done === count);
    if (done === count) return;
  }
}
