import { expect } from 'chai';
import { JsonReporter } from '../../src/cli/json-reporter.js';
import { PersonReporter } from '../../src/cli/person-reporter.js';
import { describeFailure } from '../../src/cli/probe-failure.js';
import { ServeError } from '../../src/serve/serve-error.js';
import { COUNTER, type Rates } from '../../src/serve/snapshot.js';
import { INFO, SNAPSHOT } from '../support/server-facts.js';

const RATES: Rates = {
  requestsPerSecond: 1_234.5,
  bytesPerSecond: 2 ** 20,
  connections: 7,
  hitRatio: 0.5,
  retransmits: 3,
};

/** A terminal, or not, that keeps what is written. */
function screen(isTTY: boolean) {
  let text = '';
  const stream = { isTTY, columns: 120, write: (piece: string) => Boolean((text += piece)) };
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => text };
}

describe('what a person is told', () => {
  it('begins with the URL, and says how to end it all', () => {
    const { stream, text } = screen(false);
    new PersonReporter(stream).ready(INFO, SNAPSHOT);
    expect(text())
      .to.contain('curl -i http://10.77.0.2/')
      .and.contain('fp0, MTU 1500, super-segments up to 256 KiB, 1 worker');
    expect(text()).to.contain('10.77.0.2/24 at 02:fa:57:00:00:01').and.contain('Ctrl-C removes it all.');
  });

  it('has the URL of HTTPS, if there is one', () => {
    const { stream, text } = screen(false);
    new PersonReporter(stream).ready({ ...INFO, httpsUrl: 'https://10.77.0.2:444/' }, SNAPSHOT);
    expect(text()).to.contain('  https      https://10.77.0.2:444/\n');
  });

  it('is what was read again, and that nothing else has changed', () => {
    const { stream, text } = screen(false);
    const sites = { added: [], changed: [], removed: [], kept: ['a.example'] };
    const reporter = new PersonReporter(stream);
    reporter.reloaded({ sites, changed: [], needRestart: [] });
    reporter.reloaded({ sites, changed: ['tls'], loadedAgain: ['handler'], needRestart: [] });
    expect(text()).to.contain('read again: nothing has changed').and.contain('changed: tls; loaded again: handler');
  });

  it('is the URL and nothing else where quiet is asked for', () => {
    const { stream, text } = screen(false);
    new PersonReporter(stream, { quiet: true }).ready(INFO, SNAPSHOT);
    expect(text()).to.equal('http://10.77.0.2/\n');
  });

  it('names every site where there are several', () => {
    const { stream, text } = screen(false);
    const sites = [
      { name: 'example.org', folder: '/srv/www' },
      { name: 'docs.example.org', folder: '/srv/docs' },
    ];
    new PersonReporter(stream).ready({ ...INFO, sites }, SNAPSHOT);
    expect(text()).to.contain('  serving    2 sites (0 files');
    expect(text()).to.contain('example.org: /srv/www\n').and.contain('docs.example.org: /srv/docs\n');
  });

  it('does not promise to remove what was there before', () => {
    const { stream, text } = screen(false);
    new PersonReporter(stream).ready({ ...INFO, temporary: false, superSegmentBytes: 0, workers: 2 }, SNAPSHOT);
    expect(text()).to.contain('stays').and.contain('no offload, 2 workers').and.not.contain('removes it all');
  });

  it('has a line for each address that can be reached, and a warning for the first that cannot', () => {
    const { stream, text } = screen(false);
    const passed = { address: '10.77.0.2', passed: true, detail: '', milliseconds: 1 };
    new PersonReporter(stream).probed([
      { ...passed, layer: 'route' },
      { ...passed, layer: 'TCP' },
      { ...passed, layer: 'TCP', address: 'fd77::2' },
    ]);
    expect(text())
      .to.contain('10.77.0.2 is reachable from this host: route, TCP\n')
      .and.contain('fd77::2 is reachable');
    expect(describeFailure({ ...passed, passed: false, layer: 'ARP', detail: 'silence', advice: 'do this' })).to.equal(
      '10.77.0.2 is not reachable from this host. The ARP step failed: silence.\n  do this',
    );
  });

  it('has one line of numbers on a terminal, written over itself', () => {
    const { stream, text } = screen(true);
    const reporter = new PersonReporter(stream);
    reporter.status(SNAPSHOT, RATES);
    expect(text()).to.equal(
      '\r\x1b[K  1,235 requests/s · 1 MiB/s · 7 connections · 50.0 % cache hits · 3 retransmits · 12,345 requests so far',
    );
  });

  it('keeps the line within a narrow terminal', () => {
    const { stream, text } = screen(true);
    Object.assign(stream, { columns: 40 });
    new PersonReporter(stream).status(SNAPSHOT, RATES);
    expect(text().replace('\r\x1b[K', '').length).to.be.below(40);
  });

  it('has no live line where there is no terminal, or no wish for one', () => {
    for (const [isTTY, quiet] of [
      [false, false],
      [true, true],
    ] as const) {
      const { stream, text } = screen(isTTY);
      new PersonReporter(stream, { quiet, live: !quiet }).status(SNAPSHOT, RATES);
      expect(text()).to.equal('');
    }
  });

  it('sums up in the end', () => {
    const { stream, text } = screen(false);
    new PersonReporter(stream).stopped(SNAPSHOT, 0);
    expect(text()).to.equal('12,345 requests, 1 GiB delivered in 61 s. All removed.\n');
  });

  it('says why answers were cut off', () => {
    class Heard extends PersonReporter {
      readonly warnings: string[] = [];
      override warn(text: string): void {
        this.warnings.push(text);
      }
    }
    const reporter = new Heard(screen(false).stream);
    reporter.stopped(undefined, 1);
    reporter.stopped(undefined, 2, true);
    expect(reporter.warnings).to.deep.equal([
      '1 answer cut off: the time for closing was over (--grace)',
      '2 answers cut off by the second signal',
    ]);
  });

  it('names the grace where it counts: after a hand-over all downloads come to their end', () => {
    const { stream, text } = screen(false);
    const reporter = new PersonReporter(stream);
    reporter.closing(2);
    reporter.handedOver(7);
    reporter.closing(3);
    expect(text()).to.contain('waiting for 2 answers to be taken (--grace says how long) …');
    expect(text()).to.contain('waiting for 3 answers to be taken …');
  });

  it('says in the end that all is removed only if it is', () => {
    const { stream, text } = screen(false);
    const kept = new PersonReporter(stream);
    kept.ready({ ...INFO, temporary: false }, SNAPSHOT);
    kept.stopped(SNAPSHOT, 0);
    expect(text()).to.match(/delivered in 61 s\. fp0 was there before and stays\.\n$/);
    const passedOn = new PersonReporter(stream);
    passedOn.handedOver(7);
    passedOn.stopped(SNAPSHOT, 0);
    expect(text())
      .to.match(/delivered in 61 s\.\n$/)
      .and.not.contain('All removed');
  });

  it('tells of the folder that is read in a line each five seconds where there is no terminal', () => {
    const { stream, text } = screen(false);
    let time = 0;
    const reporter = new PersonReporter(stream, { now: () => time });
    const progress = { files: 1_200, totalFiles: 200_000, bytes: 2 ** 20, totalBytes: 2 ** 30 };
    for (time = 0; time < 11_000; time += 100) reporter.loading(progress);
    const line = 'reading 1 MiB of 1 GiB, 1,200 of 200,000 files\n';
    expect(text()).to.equal(line + line);
    const quiet = screen(false);
    time = 0;
    const silent = new PersonReporter(quiet.stream, { quiet: true, now: () => time });
    time = 60_000;
    silent.loading(progress);
    expect(quiet.text()).to.equal('');
  });

  it('names the user as whom the server runs, and the bridge that it is on', () => {
    const { stream, text } = screen(false);
    new PersonReporter(stream).ready({ ...INFO, bridge: 'br0' }, SNAPSHOT);
    expect(text()).to.contain('runs as    alice').and.contain('10.77.0.1/24, on the bridge br0');
  });

  it('says for how many answers it waits, and nothing if there are none', () => {
    const { stream, text } = screen(false);
    const reporter = new PersonReporter(stream);
    reporter.closing(0);
    expect(text()).to.equal('');
    reporter.closing(1);
    expect(text()).to.contain('waiting for 1 answer to be taken');
    reporter.closing(2);
    expect(text()).to.contain('waiting for 2 answers to be taken');
  });
});

describe('what a program is told', () => {
  const lines: string[] = [];
  const reporter = new JsonReporter((line) => lines.push(line));
  const last = () => JSON.parse(lines.at(-1)!);

  it('is one JSON object a line, each with event and time', () => {
    reporter.ready(INFO, SNAPSHOT);
    reporter.note('a');
    reporter.warn('b');
    reporter.probed([{ layer: 'TCP', address: '10.77.0.2', passed: false, detail: 'x', milliseconds: 1 }]);
    reporter.status(SNAPSHOT, RATES);
    reporter.stopping('SIGINT');
    reporter.conflict({ address: '10.77.0.2', mac: '02:00:00:00:00:09' });
    reporter.closing(3);
    reporter.stopped(undefined, 0);
    expect(lines.every((line) => line.endsWith('\n') && line.indexOf('\n') === line.length - 1)).to.equal(true);
    const events = lines.map((line) => JSON.parse(line));
    expect(events.map(({ event }) => event)).to.deep.equal([
      'ready',
      'note',
      'warning',
      'probe',
      'status',
      'stopping',
      'conflict',
      'closing',
      'stopped',
    ]);
    for (const { time } of events) expect(Number.isNaN(Date.parse(time))).to.equal(false);
  });

  it('has rates and counters in a status', () => {
    reporter.status(SNAPSHOT, RATES);
    expect(last()).to.include({ requestsPerSecond: 1_234.5, connections: 7 });
    expect(last().counters[COUNTER.requests]).to.equal(12_345);
  });

  it('has the number of answers that were cut at the end', () => {
    reporter.stopped(SNAPSHOT, 2);
    expect(last()).to.include({ event: 'stopped', cut: 2 });
  });

  it('has the exit code in an error', () => {
    reporter.failed(new ServeError('address-taken', 'it is', 'do this'));
    expect(last()).to.include({ event: 'error', code: 'address-taken', exitCode: 6, advice: 'do this' });
  });
});
