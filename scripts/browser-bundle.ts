/** How esbuild makes a bundle for a browser: the pages of the inspector, of the labs and of the book. */
import { fileURLToPath } from 'node:url';
import type { BuildOptions } from 'esbuild';

/** Options of every such bundle. @param root the repository, with a slash behind it */
export const browserBundle = (root = fileURLToPath(new URL('../../', import.meta.url))) =>
  ({
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    tsconfig: `${root}web/tsconfig.json`,
    legalComments: 'none',
    logLevel: 'warning',
  }) satisfies BuildOptions;
