/**
 * The keys that the author of a module may write. A key that nobody reads is a slip of the pen: left unsaid, `contol`
 * would make a module without a table.
 */

/** @throws {TypeError} that names the first key of `given` that is not `known`, and the keys that are */
export function refuseUnknownKeys(what: string, given: object, known: readonly string[]): void {
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  throw new TypeError(`${what} has no key "${unknown}"; it may have ${known.join(', ')}`);
}
