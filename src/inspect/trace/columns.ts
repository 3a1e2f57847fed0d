/** Columns of numbers that grow: a million rows cost their bytes and no object each. */

/** The typed arrays that a column may be made of. */
type Numbers = Uint8Array | Uint16Array | Uint32Array | Float64Array;

const FIRST_ROWS = 16;

/** One column. */
export class Column<T extends Numbers> {
  #values: T;
  #length = 0;

  constructor(private readonly make: (length: number) => T) {
    this.#values = make(FIRST_ROWS);
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = this.make(2 * this.#length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
  }

  /** The value of a row. @throws {RangeError} if there is no such row */
  at(row: number): number {
    const value = row < this.#length ? this.#values[row] : undefined;
    if (value === undefined) throw new RangeError(`there is no row ${row}`);
    return value;
  }

  /** Changes the value of a row that is there. */
  set(row: number, value: number): void {
    if (row < this.#length) this.#values[row] = value;
  }
}

export const bytes = () => new Column((length) => new Uint8Array(length));
export const halves = () => new Column((length) => new Uint16Array(length));
export const words = () => new Column((length) => new Uint32Array(length));
export const doubles = () => new Column((length) => new Float64Array(length));
