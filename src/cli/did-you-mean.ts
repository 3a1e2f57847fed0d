/** What to say of a name that does not exist. */

/** A sentence about a name that a subcommand does not know. `kind`: the subcommand, which lists the names. */
export async function unknownName(kind: string, name: string, known: readonly string[]): Promise<string> {
  return `there is no ${kind} ${name}${await didYouMean(name, known)} fastpath ${kind} lists them`;
}

/** `; did you mean cubic?`; only `;` if no known name is near. */
export async function didYouMean(name: string, known: readonly string[]): Promise<string> {
  const { nearest } = await import('../site/config/unknown-key.js');
  const near = nearest(name, known);
  return near === undefined ? ';' : `; did you mean ${near}?`;
}
