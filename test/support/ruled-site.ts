/** A folder with the rules of a site in a cache, and an HTTP server over it: all in memory, or read on demand. */

import { Supply } from '../../src/cache/demand/supply.js';
import { Library } from '../../src/cache/library/library.js';
import { FolderLoader } from '../../src/cache/loading/loader.js';
import { siteTable } from '../../src/serve/folders/site-table.js';
import type { SiteOptions } from '../../src/site/options.js';
import { SiteRules } from '../../src/site/rules/site-rules.js';
import type { TemporaryFolder } from '../cache/support.js';
import { HttpBench, request } from './http-bench.js';
import { NearDisk, NearWorker } from './near-disk.js';

/** One answer, taken apart. */
export interface Answer {
  readonly status: number;
  /** The fields, by name in lower case. Those that occur twice are joined. */
  readonly fields: Readonly<Record<string, string>>;
  readonly body: string;
}

export class RuledSite {
  readonly library = new Library(64 * 2 ** 20);
  readonly disk = new NearDisk();
  readonly loader: FolderLoader;
  readonly worker: NearWorker;
  readonly bench: HttpBench;

  private constructor(folder: TemporaryFolder, options: Omit<SiteOptions, 'folder'>, maxNames: number | undefined) {
    const site = { ...options, folder: folder.path };
    Supply.of(this.library, this.disk);
    this.loader = new FolderLoader(folder.path, this.library, {
      rules: new SiteRules(site),
      ...(options.compress !== undefined && { compress: options.compress }),
      ...(options.charset !== undefined && { charset: options.charset }),
      ...(maxNames !== undefined && { maxNames }),
    });
    this.worker = new NearWorker(this.library);
    this.bench = new HttpBench(this.worker.store, {}, undefined, siteTable([{ number: 0, options: site }], 'default'));
  }

  /** With all of the folder in memory; or with `lazily` nothing of it, but what the rules need. */
  static async load(
    folder: TemporaryFolder,
    options: Omit<SiteOptions, 'folder'> = {},
    { lazily = false } = {},
  ): Promise<RuledSite> {
    await new Promise((resolve) => setTimeout(resolve, 20)); // until the files are older than a tick of the clock
    const site = new RuledSite(folder, options, lazily ? 1 : undefined);
    await site.loader.load();
    await site.loader.variantsMade();
    await turn();
    return site;
  }

  async refresh(...names: string[]): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 20));
    this.worker.nowMs += 2_000; // what was absent is asked for again
    await this.loader.refreshAll(names);
    await this.loader.variantsMade();
    await turn();
  }

  close(): void {
    this.loader.close();
  }

  async get(path: string, ...fields: string[]): Promise<Answer> {
    return this.ask('GET', path, ...fields);
  }

  async ask(method: string, path: string, ...fields: string[]): Promise<Answer> {
    const connection = this.bench.feed([request(method, path, ...fields)]);
    for (let i = 0; connection.sent === '' && i < 200; i++) {
      this.worker.turn();
      await turn();
    }
    return answerOf(connection.sent);
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function answerOf(sent: string): Answer {
  const end = sent.indexOf('\r\n\r\n');
  const [first = '', ...lines] = sent.slice(0, end).split('\r\n');
  const fields: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 2);
    fields[name] = fields[name] === undefined ? value : `${fields[name]}, ${value}`;
  }
  return {
    status: Number(first.split(' ')[1]),
    fields,
    body: Buffer.from(sent.slice(end + 4), 'latin1').toString('utf8'),
  };
}
