/**
 * The second half of `npm run build`, after tsc has compiled src, test and scripts: what these programs make needs the
 * compiled scripts, but nothing of each other. The compiler checks the types of the web applications meanwhile.
 */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import './remove-leftovers.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const TSC = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');

/** Checks the types of web/. The compiler says itself what is wrong with them; then the build fails. */
function checkWeb(): Promise<void> {
  const compiler = spawn(process.execPath, [TSC, '-p', 'web'], { cwd: ROOT, stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    compiler.once('error', reject);
    compiler.once('exit', (status) => {
      if (status !== 0) process.exitCode = 1;
      resolve();
    });
  });
}

await Promise.all([checkWeb(), import('./program.js'), import('./web.js'), import('./man-pages.js')]);
