/**
 * The cases of a lab. This module is the entry of a graph of its own (hooks.ts): whatever the cases import is the
 * product with the student's file in it.
 */
import type { Case } from './case.js';

export { runCase } from './run-case.js';

/** The cases of a lab, by its name. @throws if the student's file cannot be loaded */
export async function loadCases(lab: string): Promise<readonly Case[]> {
  const { cases } = (await import(`./${lab}.js`)) as { cases: readonly Case[] };
  return cases;
}
