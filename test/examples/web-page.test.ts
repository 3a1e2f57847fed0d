/** The example of a stack in a web page, bundled as its head says, in headless Chromium. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { build } from 'esbuild';
import { CHROMIUM, CHROMIUM_MISSING, launchChromium, newPage } from '../support/chromium.js';

const PAGE = fileURLToPath(new URL('../../../examples/web-page/', import.meta.url));
interface Shown {
  readonly result: string;
  readonly lines: readonly string[];
  readonly lost: number;
}

describe(`the example of a stack in a web page${CHROMIUM_MISSING}`, () => {
  it('fetches its file over a bad link, and shows each frame, the same for the same seed', async function () {
    if (CHROMIUM === undefined) return this.skip();
    const options = { bundle: true, format: 'esm', write: false, logLevel: 'silent' } as const;
    const { outputFiles } = await build({ entryPoints: [`${PAGE}page.ts`], ...options });
    const script = outputFiles[0]!.text;
    const html = (await readFile(`${PAGE}index.html`, 'utf8')).replace(/<script.*<\/script>/, '');
    const browser = await launchChromium();
    try {
      const page = await newPage(browser);
      const problems: string[] = [];
      page.on('pageerror', (error) => problems.push(String(error)));
      const show = async (hash: string): Promise<Shown> => {
        await page.goto('about:blank');
        await page.goto(`about:blank#${hash}`);
        await page.setContent(html);
        await page.addScriptTag({ content: script, type: 'module' });
        return (await page.evaluate(`({
          result: document.querySelector('#result').textContent,
          lines: [...document.querySelectorAll('#frames li')].map((line) => line.textContent),
          lost: document.querySelectorAll('.lost').length,
        })`)) as Shown;
      };
      const good = await show('loss=0');
      expect(good.result).to.match(/^200, 32 bytes, [\d.]+ ms$/);
      expect(good.lost).to.equal(0);
      expect(good.lines.some((line) => line.includes('Flags [S.]'))).to.equal(true);
      expect(good.lines[0], 'from the first frame on').to.match(/^0\.0 ms {2}ARP, Announcement 10\.0\.0\.1/);
      const bad = await show('loss=0.3&seed=5');
      expect(bad.lost).to.be.greaterThan(0);
      expect(bad.result).to.match(/^200, 32 bytes/);
      expect(await show('loss=0.3&seed=5')).to.deep.equal(bad);
      expect(problems).to.deep.equal([]);
    } finally {
      await browser.close();
    }
  });
});
