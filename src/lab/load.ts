/** Loads modules of ours with a student's file among them. */
import { register } from 'node:module';
import { encodeGraph, type Parts, QUERY } from './parts.js';

let isRegistered = false;
let graphs = 0;

/**
 * Imports a module (relative to dist/src/lab) in a graph of its own, in which `parts` replace files of the product. The
 * caller knows the type of what it exports.
 */
export async function importWith<T>(module: string, parts: Parts): Promise<T> {
  if (!isRegistered) register(new URL('./hooks.js', import.meta.url), { data: {} });
  isRegistered = true;
  const url = new URL(module, import.meta.url);
  url.searchParams.set(QUERY, encodeGraph(++graphs, parts));
  return (await import(url.href)) as T;
}

/** From now on `parts` replace files of the product wherever this thread imports them. */
export function replaceEverywhere(parts: Parts): void {
  register(new URL('./hooks.js', import.meta.url), { data: parts });
}
