/** OpenLDAP's slapd on loopback, from the same LDIF, in a temporary folder. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../free-port.js';
import { PATIENCE_MS } from '../until.js';

const PROGRAM = '/usr/sbin/slapd';
const SCHEMAS = '/etc/ldap/schema';
const MODULES = '/usr/lib/ldap';

/** Why slapd cannot run here; undefined: it can. */
export function slapdObstacle(): string | undefined {
  if (!existsSync(PROGRAM)) return 'slapd is not installed';
  return existsSync(join(SCHEMAS, 'inetorgperson.schema')) ? undefined : "slapd's schemas are not installed";
}

export class Slapd {
  readonly port: number;
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(process: ChildProcess, port: number, folder: string) {
    this.#process = process;
    this.port = port;
    this.#folder = folder;
  }

  /** Starts one that serves the entries of `ldif` below `suffix`. */
  static async start(suffix: string, ldif: string): Promise<Slapd> {
    const folder = mkdtempSync(join(tmpdir(), 'fastpath-slapd-'));
    mkdirSync(join(folder, 'data'));
    const configuration = join(folder, 'slapd.conf');
    writeFileSync(configuration, configurationOf(folder, suffix));
    writeFileSync(join(folder, 'data.ldif'), ldif);
    try {
      execFileSync(PROGRAM, ['-Tadd', '-q', '-f', configuration, '-l', join(folder, 'data.ldif')], { stdio: 'pipe' });
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw new Error(`slapadd: ${(error as { stderr: Buffer }).stderr.toString()}`);
    }
    const port = await freePort();
    const url = `ldap://127.0.0.1:${port}/`;
    const child = spawn(PROGRAM, ['-d', '0', '-f', configuration, '-h', url], { stdio: 'ignore', cwd: folder });
    const slapd = new Slapd(child, port, folder);
    (await slapd.connect()).destroy();
    return slapd;
  }

  /** A connection, as soon as it listens. */
  async connect(): Promise<Socket> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const socket = connect(this.port, '127.0.0.1');
      try {
        await once(socket, 'connect');
        return socket;
      } catch (error) {
        if (Date.now() > deadline || this.#process.exitCode !== null) throw error;
        await wait(50);
      }
    }
  }

  async stop(): Promise<void> {
    const isOver = once(this.#process, 'close');
    this.#process.kill('SIGKILL');
    await isOver;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function configurationOf(folder: string, suffix: string): string {
  const schemas = ['core', 'cosine', 'inetorgperson', 'nis'].map((name) => `include ${SCHEMAS}/${name}.schema`);
  return [
    ...schemas,
    `pidfile ${folder}/pid`,
    `modulepath ${MODULES}`,
    'moduleload back_mdb',
    'sizelimit unlimited',
    'database mdb',
    `suffix "${suffix}"`,
    `directory ${folder}/data`,
    'maxsize 67108864',
    'access to * by * read',
    '',
  ].join('\n');
}
