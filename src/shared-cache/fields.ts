/**
 * Header fields as they came: names and values in turn, `['Age', '3', 'Vary', 'Foo']`. Node calls this `rawHeaders`.
 * Order, case and repeated lines are kept, so what is stored can be sent on unchanged. Look-ups take names in lower
 * case.
 */

/** Names and values in turn. @see {@link Origin} */
export type Fields = readonly string[];

/** The lines of a message one by one; the name is in lower case. */
export function* linesOf(fields: Fields): Generator<readonly [lowerName: string, value: string, name: string]> {
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i] as string;
    yield [name.toLowerCase(), fields[i + 1] as string, name];
  }
}

/** Whether the line at `i` has this name. */
function isNamed(fields: Fields, i: number, lowerName: string): boolean {
  const name = fields[i] as string;
  return name.length === lowerName.length && (name === lowerName || name.toLowerCase() === lowerName);
}

/** The values of all lines with this name. */
export function valuesOf(fields: Fields, lowerName: string): string[] {
  const found: string[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) if (isNamed(fields, i, lowerName)) found.push(fields[i + 1] as string);
  return found;
}

/** The lines with this name, joined as RFC 9110 section 5.3 says; undefined if there is none. */
export function fieldOf(fields: Fields, lowerName: string): string | undefined {
  let found: string | undefined;
  for (let i = 0; i + 1 < fields.length; i += 2) {
    if (!isNamed(fields, i, lowerName)) continue;
    const value = fields[i + 1] as string;
    found = found === undefined ? value : `${found}, ${value}`;
  }
  return found;
}

/** Whether there is a field line with this name, which is in small letters. */
export function has(fields: Fields, lowerName: string): boolean {
  for (let i = 0; i + 1 < fields.length; i += 2) if (isNamed(fields, i, lowerName)) return true;
  return false;
}

/** The fields but for those with such a name. */
export function without(fields: Fields, lowerNames: ReadonlySet<string>): string[] {
  const kept: string[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i] as string;
    if (!lowerNames.has(name.toLowerCase())) kept.push(name, fields[i + 1] as string);
  }
  return kept;
}

/** The members of a comma-separated list, trimmed and without empty ones. Commas within quotes do not divide. */
export function membersOf(list: string): string[] {
  const members: string[] = [];
  let from = 0;
  let isQuoted = false;
  for (let i = 0; i < list.length; i++) {
    const letter = list[i];
    if (isQuoted && letter === '\\') i++;
    else if (letter === '"') isQuoted = !isQuoted;
    else if (letter === ',' && !isQuoted) {
      members.push(list.slice(from, i).trim());
      from = i + 1;
    }
  }
  members.push(list.slice(from).trim());
  return members.filter((member) => member !== '');
}

/** Fields of one connection, which no cache stores (RFC 9111 section 3.1, RFC 9110 section 7.6.1). */
const NEVER_STORED = [
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
  ...['proxy-authenticate', 'proxy-authentication-info', 'proxy-authorization'],
];

/**
 * Without them a message would mean something else. Whoever names one in Connection tries to take it out of what is
 * forwarded or stored (an attack of its own: "hop-by-hop header abuse").
 */
export const NEVER_OF_CONNECTION: ReadonlySet<string> = new Set([
  ...['host', 'content-length', 'content-type', 'content-encoding', 'authorization', 'cookie', 'via'],
]);

/** The names of fields that concern one connection: the known ones, and those that Connection lists. */
export function connectionFields(fields: Fields): Set<string> {
  const names = new Set(NEVER_STORED);
  for (const value of valuesOf(fields, 'connection')) {
    for (const member of membersOf(value.toLowerCase())) if (!NEVER_OF_CONNECTION.has(member)) names.add(member);
  }
  return names;
}
