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

  it('says which name is missing from an empty file, and the place of an exception in words', async () => {
    const lab = findLab('checksum')!;
    expect(await write(lab, '')).to.match(/^red: the file cannot be loaded: the stack imports \w+ from your file/);
    expect(await textOf('cases')).to.equal('');
    const thrown = answer(lab).replace(
      '  let folded =',
      '  if (sum > 0) (null as unknown as number[]).at(0);\n  let folded =',
    );
    expect(await write(lab, thrown)).to.match(/^red: /);
    const line = thrown.split('\n').findIndex((text) => text.includes('.at(0)')) + 1;
    expect(await textOf('failure'))
      .to.include(`your file, line ${line}`)
      .and.not.include('http');
  });

  it('shows what the code prints, up to a bound', async () => {
    const lab = findLab('rto')!;
    const talk = "console.log('a word', 7, [1, 2], Uint8Array.of(3));\nfor (let i = 0; i < 1e4; i++) console.log(i);\n";
    expect(await write(lab, talk + answer(lab))).to.match(/^green/);
    const printed = await textOf('printed');
    expect(printed).to.match(/^a word 7 \[1,2\] Uint8Array \[3\]\n0\n1\n/);
    expect(printed).to.have.length(16_384);
    await write(lab, answer(lab));
    expect(await page.evaluate(`document.getElementById('prints').hidden`)).to.equal(true);
  });

  it('shows nothing of the old text as if it were the verdict on an endless loop', async () => {
    const lab = findLab('checksum')!;
    const broken = scratchCopy(lab, productSource(lab));
    expect(await write(lab, broken)).to.equal('red: 0 of 8 cases pass');
    const loop = answer(lab).replace('  let folded =', '  for (;;);\n  let folded =');
    await page.evaluate(`
      const source = document.getElementById('source');
      source.value = ${JSON.stringify(loop)};
      document.getElementById('check').click();
    `);
    expect(await textOf('verdict')).to.equal('Judging …');
    const isPale = `getComputedStyle(document.getElementById('cases')).opacity < 1`;
    expect(await page.evaluate(isPale)).to.equal(true);
    await page.waitForFunction(
      `document.getElementById('verdict').textContent.includes('it takes long, in: fold adds')`,
    );
    expect(await textOf('cases')).to.equal('');
    expect(await textOf('failure')).to.equal('');
    expect(await write(lab, answer(lab)), 'the next text need not wait').to.match(/^green/);
    expect(await page.evaluate(isPale)).to.equal(false);
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
