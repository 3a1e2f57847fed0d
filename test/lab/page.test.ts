/** The labs in the page, in headless Chromium: judged there by the same cases, and open to everybody. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { Browser, Page } from 'puppeteer-core';
import { PageServer } from '../../src/inspector/page-server.js';
import { productSource } from '../../src/lab/folder.js';
import type { Lab } from '../../src/lab/lab.js';
import { findLab, LABS } from '../../src/lab/labs.js';
import { scratchCopy } from '../../src/lab/scratch.js';
import { CHROMIUM, CHROMIUM_MISSING, launchChromium, newPage } from '../support/chromium.js';
import { MISTAKES } from './mistakes.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const AXE = readFileSync(join(ROOT, 'node_modules/axe-core/axe.min.js'), 'utf8');

/** The answer to a lab, with imports as the student's file has them. */
const answer = (lab: Lab) => scratchCopy({ ...lab, holes: [] }, productSource(lab));

describe(`the page of the labs${CHROMIUM_MISSING}`, () => {
  let browser: Browser;
  let server: PageServer;
  let page: Page;
  const problems: string[] = [];

  before(async function () {
    if (CHROMIUM === undefined) return this.skip();
    browser = await launchChromium();
    server = new PageServer({});
    await server.open(0);
    page = await newPage(browser);
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    await page.goto(server.labUrl);
    await judged();
  });

  after(async () => {
    await browser?.close();
    await server?.close();
  });

  /** Waits for a verdict, and returns it. */
  async function judged(): Promise<string> {
    const verdict = await page.waitForFunction(`
      /^(red|green)/.test(document.getElementById('verdict').textContent) &&
      document.getElementById('verdict').textContent
    `);
    return String(await verdict.jsonValue());
  }

  /** Opens a lab with this text in it. */
  async function write(lab: Lab, text: string): Promise<string> {
    await page.evaluate(`
      localStorage.setItem('fastpath lab ${lab.name}', ${JSON.stringify(text)});
      [...document.querySelectorAll('#labs button')].find((each) => each.textContent.endsWith('${lab.name}')).click();
    `);
    return judged();
  }

  const textOf = async (id: string) => String(await page.evaluate(`document.getElementById('${id}').textContent`));

  it('begins with a scratch copy and its task, and says which body is missing', async () => {
    expect(await judged()).to.equal('red: 0 of 8 cases pass');
    expect(await textOf('task'))
      .to.include('About 20 minutes')
      .and.not.match(/[#*`]/);
    expect(await page.evaluate(`document.querySelectorAll('#task h3, #task code').length`)).to.be.above(5);
    expect(await textOf('failure')).to.include('fold is not written yet');
  });

  for (const lab of LABS) {
    it(`judges the answer to ${lab.name} green`, async () => {
      expect(await write(lab, answer(lab))).to.match(/^green/);
    });
  }

  it('shows the packets of a failure, and the second hint to those who ask', async () => {
    const lab = findLab('syn-cookies')!;
    const mistake = MISTAKES[lab.name]?.[1];
    expect(await write(lab, answer(lab).replace(mistake?.from ?? '', mistake?.to ?? ''))).to.match(/^red: 10 of 13/);
    expect(await textOf('failure'))
      .to.include(mistake?.fails)
      .and.not.include('hint');
    await page.click('#hint');
    expect(await textOf('failure'))
      .to.include('Compute the whole cookie anew')
      .and.include('< . 1:1(0) ack 77');
  });

  it('has task, file and verdict side by side in a wide window, and below each other on a phone', async () => {
    const places = async (width: number) => {
      await page.setViewport({ width, height: 900 });
      await page.evaluate('scrollTo(0, 0)');
      return page.evaluate(`['.task', '.file', '.verdict'].map((name) => {
        const { x, y } = document.querySelector(name).getBoundingClientRect();
        return { x, y };
      })`) as Promise<{ x: number; y: number }[]>;
    };
    const rises = (values: number[]) => values.every((value, i) => i === 0 || value > values[i - 1]!);
    const wide = await places(1440);
    expect(rises(wide.map(({ x }) => x))).to.equal(true);
    expect(new Set(wide.map(({ y }) => y)).size).to.equal(1);
    const phone = await places(390);
    expect(new Set(phone.map(({ x }) => x)).size).to.equal(1);
    expect(rises(phone.map(({ y }) => y))).to.equal(true);
  });

  it('says where a file is no TypeScript', async () => {
    expect(await write(findLab('rto')!, 'export class {')).to.match(/^red: the file cannot be loaded: .*\(1:\d+\)/);
  });

  it('has no accessibility fault, at the width of a phone neither', async () => {
    for (const width of [1280, 390]) {
      await page.setViewport({ width, height: 900 });
      await page.evaluate(AXE);
      const found = await page.evaluate('axe.run().then(({ violations }) => violations.map(({ id }) => id))');
      expect(found, `at ${width}`).to.deep.equal([]);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), `at ${width}`).to.equal(true);
    }
  });

  it('has met no error of its own, and its policy has stopped nothing', () => {
    expect(problems).to.deep.equal([]);
  });
});
