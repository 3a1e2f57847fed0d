/** The packet scripts of the labs in the page: the page sends them with what it asks for. */

const scripts = new Map<string, string>();

/** Keeps the scripts, by their paths below labs/. */
export function keepScripts(texts: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(texts)) scripts.set(path, text);
}

/** The text of `labs/<path>`. @throws if the page has not sent it */
export function readScript(path: string): string {
  const text = scripts.get(path);
  if (text === undefined) throw new Error(`there is no script ${path}`);
  return text;
}
