/** The rate of a counter of a running server, from what it tells now and then. */
import type { Curve } from './plot.js';

/** Microseconds between two points: a shorter stretch has a rate that jumps. */
const LEAST_STRETCH = 900_000;
/** Points that are kept: those of an hour, one a second. */
const MOST_POINTS = 3_600;

/** Takes the values of a counter, and gives its rate a second as a curve. */
export class CounterRate {
  #times: number[] = [];
  #rates: number[] = [];
  #begin = 0;
  #last: { readonly time: number; readonly value: number } | undefined;

  /** @param time microseconds of a clock that does not go back */
  add(time: number, value: number): void {
    const before = this.#last;
    if (before === undefined) this.#begin = time;
    else if (time - before.time < LEAST_STRETCH) return;
    this.#last = { time, value };
    if (before === undefined) return;
    // A counter that goes back belongs to a server that began anew.
    const difference = value < before.value ? value : value - before.value;
    this.#times.push(time - this.#begin);
    this.#rates.push((difference * 1e6) / (time - before.time));
    if (this.#times.length <= MOST_POINTS) return;
    this.#times.shift();
    this.#rates.shift();
  }

  /** Microseconds since the first value, and things a second. */
  curve(): Curve {
    return { times: Float64Array.from(this.#times), values: Float64Array.from(this.#rates) };
  }
}
