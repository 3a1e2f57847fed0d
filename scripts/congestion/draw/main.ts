/**
 * `npm run congestion:draw [folder]`: writes the figures of docs/congestion.md (default: docs/images of the project).
 * Virtual time and a seed: the files differ only if the code does.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { figures } from './figures.js';

const folder = process.argv[2] ?? fileURLToPath(new URL('../../../../docs/images/', import.meta.url));
mkdirSync(folder, { recursive: true });
for (const [name, text] of figures()) {
  writeFileSync(join(folder, name), text);
  console.log(`${name}: ${Math.ceil(text.length / 1024)} KiB`);
}
