/** The pages of the book in headless Chromium: every figure, script and capture begins, and everybody can use them. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import type { Browser, Page } from 'puppeteer-core';
import { build } from 'vitepress';
import { BOOK, chapters } from '../../scripts/book/chapter.js';
import { answer } from '../../scripts/book/serve.js';
import { faults, thin } from '../support/axe.js';
import { CHROMIUM, CHROMIUM_MISSING, launchChromium, newPage, SIDEWAYS } from '../support/chromium.js';

const ELEMENTS = 'fp-figure, fp-script, fp-capture';
/** Several figures of a page have the same parts with the same names. */
const TEXT = { within: '.vp-doc', without: ['landmark-unique'] };
const WIDE = { width: 1280, height: 900 };
const NARROW = { width: 390, height: 844 };

describe(`the pages of the book${CHROMIUM_MISSING}`, function () {
  this.timeout(240_000);
  let browser: Browser;
  let server: Server;
  let origin: string;
  let page: Page;
  const problems: string[] = [];

  before(async function () {
    if (CHROMIUM === undefined) return this.skip();
    await build(BOOK);
    server = createServer(answer).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    browser = await launchChromium();
    page = await newPage(browser);
    await page.setViewport(WIDE);
    page.on('pageerror', (error) => problems.push(`${page.url()}: ${String(error)}`));
    page.on('console', (message) => message.type() === 'error' && problems.push(`${page.url()}: ${message.text()}`));
    page.on('request', (request) => {
      const url = request.url();
      if (!/^(data|blob):/.test(url) && !url.startsWith(origin)) problems.push(`${page.url()} asks ${url}`);
    });
  });

  after(async () => {
    await browser?.close();
    server?.close();
  });

  /** Goes to a page of the book, in the one tab of this test: a new one costs half a second. */
  async function open(path: string): Promise<void> {
    await page.goto(`${origin}/${path}`, { waitUntil: 'load' });
    await page.addStyleTag({ content: '* { transition: none !important }' });
  }

  /** Begins what lives on the page and fits the selector, in sight or not. Returns what did not begin. */
  async function begin(selector = ELEMENTS): Promise<string[]> {
    await page.waitForFunction("customElements.get('fp-figure') !== undefined");
    await page.$$eval(selector, (elements) => {
      for (const element of elements) (element as unknown as { begin(): void }).begin();
    });
    await page.waitForFunction(
      (selector: string) => {
        const { document } = globalThis as unknown as {
          document: { querySelectorAll(s: string): Iterable<{ hasAttribute(name: string): boolean }> };
        };
        return [...document.querySelectorAll(selector)].every(
          (element) => element.hasAttribute('data-begun') || element.hasAttribute('data-failed'),
        );
      },
      { timeout: 110_000 },
      selector,
    );
    return page.$$eval(`:is(${selector})[data-failed]`, (elements) =>
      elements.map((element) => (element as { outerHTML: string }).outerHTML),
    );
  }

  it('lead to pages and files that are there, on the page about how a chapter is made', async () => {
    await open('AUTHORS.html');
    const targets = await page.$$eval('.vp-doc a[href]', (links) =>
      links.map((link) => (link as unknown as { href: string }).href),
    );
    const statuses = await Promise.all(
      targets.map(async (target) => `${(await fetch(target)).status} ${target.replace(origin, '')}`),
    );
    expect(targets.length).to.be.greaterThan(3);
    expect(statuses.filter((each) => !each.startsWith('200 '))).to.deep.equal([]);
    expect(statuses.join(), 'a source is its text').to.include('/from/docs/book/figures/lib/figure.ts.txt');
  });

  // The chapters share one style and the same elements: axe judges each in one of the two looks.
  for (const [at, { name, figures, scripts, captures }] of chapters().entries()) {
    const dark = at % 2 === 1;
    const look = dark ? 'narrow and dark' : 'wide and light';
    it(`${name}: all that lives on it begins, and axe finds no fault, ${look}; a narrow window holds it`, async () => {
      await open(`${name}.html`);
      expect(await begin()).to.deep.equal([]);
      const count = figures.length + scripts.length + captures.length;
      expect(await page.$$eval('[data-begun]', (elements) => elements.length)).to.equal(count);
      for (const script of await page.$$('fp-script')) {
        await script.$eval('>>> button', (button) => (button as { click(): void }).click());
        await script.waitForSelector('>>> .verdict');
        expect(await script.$eval('>>> .verdict', (line) => (line as { textContent?: string }).textContent)).to.equal(
          'passed',
        );
      }
      await page.setViewport(NARROW);
      const overflow = await page.evaluate(SIDEWAYS);
      expect(overflow, 'pixels beyond a width of 390').to.equal(0);
      if (dark) await page.evaluate("document.documentElement.classList.add('dark')");
      else await page.setViewport(WIDE);
      await thin(page, TEXT.within);
      expect(await faults(page, TEXT)).to.deep.equal([]);
    });
  }

  it('take the seed and the settings of a figure from the address, and put them there', async () => {
    await open('02-ethernet-and-arp.html?question.seed=9');
    await begin('fp-figure[name="question"]');
    const seed = await page.waitForSelector('fp-figure[name="question"] >>> input[type="number"] >>> ::-p-xpath(.)');
    expect(seed).to.not.equal(null);
    const value = await page.$eval('fp-figure[name="question"] >>> label:last-of-type input', (input) =>
      String((input as { value?: string }).value),
    );
    expect(value).to.equal('9');
    // What is out of the range becomes the nearest number, and the reader is told.
    const input = await page.waitForSelector('fp-figure[name="question"] >>> label input[max]');
    await input?.evaluate((input) => {
      const field = input as unknown as { value: string; dispatchEvent(event: unknown): void };
      field.value = '99999';
      field.dispatchEvent(new Event('change', { bubbles: true }));
    });
    const alert = await page.waitForSelector('fp-figure[name="question"] >>> [role=alert]');
    const told = await alert?.evaluate((line) => (line as { textContent?: string }).textContent);
    expect(told).to.match(/99999 is not 0 to (\d+): \1 is taken/);
  });

  it('say so if a setting in the address is out of its range, or is no number', async () => {
    const told = async (search: string) => {
      await open(`02-ethernet-and-arp.html?${search}`);
      await begin('fp-figure[name="question"]');
      const alert = await page.waitForSelector('fp-figure[name="question"] >>> [role=alert]');
      return alert?.evaluate((line) => (line as { textContent?: string }).textContent);
    };
    expect(await told('question.delay=9999')).to.match(/9999 is not \d+ to (\d+): \1 is taken/);
    expect(await told('question.delay=abc')).to.match(/That is not \d+ to \d+: 1 is taken/);
    expect(await told('question.seed=9e12')).to.match(/9000000000000 is not -2147483648 to 2147483647/);
  });

  it('run a packet script, and say when a changed one fails', async () => {
    await open('02-ethernet-and-arp.html');
    await begin('fp-script');
    const run = () => page.$eval('fp-script >>> button', (button) => (button as { click(): void }).click());
    await run();
    await page.waitForSelector('fp-script >>> .verdict.good');
    await page.focus('fp-script >>> textarea');
    await page.keyboard.type('+0 > icmp echo_reply');
    await run();
    await page.waitForSelector('fp-script >>> .verdict.bad');
  });

  it('have asked no other host and reported no error in all this', () => {
    expect(problems).to.deep.equal([]);
  });
});
