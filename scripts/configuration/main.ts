/**
 * What is made from the schema of the configuration file: schema/site.schema.json for editors, and the tables of
 * docs/configuration.md. Without `--write` it says whether they are up to date (status 1: they are not).
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jsonSchema, SCHEMA_FILE } from '../../src/site/config/json-schema.js';
import { withTables } from './reference.js';

const PAGE = 'docs/configuration.md';
const root = (name: string) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));

/** The files and what they have to hold. */
function made(): ReadonlyMap<string, string> {
  return new Map([
    [SCHEMA_FILE, `${JSON.stringify(jsonSchema(), undefined, 2)}\n`],
    [PAGE, withTables(readFileSync(root(PAGE), 'utf8'))],
  ]);
}

function read(name: string): string {
  try {
    return readFileSync(root(name), 'utf8');
  } catch {
    return '';
  }
}

for (const [name, text] of made()) {
  if (read(name) === text) continue;
  if (process.argv.includes('--write')) {
    mkdirSync(dirname(root(name)), { recursive: true });
    writeFileSync(root(name), text);
    console.log(`${name}: written`);
  } else {
    console.log(`${name} is not up to date: npm run configuration -- --write`);
    process.exitCode = 1;
  }
}
