/**
 * How deep a YAML file is nested. The parser's own tokens are looked at before a document is made of them, since all
 * that comes later calls itself for each level, and would use up the call stack.
 */
import { Lexer, Parser } from 'yaml';

/** The most levels of lists and mappings. The keys that exist need seven. */
export const MAX_DEPTH = 32;

/** What is said of a place that lies deeper. */
export const TOO_DEEP = `nested too deep: at most ${MAX_DEPTH} lists and mappings may stand inside each other`;

/** The offset of the first list or mapping below more than `MAX_DEPTH` levels; undefined: there is none. */
export function tooDeepAt(text: string): number | undefined {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    // The documents that it gives are not wanted. What it is in the middle of stands on its stack.
    Array.from(parser.next(lexeme));
    if (parser.stack.length <= MAX_DEPTH) continue;
    const tooDeep = parser.stack.filter((token) => 'items' in token)[MAX_DEPTH];
    if (tooDeep !== undefined) return tooDeep.offset; // a file of brackets alone is not read to its end
  }
  return undefined;
}
