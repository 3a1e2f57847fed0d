/** The package as npm would publish it, unpacked into a folder of its own where a program can import it by its name. */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Package } from '@arethetypeswrong/core';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** A packed and installed package. */
export interface Packed {
  /** A folder with node_modules/fastpath and what that needs; programs are written into it. */
  readonly project: string;
  /** The unpacked package. */
  readonly folder: string;
  /** Every file of it, relative. */
  readonly files: readonly string[];
}

/**
 * Copies the files of the repository, as it was built last, that npm would pack. npm's own modules say which they are;
 * to compress and unpack them would take twice as long. The caller removes `project`.
 */
export async function pack(): Promise<Packed> {
  const project = mkdtempSync(join(tmpdir(), 'fastpath-package-'));
  // Without one of its own, the project would belong to a package of a folder above.
  writeFileSync(join(project, 'package.json'), '{"name":"project","private":true}');
  const modules = join(project, 'node_modules');
  const folder = join(modules, 'fastpath');
  const files = await packList();
  for (const parent of new Set(files.map((file) => dirname(join(folder, file)))))
    mkdirSync(parent, { recursive: true });
  for (const file of files) copyFileSync(join(ROOT, file), join(folder, file));
  for (const dependency of [...dependenciesOf(folder), '@types/node', 'undici-types']) {
    const link = join(modules, dependency);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', dependency), link);
  }
  return { project, folder, files };
}

/** The files that `npm pack` would pack: by the modules of the installed npm, or where they are not found by itself. */
async function packList(): Promise<string[]> {
  const program = npmProgram();
  if (program === undefined) return listOfNpm();
  const npm = createRequire(program);
  type Tree = object;
  const Arborist = npm('@npmcli/arborist') as new (options: { path: string }) => { loadActual(): Promise<Tree> };
  const list = npm('npm-packlist') as (tree: Tree) => Promise<string[]>;
  return list(await new Arborist({ path: ROOT }).loadActual());
}

/** A file beside npm's modules. What is found as `npm` may be a script of a version manager, which has none. */
function npmProgram(): string | undefined {
  const found = execFileSync('which', ['npm'], { encoding: 'utf8' }).trim();
  const besideNode = join(dirname(realpathSync(process.execPath)), '../lib/node_modules/npm/bin/npm-cli.js');
  const places = [process.env.npm_execpath, besideNode, realpathSync(found)];
  return places.find((place) => {
    if (place === undefined || !existsSync(place)) return false;
    try {
      return createRequire(place).resolve('npm-packlist') !== '';
    } catch {
      return false;
    }
  });
}

/** The same from its report, which takes longer: it compresses the package. */
function listOfNpm(): string[] {
  const report = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 2 ** 20,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const packed = Object.values(JSON.parse(report)) as [{ files: { path: string }[] }];
  return packed[0].files.map(({ path }) => path);
}

/**
 * The package for "are the types wrong". Its own class reads the compressed one, and looks through all five thousand
 * names of files each time that TypeScript asks for a folder, which took ten seconds.
 */
export class UnpackedPackage extends Package {
  readonly #folders = new Set<string>();

  constructor({ folder, files }: Packed) {
    const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      name: string;
      version: string;
    };
    const place = `/node_modules/${name}/`;
    const named = files.map((file) => [place + file, readFileSync(join(folder, file))] as const);
    super(Object.fromEntries(named), name, version);
    for (const [path] of named)
      for (let at = dirname(path); !this.#folders.has(at); at = dirname(at)) this.#folders.add(at);
  }

  override directoryExists(path: string): boolean {
    return this.#folders.has(path.replace(/(.)\/$/, '$1'));
  }
}

function dependenciesOf(folder: string): string[] {
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  return Object.keys(dependencies);
}

/** Writes a program into the project and gives its path. */
export function write(packed: Packed, name: string, text: string): string {
  const path = join(packed.project, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** Type-checks files of the project; gives the compiler's complaints, empty if there are none. */
export function typeCheck(packed: Packed, files: readonly string[], options: readonly string[]): string {
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const common = ['--noEmit', '--strict', '--target', 'es2023', '--types', 'node', '--skipLibCheck', 'false'];
  try {
    execFileSync(process.execPath, [tsc, ...common, ...options, ...files], { cwd: packed.project, encoding: 'utf8' });
    return '';
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

/** Runs a program of the project; gives what it printed. @throws if it fails. */
export function run(packed: Packed, file: string): string {
  return execFileSync(process.execPath, [file], { cwd: packed.project, encoding: 'utf8' });
}
