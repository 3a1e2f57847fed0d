/** Loads modules of ours with a student's file among them. */
import { register } from 'node:module';
import { ownFile } from '../own-files.js';
import { encodeGraph, type Parts, QUERY } from './parts.js';

const HOOKS = ownFile('../src/lab/hooks.js');

let isRegistered = false;
let graphs = 0;

/**
 * Imports a module, by its path from dist/src/lab, in a graph of its own: there, `parts` replace files of the product.
 * The caller knows the type of what it exports.
 */
export async function importWith<T>(module: string, parts: Parts): Promise<T> {
  if (!isRegistered) register(HOOKS, { data: {} });
  isRegistered = true;
  const url = new URL(module, HOOKS);
  url.searchParams.set(QUERY, encodeGraph(++graphs, parts));
  return (await import(url.href)) as T;
}

/** From now on `parts` replace files of the product wherever this thread imports them. */
export function replaceEverywhere(parts: Parts): void {
  register(HOOKS, { data: parts });
}
