/**
 * The room in which a student's file runs. It computes; it needs no process, no files and no network. And it shall not
 * decide about its own verdict: the judge uses the same objects of JavaScript as the student's code. So those are
 * frozen (intrinsics.ts), and the names by which they are found become constants here.
 *
 * The file's imports are bounded in hooks.ts. docs/teaching.md says what remains possible.
 */
import { freezeIntrinsics } from './intrinsics.js';

/** Kept beside what ECMAScript itself defines: the stack uses them, or a student who looks for a fault. */
const KEPT = new Set([
  'Buffer',
  'TextDecoder',
  'TextEncoder',
  'URL',
  'URLSearchParams',
  'clearImmediate',
  'clearInterval',
  'clearTimeout',
  'console',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'setInterval',
  'setTimeout',
  'structuredClone',
]);

/** The names that ECMAScript defines. Node makes them all not enumerable, as the standard says. */
const STANDARD =
  /^(?:[A-Z]\w*Error|(?:Big)?(?:Uint|Int|Float)\d+(?:Clamped)?Array|(?:de|en)codeURI(?:Component)?|(?:un)?escape)$/;
const STANDARD_NAMES = new Set(
  (
    'AggregateError Array ArrayBuffer Atomics BigInt Boolean DataView Date Error FinalizationRegistry Function ' +
    'Infinity Intl Iterator JSON Map Math NaN Number Object Promise Proxy Reflect RegExp Set SharedArrayBuffer ' +
    'String Symbol WeakMap WeakRef WeakSet eval globalThis isFinite isNaN parseFloat parseInt undefined'
  ).split(' '),
);

const isStandard = (name: string): boolean => STANDARD_NAMES.has(name) || STANDARD.test(name);

/** What a file prints with. */
const PRINTING = [
  ...(['log', 'info', 'debug', 'warn', 'error', 'assert', 'dir', 'table', 'trace'] as const),
  ...(['group', 'groupCollapsed', 'groupEnd', 'count', 'countReset', 'time', 'timeLog', 'timeEnd'] as const),
];

/** Takes away from this thread what a file of a lab has no use for, and makes constants of the rest. For good. */
export function enclose(): void {
  Reflect.defineProperty(globalThis, 'console', { value: plainConsole(), configurable: true });
  const names = Object.getOwnPropertyNames(globalThis);
  freezeIntrinsics(names.filter(isStandard).map((name) => Reflect.get(globalThis, name)));
  for (const name of names) {
    if (!KEPT.has(name) && !isStandard(name)) {
      Reflect.deleteProperty(globalThis, name);
      continue;
    }
    const value: unknown = Reflect.get(globalThis, name);
    if (KEPT.has(name)) freezeWithPrototype(value);
    Reflect.defineProperty(globalThis, name, { value, writable: false, configurable: false });
  }
}

/** Functions that print, all to one stream and so in their order, and no way from them to that stream. */
function plainConsole(): unknown {
  const own = new console.Console(process.stdout, process.stdout);
  return Object.fromEntries(PRINTING.map((name) => [name, own[name]]));
}

function freezeWithPrototype(value: unknown): void {
  Object.freeze(value);
  if (typeof value === 'function') Object.freeze(value.prototype);
}
