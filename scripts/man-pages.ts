/**
 * Writes the manual pages to dist/man, from the commands as they are. Part of the build.
 *
 * The date in a page is that of SOURCE_DATE_EPOCH (reproducible-builds.org) or of the package's own file, so that two
 * builds of one version give the same bytes.
 */
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { manPages } from '../src/cli/man-page.js';
import { createProgram } from '../src/cli/program.js';

const root = new URL('../../', import.meta.url);
const folder = new URL('dist/man/', root);
const epoch = process.env.SOURCE_DATE_EPOCH;
const time = epoch === undefined ? statSync(new URL('package.json', root)).mtime : new Date(Number(epoch) * 1000);
const program = await createProgram();
mkdirSync(folder, { recursive: true });
const footer = { date: time.toISOString().slice(0, 10), version: program.version() ?? '' };
for (const { file, text } of manPages(program, footer)) writeFileSync(new URL(file, folder), text);
