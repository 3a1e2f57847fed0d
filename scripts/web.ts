/**
 * Builds the web applications of web/ into dist/web. Part of the build. esbuild takes half a second; tsc has checked
 * the types before.
 */
import { copyFileSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { browserBundle } from './browser-bundle.js';
import { buildLabPage } from './lab-page.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const OUT = `${ROOT}dist/web/inspector/`;

mkdirSync(OUT, { recursive: true });
await build({
  ...browserBundle(),
  entryPoints: { app: `${ROOT}web/inspector/app.tsx`, worker: `${ROOT}web/inspector/worker/main.ts` },
  outdir: OUT,
});
copyFileSync(`${ROOT}web/inspector/index.html`, `${OUT}index.html`);

await buildLabPage();
copyFileSync(`${ROOT}web/lab/index.html`, `${ROOT}dist/web/lab/index.html`);
