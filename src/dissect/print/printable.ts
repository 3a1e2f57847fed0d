/** What a packet says must not steer the terminal. */
import { escaped } from '../../words/printable.js';

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for; line feeds are ours
const CONTROL = /[\x00-\x09\x0b-\x1f\x7f-\x9f]/g;

/** `text` with its control characters shown as `\x1b`; line feeds stay. */
export function printable(text: string): string {
  return text.replace(CONTROL, escaped);
}
