/**
 * TypeScript to JavaScript, types taken away and nothing else. Sucrase does it in milliseconds, needs no native code
 * and keeps each line where it is. It checks no types: that is for the editor, and for types.ts.
 */
import { transform } from 'sucrase';

/** The JavaScript, or where and why there is none. */
export type Compiled = { readonly code: string } | { readonly problem: string };

/** Compiles the text of one module. */
export function compile(source: string): Compiled {
  try {
    const { code } = transform(source, {
      transforms: ['typescript'],
      disableESTransforms: true,
      keepUnusedImports: true,
    });
    return { code };
  } catch (error) {
    return { problem: plain(error) };
  }
}

/** "Error transforming x: Unexpected token (12:5)" becomes "line 12, column 5: Unexpected token". */
function plain(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const [, message, line, column] = /^(?:Error transforming [^:]*: )?(.*) \((\d+):(\d+)\)$/s.exec(text) ?? [];
  return message === undefined ? text : `line ${line}, column ${column}: ${message}`;
}
