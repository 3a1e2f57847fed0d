/**
 * Runs test/packets: our own scripts, one behaviour each, with the early path for expected segments and without it.
 * Strict: options in order, nothing joined, nothing sent that the script does not mention, times within a millisecond.
 */
import { readFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { TcpSettings } from '../../../src/net/tcp/settings.js';
import { describeResult } from '../../../src/packetdrill/run/report.js';
import { findScripts, runScriptFile } from '../../../src/packetdrill/run/script-files.js';

const FOLDER = fileURLToPath(new URL('../../../../test/packets', import.meta.url));
const TOLERANCE_MICROSECONDS = 1000;

const scripts = findScripts([FOLDER]).map((path) => relative(FOLDER, path));

/** src/net/expected is on, and off. */
const PATHS = [{ expectedSegments: true }, { expectedSegments: false }];

function run(name: string, tcp: Partial<TcpSettings>) {
  return runScriptFile(`${FOLDER}/${name}`, {
    profile: 'linux',
    ipVersions: ['ipv4', 'ipv6'],
    definitions: new Map(),
    overrides: { strict: true, toleranceUsecs: TOLERANCE_MICROSECONDS, tolerancePercent: 0 },
    seed: 1,
    tcp,
  });
}

describe('packet scripts', () => {
  it('are at least 200', () => expect(scripts.length).to.be.at.least(200));

  for (const folder of new Set(scripts.map(dirname))) {
    describe(folder, () => {
      for (const name of scripts.filter((script) => dirname(script) === folder)) {
        it(`${name}: ${title(name)}`, () => {
          for (const result of PATHS.flatMap((tcp) => run(name, tcp))) {
            if (result.verdict !== 'passed') expect.fail(`\n${describeResult(result)}`);
            expect(result.notChecked, 'assertions that could not be evaluated').to.deep.equal([]);
          }
        });
      }
    });
  }
});

/** The first line of a script says what it shows, with the section of the RFC. */
function title(name: string): string {
  const first = readFileSync(`${FOLDER}/${name}`, 'utf8').split('\n')[0]!;
  return first.replace(/^\/\/\s*/, '');
}
