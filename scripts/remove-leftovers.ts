/**
 * Removes from dist/ what an older build has left: files whose source has been moved or deleted. Otherwise tests that
 * are no more would run, and the package would hold code that is no more. Called by `npm run build`.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const BUILT = /\.(js|d\.ts)(\.map)?$/;

for (const folder of ['src', 'test', 'scripts', 'examples']) {
  const built = join(ROOT, 'dist', folder);
  if (!existsSync(built)) continue;
  for (const name of readdirSync(built, { recursive: true, encoding: 'utf8' })) {
    if (!BUILT.test(name)) continue;
    if (!existsSync(join(ROOT, folder, name.replace(BUILT, '.ts')))) rmSync(join(built, name));
  }
}
