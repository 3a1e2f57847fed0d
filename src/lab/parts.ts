/** Which files of the product are replaced, and by what. */

/** By the product's file below src (`net/wire/checksum.ts`): the path of the file that takes its place. */
export type Parts = Readonly<Record<string, string>>;

/** The parameter of a module's URL that says which graph of modules it belongs to. */
export const QUERY = 'lab';

/** The variable of the environment that names the parts of a whole process, as JSON. */
export const PARTS_VARIABLE = 'FASTPATH_LAB_PARTS';

/** A graph of modules as text. Two graphs with the same parts are two all the same: a file may have changed. */
export function encodeGraph(number: number, parts: Parts): string {
  return JSON.stringify({ number, parts });
}

/** The parts of a graph. */
export function partsOf(graph: string): Parts {
  return (JSON.parse(graph) as { parts: Parts }).parts;
}
