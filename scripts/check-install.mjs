/**
 * The first step of `npm run build`: are the installed packages those of package-lock.json? After a pull they may be
 * older, and then the compiler complains about types in a file that nobody has touched. This says what to do instead.
 *
 * It is JavaScript because it runs before the compiler does.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The JSON in a file, or undefined if the file is not there. */
function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * What is wrong with the packages that this project and its workspaces ask for themselves, one line for each.
 * @param {string} root the folder with package-lock.json
 * @returns {string[]}
 */
export function staleInstalls(root) {
  const { packages } = readJson(join(root, 'package-lock.json'));
  const stale = new Set();
  for (const [folder, { dependencies, devDependencies }] of Object.entries(packages)) {
    if (folder.includes('node_modules')) continue; // not the project and not a workspace
    for (const name of Object.keys({ ...dependencies, ...devDependencies })) {
      const own = join(folder, 'node_modules', name);
      const place = own in packages ? own : `node_modules/${name}`;
      const installed = readJson(join(root, place, 'package.json'))?.version;
      const wanted = packages[place].version;
      if (installed === undefined) stale.add(`${place} is missing`);
      else if (installed !== wanted) stale.add(`${place} is ${installed}, and package-lock.json has ${wanted}`);
    }
  }
  return [...stale];
}

if (import.meta.url === pathToFileURL(resolve(process.argv[1] ?? '')).href) {
  const stale = staleInstalls(process.cwd());
  if (stale.length > 0) {
    const further = stale.length > 3 ? ` (and ${stale.length - 3} more)` : '';
    console.error(
      `The installed packages are not those of package-lock.json: ${stale.slice(0, 3).join('; ')}${further}.`,
    );
    console.error(
      'Run `npm install`, then build again. This is needed after each pull that changes package-lock.json.',
    );
    process.exitCode = 1;
  }
}
