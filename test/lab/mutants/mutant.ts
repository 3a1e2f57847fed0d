/**
 * Mutants: the answer to a lab with one sentence of its contract left out or broken. The judge must find each of them,
 * in the case whose hint speaks of that sentence. A mutant is a text of the product's file, which stands there once,
 * what takes its place, and how the name of the case begins that fails first.
 */
export type Mutant = readonly [from: string, to: string, fails: string];
