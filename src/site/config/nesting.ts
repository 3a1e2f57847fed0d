/**
 * How deep a YAML file is nested. The parser's own tokens are looked at before a document is made of them, since all
 * that comes later calls itself for each level, and would use up the call stack.
 */
import { type CST, Parser } from 'yaml';

/** The most levels of lists and mappings. The keys that exist need seven. */
export const MAX_DEPTH = 32;

/** What is said of a place that lies deeper. */
export const TOO_DEEP = `nested too deep: at most ${MAX_DEPTH} lists and mappings may stand inside each other`;

interface Level {
  readonly token: CST.Token;
  readonly depth: number;
}

/** The offset of a list or mapping below more than `MAX_DEPTH` levels; undefined: there is none. */
export function tooDeepAt(text: string): number | undefined {
  const waiting: Level[] = [];
  for (const token of new Parser().parse(text)) waiting.push({ token, depth: 0 });
  for (let level = waiting.pop(); level !== undefined; level = waiting.pop()) {
    const { token } = level;
    if (token.type === 'document') {
      if (token.value !== undefined) waiting.push({ token: token.value, depth: 0 });
    } else if ('items' in token) {
      const depth = level.depth + 1;
      if (depth > MAX_DEPTH) return token.offset;
      for (const { key, value } of token.items) {
        if (key != null) waiting.push({ token: key, depth });
        if (value !== undefined) waiting.push({ token: value, depth });
      }
    }
  }
  return undefined;
}
