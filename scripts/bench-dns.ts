/**
 * Our DNS server beside Knot, NSD and BIND, asked by dnsperf, by turns in one run. As root:
 * `node dist/scripts/bench-dns.js [rounds] [seconds]`
 *
 * All is done in a network namespace of its own. We answer over a TAP interface; the others over a veth pair from a
 * namespace of theirs, so that every query crosses the kernel once more for none of them. Each server has one thread.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Judge, type JudgeName, judgePath, programPath } from '../test/support/dns/judges.js';
import { RICH_ZONE } from '../test/support/dns/zone-text.js';
import { ServeProcess } from '../test/support/serve-process.js';
import { median } from './bench/statistics.js';

const INSIDE = 'FASTPATH_BENCH_DNS';
const ZONE = 'example.org';
const OURS = '10.77.0.2';
const THEIRS = '10.78.0.2';
const JUDGES: readonly JudgeName[] = ['knot', 'nsd', 'bind'];
/** Different names: what a server of a small company has. */
const HOSTS = 1000;

interface Contender {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly rates: number[];
}

/** Names that are there, a few that are not, and some other types. */
function questions(): string {
  const lines: string[] = [];
  for (let i = 0; i < HOSTS; i++) {
    lines.push(`host${i}.${ZONE} A`);
    if (i % 10 === 0)
      lines.push(`www.${ZONE} A`, `${ZONE} MX`, `nothing${i}.${ZONE} A`, `${ZONE} NS`, `x${i}.wild.${ZONE} A`);
  }
  return `${lines.join('\n')}\n`;
}

function zoneText(): string {
  return `${RICH_ZONE}\n${Array.from({ length: HOSTS }, (_, i) => `host${i} A 10.0.${i >> 8}.${i & 255}`).join('\n')}\n`;
}

/** Queries a second. */
function measure({ address, port }: Contender, file: string, seconds: number): number {
  const args = [
    '-s',
    address,
    '-p',
    String(port),
    '-d',
    file,
    '-l',
    String(seconds),
    '-c',
    '16',
    '-T',
    '1',
    '-q',
    '200',
  ];
  const { stdout } = spawnSync('dnsperf', args, { encoding: 'utf8' });
  const lost = Number(/Queries lost:\s+(\d+)/.exec(stdout)?.[1] ?? 0);
  const completed = Number(/Queries completed:\s+(\d+)/.exec(stdout)?.[1] ?? 0);
  if (completed === 0 || lost > completed / 100) throw new Error(`${address} lost ${lost} of ${completed} queries`);
  return Number(/Queries per second:\s+([\d.]+)/.exec(stdout)?.[1] ?? 0);
}

async function inside(rounds: number, seconds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'fastpath-bench-dns-'));
  const other = `fpdns${process.pid}`;
  const ip = (...words: string[]) => execFileSync('ip', words);
  const judges: Judge[] = [];
  let server: ServeProcess | undefined;
  try {
    ip('link', 'set', 'lo', 'up');
    ip('netns', 'add', other);
    ip('link', 'add', 'fpv0', 'type', 'veth', 'peer', 'name', 'fpv1', 'netns', other);
    ip('address', 'add', '10.78.0.1/24', 'dev', 'fpv0');
    ip('link', 'set', 'fpv0', 'up');
    ip('-n', other, 'address', 'add', `${THEIRS}/24`, 'dev', 'fpv1');
    ip('-n', other, 'link', 'set', 'fpv1', 'up');
    mkdirSync(join(folder, 'site'));
    writeFileSync(join(folder, 'site', 'index.html'), '');
    writeFileSync(join(folder, 'zone'), zoneText());
    writeFileSync(join(folder, 'queries'), questions());
    const limits = 'rateLimit: { responses: 0, excess: 0 }';
    const options = `{ ${limits}, zones: [{ zone: ${ZONE}, file: zone }] }`;
    writeFileSync(
      join(folder, 'site.yaml'),
      `sites: [{ folder: site }]\nmodules: [{ use: dns, options: ${options} }]\n`,
    );
    const env = { ...process.env, FASTPATH_RUNTIME_DIR: join(folder, 'run') };
    server = await ServeProcess.start([join(folder, 'site.yaml'), '--user', 'root'], { env, cwd: folder });
    await server.event('ready');
    const contenders: Contender[] = [{ name: 'fastpath', address: OURS, port: 53, rates: [] }];
    const through = ['ip', 'netns', 'exec', other];
    for (const [i, name] of JUDGES.entries()) {
      if (judgePath(name) === undefined) console.log(`(without ${name}: not installed)`);
      else {
        judges.push(await Judge.start(name, ZONE, zoneText(), THEIRS, 5300 + i, through));
        contenders.push({ name, address: THEIRS, port: 5300 + i, rates: [] });
      }
    }
    for (const contender of contenders) measure(contender, join(folder, 'queries'), 1);
    for (let round = 0; round < rounds; round++) {
      for (const contender of contenders) contender.rates.push(measure(contender, join(folder, 'queries'), seconds));
    }
    report(contenders);
  } finally {
    await server?.end('SIGKILL');
    for (const judge of judges) await judge.stop();
    spawnSync('ip', ['netns', 'delete', other]);
    rmSync(folder, { recursive: true, force: true });
  }
}

function report(contenders: readonly Contender[]): void {
  const bind = median(contenders.find(({ name }) => name === 'bind')?.rates ?? []);
  for (const { name, rates } of contenders) {
    const rate = median(rates);
    const ratio = bind > 0 ? `  ${(rate / bind).toFixed(2)} x BIND` : '';
    const all = rates.map((each) => Math.round(each)).join(', ');
    console.log(`${name.padEnd(9)} ${String(Math.round(rate)).padStart(8)} queries/s${ratio}   (${all})`);
  }
}

const [rounds = 5, seconds = 3] = process.argv.slice(2).map(Number);
if (programPath('dnsperf') === undefined) throw new Error('dnsperf is not installed: apt-get install dnsperf');
if (process.env[INSIDE] === undefined) {
  const words = ['--net', process.execPath, fileURLToPath(import.meta.url), String(rounds), String(seconds)];
  const child = spawn('unshare', words, { stdio: 'inherit', env: { ...process.env, [INSIDE]: '1' } });
  child.on('exit', (code) => {
    process.exitCode = code ?? 1;
  });
} else await inside(rounds, seconds);
