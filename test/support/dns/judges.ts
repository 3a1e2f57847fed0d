/** Other name servers on loopback, for comparisons: Knot DNS, NSD and BIND. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../free-port.js';

export type JudgeName = 'knot' | 'nsd' | 'bind';

const PROGRAMS: Readonly<Record<JudgeName, string>> = { knot: 'knotd', nsd: 'nsd', bind: 'named' };
const PLACES = ['/usr/sbin', '/usr/bin', '/usr/local/sbin', '/usr/local/bin'];

/** The path of a program; undefined: it is not installed. */
export function programPath(name: string): string | undefined {
  return PLACES.map((place) => join(place, name)).find((path) => existsSync(path));
}

export function judgePath(judge: JudgeName): string | undefined {
  return programPath(PROGRAMS[judge]);
}

/** A running name server. */
export class Judge {
  readonly port: number;
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(process: ChildProcess, port: number, folder: string) {
    this.#process = process;
    this.port = port;
    this.#folder = folder;
  }

  /** Starts one that serves `zone` from `text`. `through`: a command that runs it, such as `ip netns exec NAME`. */
  static async start(
    judge: JudgeName,
    zone: string,
    text: string,
    address = '127.0.0.1',
    port?: number,
    through: readonly string[] = [],
  ): Promise<Judge> {
    const path = judgePath(judge);
    if (path === undefined) throw new Error(`${judge} is not installed`);
    const folder = mkdtempSync(join(tmpdir(), `fastpath-${judge}-`));
    mkdirSync(join(folder, 'run'));
    writeFileSync(join(folder, 'zone'), text);
    const chosen = port ?? (await freePort('udp'));
    writeFileSync(join(folder, 'conf'), CONFIGURATIONS[judge](folder, zone, address, chosen));
    const [program = path, ...words] = [...through, path, ...ARGUMENTS[judge](join(folder, 'conf'))];
    const child = spawn(program, words, { stdio: 'ignore', cwd: folder });
    const started = new Judge(child, chosen, folder);
    try {
      await started.#ready(zone, address);
      return started;
    } catch (error) {
      await started.stop();
      throw error;
    }
  }

  async #ready(zone: string, address: string): Promise<void> {
    const query = Buffer.concat([
      Buffer.from('123401000001000000000000', 'hex'),
      ...zone.split('.').map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`)),
      Buffer.from('0000060001', 'hex'),
    ]);
    for (let tries = 0; tries < 100; tries++) {
      const [answer] = await askAll(this.port, [query], {
        address,
        timeoutMs: 100,
        local: address === '127.0.0.1' ? address : '0.0.0.0',
      });
      if (answer !== undefined && (answer[3]! & 15) === 0) return;
      if (this.#process.exitCode !== null) break;
      await wait(50);
    }
    throw new Error('the name server does not answer');
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null) {
      const ended = new Promise((resolve) => this.#process.once('exit', resolve));
      this.#process.kill('SIGTERM');
      await Promise.race([ended, wait(3000)]);
      this.#process.kill('SIGKILL');
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const ARGUMENTS: Readonly<Record<JudgeName, (conf: string) => string[]>> = {
  knot: (conf) => ['-c', conf],
  nsd: (conf) => ['-d', '-c', conf],
  bind: (conf) => ['-g', '-c', conf, '-n', '1'],
};

type Configuration = (folder: string, zone: string, address: string, port: number) => string;

const CONFIGURATIONS: Readonly<Record<JudgeName, Configuration>> = {
  knot: (folder, zone, address, port) => `
server:
    listen: ${address}@${port}
    rundir: ${folder}/run
    udp-max-payload: 4096
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
database:
    storage: ${folder}/run
zone:
  - domain: ${zone}
    storage: ${folder}
    file: zone
    semantic-checks: off
    zonefile-sync: -1
    journal-content: none
`,
  nsd: (folder, zone, address, port) => `
server:
    ip-address: ${address}@${port}
    username: ""
    chroot: ""
    zonesdir: "${folder}"
    pidfile: "${folder}/run/pid"
    database: ""
    zonelistfile: "${folder}/run/list"
    xfrdfile: "${folder}/run/xfrd"
    xfrdir: "${folder}/run"
    server-count: 1
    rrl-ratelimit: 0
    rrl-whitelist-ratelimit: 0
    minimal-responses: yes
    refuse-any: yes
    ipv4-edns-size: 4096
remote-control:
    control-enable: no
zone:
    name: ${zone}
    zonefile: "${folder}/zone"
`,
  bind: (folder, zone, address, port) => `
options {
  directory "${folder}/run";
  pid-file "${folder}/run/pid";
  session-keyfile "${folder}/run/session";
  managed-keys-directory "${folder}/run";
  listen-on port ${port} { ${address}; };
  listen-on-v6 { none; };
  recursion no;
  minimal-responses yes;
  minimal-any yes;
  empty-zones-enable no;
  max-udp-size 4096;
  edns-udp-size 4096;
  zone-statistics none;
  check-integrity no;
  notify no;
};
controls { };
zone "${zone}" { type primary; file "${folder}/zone"; check-names ignore; };
`,
};

/** Sends queries, some at a time, and returns the answers in their order; undefined where none came. */
export async function askAll(
  port: number,
  queries: readonly Buffer[],
  { address = '127.0.0.1', timeoutMs = 2000, atOnce = 32, local = '127.0.0.1' } = {},
): Promise<(Buffer | undefined)[]> {
  const socket = createSocket('udp4');
  const answers = new Map<number, Buffer>();
  const waiting = new Map<number, () => void>();
  socket.on('message', (message) => {
    const id = message.readUInt16BE(0);
    answers.set(id, message);
    waiting.get(id)?.();
  });
  socket.on('error', () => {});
  await new Promise<void>((resolve) => socket.bind(0, local, resolve));
  const results: (Buffer | undefined)[] = [];
  for (let from = 0; from < queries.length; from += atOnce) {
    const batch = queries.slice(from, from + atOnce);
    await Promise.all(
      batch.map(async (query, i) => {
        const tagged = Buffer.from(query);
        tagged.writeUInt16BE(i + 1, 0);
        answers.delete(i + 1);
        const came = new Promise<void>((resolve) => waiting.set(i + 1, resolve));
        socket.send(tagged, port, address);
        const late = new AbortController();
        await Promise.race([came, wait(timeoutMs, undefined, { signal: late.signal }).catch(() => {})]);
        late.abort();
        const answer = answers.get(i + 1);
        if (answer !== undefined) query.copy(answer, 0, 0, 2);
        results[from + i] = answer;
      }),
    );
  }
  socket.close();
  return results;
}

/** Signs a zone; the text with its keys and signatures. `nsec3`: the arguments of dnssec-signzone for that. */
export function signZone(zone: string, text: string, nsec3: readonly string[] = []): string {
  const folder = mkdtempSync(join(tmpdir(), 'fastpath-sign-'));
  try {
    const run = (program: string, args: string[]) =>
      execFileSync(programPath(program) ?? program, args, {
        cwd: folder,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    const keygen = (extra: string[]) => run('dnssec-keygen', ['-q', '-a', 'ECDSAP256SHA256', ...extra, zone]).trim();
    const keys = [keygen([]), keygen(['-f', 'KSK'])];
    writeFileSync(join(folder, 'zone'), `${text}\n${keys.map((key) => `$INCLUDE ${key}.key\n`).join('')}`);
    run('dnssec-signzone', ['-z', '-P', '-q', '-O', 'full', '-o', zone, '-f', 'signed', ...nsec3, 'zone', ...keys]);
    return execFileSync('cat', [join(folder, 'signed')], { encoding: 'utf8', maxBuffer: 2 ** 28 });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
