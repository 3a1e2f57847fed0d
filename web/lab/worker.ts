/**
 * Judges a student's file in the page. The bundle has the whole stack in it; where a file of a lab would stand, the
 * build has put a door (scripts/lab-page.ts) that asks `labStudent` for the student's module. One worker judges one
 * file, and the page ends it when it does not come back.
 */
import { transform } from 'sucrase';
import type { Case } from '../../src/lab/judging/case.js';
import { messageOf, missingWords, strangeImportWords } from '../../src/lab/judging/exceptions.js';
import { runCase } from '../../src/lab/judging/run-case.js';
import { keepScripts } from './material.js';
import type { Question, Reply } from './messages.js';
import { printTo } from './printing.js';

type Module = Readonly<Record<string, unknown>>;

declare global {
  /** The student's module in the place of `file`; undefined: the product's own. */
  var labStudent:
    | ((file: string, imports: Readonly<Record<string, Module>>, names: readonly string[]) => Module | undefined)
    | undefined;
}

/** The cases of each lab. They are loaded when they are wanted, and the stack with them. */
const CASES: Readonly<Record<string, () => Promise<{ readonly cases: readonly Case[] }>>> = {
  checksum: () => import('../../src/lab/judging/checksum.js'),
  'prefix-sums': () => import('../../src/lab/judging/prefix-sums.js'),
  'arp-cache': () => import('../../src/lab/judging/arp-cache.js'),
  reassembly: () => import('../../src/lab/judging/reassembly.js'),
  'sliding-window': () => import('../../src/lab/judging/sliding-window.js'),
  rto: () => import('../../src/lab/judging/rto.js'),
  'fast-retransmit': () => import('../../src/lab/judging/fast-retransmit.js'),
  cubic: () => import('../../src/lab/judging/cubic.js'),
  'syn-cookies': () => import('../../src/lab/judging/syn-cookies.js'),
  'request-scanner': () => import('../../src/lab/judging/request-scanner.js'),
};

const reply = (message: Reply) => self.postMessage(message);

/** The student's text as a module: CommonJS, whose imports are the product's modules. */
function evaluate(code: string, imports: Readonly<Record<string, Module>>): Module {
  const exports: Record<string, unknown> = {};
  const require = (name: string): Module => {
    const found = imports[name];
    if (found === undefined) throw new Error(strangeImportWords(name));
    return found;
  };
  new Function('require', 'exports', code)(require, exports);
  return exports;
}

async function judge({ lab, file, source, scripts }: Question): Promise<void> {
  keepScripts(scripts);
  const { code } = transform(source, { transforms: ['typescript', 'imports'], disableESTransforms: true });
  printTo((text) => reply({ kind: 'prints', text }));
  globalThis.labStudent = (wanted, imports, names) => {
    if (wanted !== file) return undefined;
    reply({ kind: 'file' });
    const student = evaluate(code, imports);
    const missing = names.find((name) => student[name] === undefined);
    if (missing !== undefined) throw new Error(missingWords(missing));
    return student;
  };
  const { cases } = (await CASES[lab]?.()) ?? { cases: [] };
  for (const each of cases) {
    reply({ kind: 'begins', name: each.name, total: cases.length });
    reply({ kind: 'ended', result: await runCase(each) });
  }
  reply({ kind: 'done' });
}

self.onmessage = ({ data }: MessageEvent<Question>) => {
  judge(data).catch((error: unknown) => {
    reply({ kind: 'trouble', message: messageOf(error) });
  });
};
