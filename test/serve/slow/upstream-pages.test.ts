import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { upstreamPages } from '../../../src/serve/slow/upstream-pages.js';

describe('error pages for upstreams', () => {
  const folder = mkdtempSync(join(tmpdir(), 'upstream-pages-'));
  before(() => writeFileSync(join(folder, '100%.html'), 'busy'));
  after(() => rmSync(folder, { recursive: true }));

  it('are files by their names on disk, a % in one of them included; a page that is not there is left out', () => {
    const [site] = upstreamPages([{ folder, errorPages: { 502: '/100%.html', 503: '/none.html' } }]);
    expect(Object.keys(site?.pages ?? {})).to.deep.equal(['502']);
    expect(Buffer.from(site?.pages[502]?.body ?? []).toString()).to.equal('busy');
  });
});
