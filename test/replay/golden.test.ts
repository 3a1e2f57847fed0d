/**
 * Replays of what real clients said to `fastpath serve`: curl, wget, Chromium, on good links and bad ones. A change of
 * our stack that changes its answers shows up here as a changed line; if it is meant, `npm run record-replay --
 * --refresh` writes the new answers down.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { goldenNames, goldenPath, makeGoldenSite, replayGolden } from '../support/golden.js';

describe('golden replays', () => {
  let site: string;

  before(() => {
    site = mkdtempSync(join(tmpdir(), 'fastpath-golden-'));
    makeGoldenSite(site);
  });
  after(() => rmSync(site, { recursive: true }));

  it('are there for each kind of client and link', () => {
    const wanted = ['chromium', 'curl', 'half-close', 'lossy', 'pipelining', 'range', 'reset', 'wget'];
    expect(goldenNames()).to.include.members(wanted);
  });

  for (const name of goldenNames()) {
    it(`${name}: our stack answers as it did when this was recorded, twice the same`, async () => {
      const expected = readFileSync(goldenPath(name, 'txt'), 'utf8');
      const once = await replayGolden(goldenPath(name, 'pcapng'), site);
      expect(once.split('\n')).to.deep.equal(expected.split('\n'));
      expect(await replayGolden(goldenPath(name, 'pcapng'), site)).to.equal(once);
    });
  }
});
