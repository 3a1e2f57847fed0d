/** The time of a record as text, made once a second: `[06/Nov/1994:08:49:37 +0000]`, `1994-11-06T08:49:37`. UTC. */
import { ascii, type Text } from './escape.js';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Remembers the text of the last second. */
export class SecondText {
  readonly #of: (iso: string) => string;
  #second = Number.NaN;
  #text: Text = ascii('');

  /** `of` makes the text from `1994-11-06T08:49:37`. */
  constructor(of: (iso: string) => string) {
    this.#of = of;
  }

  at(microseconds: number): Text {
    const second = Math.floor(microseconds / 1_000_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#text = ascii(this.#of(new Date(1_000 * second).toISOString().slice(0, 19)));
    }
    return this.#text;
  }
}

/** The time as Apache's and NCSA's logs have it, without brackets. */
export function commonTime(iso: string): string {
  const [date = '', time = ''] = iso.split('T');
  const [year, month, day] = date.split('-');
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${time} +0000`;
}

/** The same backwards: milliseconds since 1970, or NaN. */
export function parseCommonTime(text: string): number {
  const match = /^(\d\d)\/(\w{3})\/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)$/.exec(text);
  if (match === null) return Number.NaN;
  const [, day, month = '', year, time, hours, minutes] = match;
  const number = String(MONTHS.indexOf(month) + 1).padStart(2, '0');
  return Date.parse(`${year}-${number}-${day}T${time}${hours}:${minutes}`);
}
