/**
 * Scripts nobody would write: whatever the text, the answer is a tree or an error that points into it, and running it
 * ends with a verdict.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import fc from 'fast-check';
import { parseScript } from '../../../src/packetdrill/language/parser.js';
import { ScriptError } from '../../../src/packetdrill/language/script-error.js';
import { findScripts, runSource } from '../../../src/packetdrill/run/script-files.js';

const FOLDER = fileURLToPath(new URL('../../../../test/packets', import.meta.url));
const SOURCES = findScripts([FOLDER]).map((path) => readFileSync(path, 'utf8'));
const PIECES = [
  '<',
  '>',
  '(',
  ')',
  '{',
  '}',
  '[',
  ']',
  '=',
  '...',
  '"',
  '`',
  '%{',
  '}%',
  '+',
  '~',
  '*',
  '-1',
  '0x',
  '4294967296',
  '#ifdef X',
  '#endif',
  '/*',
  '.5',
  'sack',
  'icmp',
  '\n',
  '--define=A=1',
  '1:1(1)',
  ',',
  '|',
];

/** A script of ours with some of its text taken out, doubled, moved or replaced. */
const mutated = fc
  .tuple(fc.nat(), fc.array(fc.tuple(fc.nat(), fc.nat(30), fc.nat(), fc.nat(3)), { minLength: 1, maxLength: 4 }))
  .map(([index, edits]) => {
    let text = SOURCES[index % SOURCES.length]!;
    for (const [where, length, piece, kind] of edits) {
      const at = where % (text.length + 1);
      const part = text.slice(at, at + length);
      const insert =
        kind === 0 ? '' : kind === 1 ? part + part : kind === 2 ? PIECES[piece % PIECES.length] : part.toUpperCase();
      text = text.slice(0, at) + insert + text.slice(at + length);
    }
    return text;
  });

describe('packetdrill: hostile scripts', () => {
  it('are parsed, or refused with a place that exists', () => {
    fc.assert(
      fc.property(mutated, (text) => {
        try {
          parseScript('f.pkt', text);
        } catch (error) {
          expect(error).to.be.instanceOf(ScriptError);
          const { line, column } = (error as ScriptError).at;
          const lines = text.split('\n');
          expect(line).to.be.within(1, lines.length);
          expect(column).to.be.within(1, lines[line - 1]!.length + 1);
        }
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  it('end with a verdict, and never with an exception', () => {
    fc.assert(
      fc.property(mutated, (text) => {
        const result = runSource('f.pkt', text, 'ipv4', {
          profile: 'linux',
          ipVersions: ['ipv4'],
          definitions: new Map(),
          overrides: {},
          seed: 1,
        });
        expect(result.failure?.problem ?? '').to.not.contain('threw an exception');
      }),
      { numRuns: 500, seed: 2 },
    );
  });
});
