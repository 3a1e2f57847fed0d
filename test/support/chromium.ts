/** Headless Chromium, for tests of pages: found, with the flags that it needs in a container. */
import { existsSync } from 'node:fs';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';

/** Where it is; undefined: it is not installed. */
export const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

/** For the title of a test: why it is skipped, if it is. */
export const CHROMIUM_MISSING =
  CHROMIUM === undefined ? ' (skipped: there is no Chromium here; apt install chromium)' : '';

/** What a browser without a screen needs in a container, and what keeps it from calling home. */
const OPTIONS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** For a browser to start, to load a page, or to show something; ms. */
const PATIENCE_MS = 110_000;

/** For `chromium` as a program that prints the page as it is after its scripts. */
export const DUMP_PAGE = ['--headless', ...OPTIONS, '--dump-dom'];

/** An expression for a page: how many pixels it is wider than its window. */
export const SIDEWAYS = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

/** Starts one. @throws if it is not installed */
export function launchChromium(): Promise<Browser> {
  if (CHROMIUM === undefined) throw new Error('there is no Chromium');
  const patience = { timeout: PATIENCE_MS, protocolTimeout: 2 * PATIENCE_MS };
  return puppeteer.launch({ executablePath: CHROMIUM, args: OPTIONS, ...patience });
}

/** A page that is as patient as a busy machine wants it. */
export async function newPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  return page;
}
