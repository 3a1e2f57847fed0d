/** `npm run states:draw`: writes the figure and the tables of docs/tcp-states.md from src/net/tcp/state.ts. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { diagram } from './diagram.js';
import { withTables } from './page.js';

const docs = fileURLToPath(new URL('../../../docs/', import.meta.url));
const page = `${docs}tcp-states.md`;
writeFileSync(`${docs}images/tcp-states.svg`, diagram());
writeFileSync(page, withTables(readFileSync(page, 'utf8')));
console.log('docs/tcp-states.md and docs/images/tcp-states.svg are up to date.');
