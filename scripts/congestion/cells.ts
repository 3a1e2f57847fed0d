/** What the comparison goes through: loss and round trip, as issue 9 asks for them. */

export interface Cell {
  /** The chance that a frame with data is lost. */
  readonly loss: number;
  /** Milliseconds. */
  readonly roundTripMs: number;
  /** How many flows of either side: fewer where one is fast, so that the relay and the machine keep up with all. */
  readonly flows: number;
}

export const CELLS: readonly Cell[] = [
  { loss: 0.001, roundTripMs: 20, flows: 2 },
  { loss: 0.001, roundTripMs: 100, flows: 6 },
  { loss: 0.01, roundTripMs: 20, flows: 4 },
  { loss: 0.01, roundTripMs: 100, flows: 6 },
  { loss: 0.03, roundTripMs: 20, flows: 6 },
  { loss: 0.03, roundTripMs: 100, flows: 6 },
];

/** Of Linux's goodput, at least (issue 9). */
export const AIM = 0.9;

/** What a table calls the cell: loss and round-trip time. */
export function cellName(cell: Cell): string {
  return `${cell.loss * 100} % loss, ${cell.roundTripMs} ms`;
}
