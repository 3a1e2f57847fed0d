/**
 * `npm run experiments`: fills the pictures of docs/experiments.md, and the findings below them. They are what the
 * experiments give with seed 1. test/experiment/page.test.ts compares.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { pictureText } from '../src/experiment/experiment.js';
import { EXPERIMENTS } from '../src/experiment/experiments.js';

/** The page in the folder of the project. */
export const PAGE = fileURLToPath(new URL('../../docs/experiments.md', import.meta.url));
const SEED = 1;

/** The page with its blocks filled anew: behind the line `fastpath experiment NAME` comes its picture. */
export function filled(page: string): string {
  let text = page;
  for (const { name, run } of EXPERIMENTS) {
    const { picture, findings } = run(SEED);
    const block = `$ fastpath experiment ${name}\n${pictureText(picture)}\n\n${findings.join('\n')}\n`;
    const place = new RegExp(`(?<=^\`\`\`text\n)\\$ fastpath experiment ${name}\n[\\s\\S]*?(?=^\`\`\`$)`, 'm');
    if (!place.test(text))
      throw new Error(`docs/experiments.md has no block that begins with fastpath experiment ${name}`);
    text = text.replace(place, () => block);
  }
  return text;
}

if (process.argv.includes('--write')) writeFileSync(PAGE, filled(readFileSync(PAGE, 'utf8')));
