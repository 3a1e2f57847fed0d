import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { expect } from 'chai';
import { pagesIn } from '../../scripts/pages.js';

describe('scripts/pages', () => {
  const folder = mkdtempSync(`${tmpdir()}/pages-`);
  after(() => rmSync(folder, { recursive: true }));

  /** The status of the answer to a request for `url`. */
  function statusOf(url: string): number {
    let status = 0;
    const response = {
      writeHead: (code: number) => {
        status = code;
        return response;
      },
      end: () => response,
    };
    pagesIn(folder)({ url } as IncomingMessage, response as unknown as ServerResponse);
    return status;
  }

  it('answer a malformed address with 400, and an address without a page with 404', () => {
    expect(['/%', '/%ff', '//', '//['].map(statusOf)).to.deep.equal([400, 400, 400, 400]);
    expect(['/nothing', '/../etc/passwd'].map(statusOf)).to.deep.equal([404, 404]);
  });
});
