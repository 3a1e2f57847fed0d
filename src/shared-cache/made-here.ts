/** Errors that the proxy answers with itself, by their responses: the log tells them from answers of an upstream. */
import type { ServerResponse } from 'node:http';

const madeHere = new WeakSet<ServerResponse>();

/** No upstream has sent this answer: it is a 502, 503 or 504 of our own. */
export function noteMadeHere(response: ServerResponse): void {
  madeHere.add(response);
}

export function isMadeHere(response: ServerResponse): boolean {
  return madeHere.has(response);
}
