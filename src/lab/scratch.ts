/**
 * Takes bodies out of a source file, for the student's copy. It works on lines: Biome formats the source, so a function
 * ends at the first line that is a closing brace as far in as its head.
 */
import type { Hole, Lab } from './lab.js';

/** What the body throws until it is written. The judge looks for this text. */
export const NOT_WRITTEN = 'is not written yet';

/** The imports of a student's file begin with this, wherever the file lies. */
export const PRODUCT_PREFIX = '@fastpath/';

/** The student's file: the product's file without the bodies, and with imports that do not depend on its folder. */
export function scratchCopy(lab: Lab, source: string): string {
  const open = lab.holes.reduce((text, hole) => withoutBody(text, hole), source);
  return movableImports(open, lab.file);
}

/**
 * `source` with the body of one function replaced by its contract. @throws {Error} if the function is not there: the
 * lab no longer fits the product.
 */
export function withoutBody(source: string, hole: Hole): string {
  const lines = source.split('\n');
  const head = lines.findIndex((line) => isHead(line, hole.name));
  if (head < 0) throw new Error(`there is no function ${hole.name} in the source`);
  const indent = /^ */.exec(lines[head] ?? '')?.[0] ?? '';
  const opening = lines.findIndex((line, i) => i >= head && line.endsWith('{') && depthOf(line) === indent.length);
  const closing = lines.findIndex((line, i) => i > opening && line === `${indent}}`);
  if (opening < 0 || closing < 0) throw new Error(`the function ${hole.name} has no end`);
  const inner = `${indent}  `;
  const body = [
    ...hole.contract.map((line) => `${inner}// ${line}`.trimEnd()),
    `${inner}throw new Error('${hole.name} ${NOT_WRITTEN}');`,
  ];
  return [...lines.slice(0, opening + 1), ...body, ...lines.slice(closing)].join('\n');
}

/** A head is where a function or method is declared, and no call of it: it has no `;`, and it is hardly indented. */
function isHead(line: string, name: string): boolean {
  const escaped = name.replace('#', '\\#');
  const words = '((export|static|override|protected|get) )*(function )?';
  return new RegExp(`^( {2})?${words}${escaped}\\(`).test(line) && !line.endsWith(';');
}

function depthOf(line: string): number {
  return line.length - line.trimStart().length;
}

/** `'../device/frame.js'` becomes `'@fastpath/net/device/frame.js'`. */
function movableImports(source: string, file: string): string {
  return source.replaceAll(/(from )'(\.[^']+)'/g, (_, from: string, path: string) => {
    const { pathname } = new URL(path, `file:///${file}`);
    return `${from}'${PRODUCT_PREFIX}${pathname.slice(1)}'`;
  });
}
