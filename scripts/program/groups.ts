/**
 * Which sources lie together in one file of the bundle.
 *
 * esbuild puts two sources into one file only if exactly the same programs need both, and everything that is imported
 * when it is needed counts as a program for it: there are eighty. So it makes files by the hundred, and a start of the
 * server read 170 of them, which cost more than what is in them.
 *
 * Here those that are imported when they are needed do not count. What the same programs need is a group, and whoever
 * needs one source of a group loads the group. More count as programs, so that nobody loads much for little: the
 * subcommand `serve`, what it imports at every start (`START`), all the other subcommands together, and each protocol
 * module, which a worker imports.
 */
import type { Metafile, Plugin } from 'esbuild';

/** It imports each subcommand when it is called for. */
const COMMANDS = 'src/cli/program.ts';
const SERVE = 'src/cli/serve.ts';
/** It imports each protocol module that is wished for. Every worker and every main thread has that of HTTP. */
const MODULES = 'src/serve/modules/load.ts';
const HTTP = 'src/http/module.ts';
/** What the main thread imports at every start, after the command line is read. */
const START = ['src/cli/config-source.ts', 'src/cli/run-server.ts', HTTP];
const WORKER = 'src/serve/worker/worker.ts';

/** A group's sources, each behind those that it imports. */
type Group = readonly string[];

/** Imports that are there when a source begins (statements), or those that come later. */
function importsOf(inputs: Metafile['inputs'], path: string, kind: 'import-statement' | 'dynamic-import'): string[] {
  const imports = inputs[path]?.imports ?? [];
  return imports.filter((each) => each.kind === kind && !each.external).map((each) => each.path);
}

/** Everything that is there when these sources have begun, in the order in which it begins. */
function needed(inputs: Metafile['inputs'], roots: readonly string[]): string[] {
  const seen = new Set<string>();
  const order: string[] = [];
  const visit = (path: string) => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const each of importsOf(inputs, path, 'import-statement')) visit(each);
    order.push(path);
  };
  for (const root of roots) {
    if (!(root in inputs)) throw new Error(`${root} is gone: mend scripts/program/groups.ts`);
    visit(root);
  }
  return order;
}

/**
 * The groups. A program itself is in none: it may wait at its top level, and what it loads meanwhile must not wait for
 * it in turn.
 */
function groupsOf({ inputs }: Metafile, programs: ReadonlySet<string>): Group[] {
  const others = importsOf(inputs, COMMANDS, 'dynamic-import').filter((path) => path !== SERVE);
  const modules = importsOf(inputs, MODULES, 'dynamic-import').filter((path) => path !== HTTP);
  const single = [SERVE, ...modules, ...programs];
  const roots = [START, others, ...single.map((path) => (path === WORKER ? [WORKER, HTTP] : [path]))];
  const starts = roots.map((each) => needed(inputs, each));
  const needs = starts.map((start) => new Set(start));
  const groups = new Map<string, string[]>();
  for (const path of new Set(starts.flat())) {
    if (programs.has(path)) continue;
    const key = needs.map((sources) => (sources.has(path) ? '1' : '0')).join('');
    const group = groups.get(key) ?? [];
    group.push(path);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/**
 * Makes a program of every entry point, and of everything that is imported when it is needed: first the groups of
 * which it needs a source, then the source itself.
 * @param root the repository
 * @param metafile of a bundle of the same entry points without this plug-in
 */
export function grouped(root: string, metafile: Metafile, programs: ReadonlySet<string>): Plugin {
  const groups = groupsOf(metafile, programs);
  const program = (path: string) => {
    const own = new Set(needed(metafile.inputs, [path]));
    const used = groups.flatMap((group, i) => (group.some((each) => own.has(each)) ? [`import 'group:${i}';`] : []));
    const shebang = path === 'src/cli.ts' ? '#!/usr/bin/env node\n' : '';
    return `${shebang}${used.join('\n')}\nexport * from './${path}';`;
  };
  return {
    name: 'groups',
    setup(build) {
      build.onResolve({ filter: /^group:/ }, ({ path }) => ({ path: path.slice(6), namespace: 'group' }));
      build.onLoad({ filter: /.*/, namespace: 'group' }, ({ path }) => {
        const sources = groups[Number(path)] ?? [];
        return { contents: sources.map((source) => `import './${source}';`).join('\n'), resolveDir: root };
      });
      build.onResolve({ filter: /.*/ }, async ({ path, kind, resolveDir, importer, pluginData }) => {
        if (pluginData === 'inner' || !(kind === 'entry-point' || (kind === 'dynamic-import' && path.startsWith('.'))))
          return;
        const found = await build.resolve(path, { kind, resolveDir, importer, pluginData: 'inner' });
        return { path: found.path, namespace: 'program' };
      });
      build.onLoad({ filter: /.*/, namespace: 'program' }, ({ path }) => ({
        contents: program(path.slice(root.length)),
        resolveDir: root,
      }));
    },
  };
}
