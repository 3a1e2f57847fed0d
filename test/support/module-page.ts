/** The files of docs/modules.md: each begins with a comment that has its name. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PAGE = fileURLToPath(new URL('../../../docs/modules.md', import.meta.url));

/** The text of a file of the page. @throws {Error} if it has none of that name */
export function modulePage(name: string): string {
  const blocks = Array.from(readFileSync(PAGE, 'utf8').matchAll(/```\w+\n([\s\S]*?)```/g), ([, text = '']) => text);
  const found = blocks.find((text) => text.startsWith(`// ${name}\n`) || text.startsWith(`# ${name}\n`));
  if (found === undefined) throw new Error(`docs/modules.md has no file ${name}`);
  return found;
}
