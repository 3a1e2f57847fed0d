/** Tells the events of a server to whoever looks at the terminal. */
import type { ServeEvents } from 'fastpath';

export const consoleEvents: ServeEvents = {
  note: (text) => console.log(text),
  warn: (text) => console.warn(text),
  loading() {},
  closing() {},
  conflict() {},
  died: (error) => console.error(error.message),
};
