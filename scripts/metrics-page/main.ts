/** Makes the tables of docs/metrics.md. Without `--write` it says whether they are up to date (status 1: not). */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { withMetrics } from './tables.js';

const path = fileURLToPath(new URL('../../../docs/metrics.md', import.meta.url));
const page = readFileSync(path, 'utf8');
const made = withMetrics(page);
if (made === page) process.exit();
if (process.argv.includes('--write')) {
  writeFileSync(path, made);
  console.log('docs/metrics.md: written');
} else {
  console.log('docs/metrics.md is not up to date: npm run metrics -- --write');
  process.exitCode = 1;
}
