/**
 * Code that the book quotes, taken from the source each time, so that it cannot go stale. A quotation is a line of
 * Markdown, then a block of code:
 *
 *     From [src/net/wire/checksum.ts](../../src/net/wire/checksum.ts), `fold`:
 *
 * The name is a function, class, constant, type, method (`SummedBytes.sum`), or a region (`// #region name`).
 */

/** A quotation in a page. Lines count from 0; `to` is the line of the closing fence. */
export interface Quote {
  readonly file: string;
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly code: string;
}

const MARK = /^From \[(\S+\.(?:ts|tsx))\]\((?:\.\.\/)+(\S+)\), `([\w.#-]+)`:$/;
const MODIFIERS = '(?:export |abstract |async |protected |override |static |readonly |get |set )*';

/** The quotations of a page. @throws {Error} for a mark without a block of code, or with two names of a file. */
export function quotesOf(page: string): Quote[] {
  const lines = page.split('\n');
  return lines.flatMap((line, index): Quote[] => {
    const [, file, target, name] = MARK.exec(line) ?? [];
    if (file === undefined || name === undefined) return [];
    if (file !== target) throw new Error(`line ${index + 1}: the text says ${file}, the link ${target}`);
    const open = index + 2;
    if (lines[index + 1] !== '' || lines[open] !== '```ts')
      throw new Error(`line ${index + 1}: no block of ts follows`);
    const to = lines.indexOf('```', open + 1);
    if (to < 0) throw new Error(`line ${open + 1}: the block has no end`);
    return [{ file, name, from: open + 1, to, code: lines.slice(open + 1, to).join('\n') }];
  });
}

/** The page with each quotation as the source has it now. `read` gives the text of a file of the repository. */
export function withQuotes(page: string, read: (file: string) => string): string {
  const lines = page.split('\n');
  for (const { file, name, from, to } of quotesOf(page).reverse()) {
    lines.splice(from, to - from, ...codeOf(read(file), name).split('\n'));
  }
  return lines.join('\n');
}

/** The code of this name, with the comment above it, moved to the left. @throws {Error} if there is none. */
export function codeOf(source: string, name: string): string {
  const lines = source.split('\n');
  const region = regionOf(lines, name);
  if (region !== undefined) return dedent(region);
  const [first = '', member] = name.split('.');
  const owner = declarationOf(lines, first, 0, false);
  // A name alone is one at the margin, if there is one: a call of it in a function looks like a member.
  const at =
    member === undefined && owner >= 0 ? owner : declarationOf(lines, member ?? first, Math.max(0, owner), true);
  if (at < 0 || (member !== undefined && owner < 0)) throw new Error(`there is no ${name}`);
  const comment = withoutExample(lines.slice(commentAbove(lines, at), at));
  return dedent([...comment, ...lines.slice(at, endOf(lines, at) + 1)]);
}

function regionOf(lines: readonly string[], name: string): string[] | undefined {
  const from = lines.findIndex((line) => line.trim() === `// #region ${name}`);
  if (from < 0) return undefined;
  const to = lines.findIndex((line, index) => index > from && line.trim().startsWith('// #endregion'));
  if (to < 0) throw new Error(`the region ${name} has no end`);
  return lines.slice(from + 1, to);
}

/** The line that declares `name`, from `from` on: at the margin, or as a member of a class. */
function declarationOf(lines: readonly string[], name: string, from: number, mayBeMember: boolean): number {
  const plain = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const top = new RegExp(`^${MODIFIERS}(?:function|class|const|let|interface|type|enum) ${plain}\\b`);
  const inside = new RegExp(`^ {2}${MODIFIERS}${plain}(?:\\(|:| =|<|\\?:)`);
  return lines.findIndex((line, index) => index >= from && (top.test(line) || (mayBeMember && inside.test(line))));
}

function commentAbove(lines: readonly string[], at: number): number {
  if (!/\*\/$/.test(lines[at - 1] ?? '')) return at;
  for (let from = at - 1; from >= 0; from--) if (/^\s*\/\*\*/.test(lines[from] ?? '')) return from;
  return at;
}

/** A comment without its example, which is for the API reference. What is left of it on one line stands on one line. */
function withoutExample(comment: readonly string[]): readonly string[] {
  const from = comment.findIndex((line) => /^\s*\* @example\b/.test(line));
  if (from < 0) return comment;
  const to = comment.findIndex((line, index) => index > from && /^\s*\*(?:\/| @)/.test(line));
  const before = comment.slice(0, from);
  while (before.at(-1)?.trim() === '*') before.pop();
  const [opening = '', text = ''] = before;
  const after = comment.slice(to);
  const isShort = before.length === 2 && after.length === 1;
  return isShort ? [`${opening} ${text.replace(/^\s*\* /, '')} */`] : [...before, ...after];
}

/** The last line of what begins at `at`: the formatter puts its closing bracket below its first letter. */
function endOf(lines: readonly string[], at: number): number {
  const first = lines[at] ?? '';
  const indent = /^ */.exec(first)?.[0] ?? '';
  if (/;$/.test(first) || /^.*\{.*\}$/.test(first)) return at;
  const close = new RegExp(`^${indent}[}\\])]`);
  for (let to = at + 1; to < lines.length; to++) {
    const line = lines[to] ?? '';
    if (close.test(line) && !/[{[(]$/.test(line)) return to;
    if (/;$/.test(line) && line.startsWith(`${indent}  `) && /=$/.test(first)) return to;
  }
  throw new Error(`line ${at + 1}: no end found`);
}

function dedent(lines: readonly string[]): string {
  const indents = lines.filter((line) => line.trim() !== '').map((line) => /^ */.exec(line)?.[0].length ?? 0);
  const least = Math.min(...indents);
  return lines.map((line) => line.slice(least)).join('\n');
}
