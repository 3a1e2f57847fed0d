/** FTP over the TAP, asked by clients that people use, and by a control connection of our own for what they do not. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { buffer, text as textFrom } from 'node:stream/consumers';
import { expect } from 'chai';
import { someBytes } from '../cache/support.js';
import { describeInNamespace } from '../support/namespace.js';
import { CURL, needs, readableFolder, run as runProgram, ServeProcess } from '../support/serve-process.js';

const OURS = '10.77.0.2';

/** What a program prints. @throws {Error} with its errors if it fails */
async function run(program: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runProgram(program, args);
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${stderr}`);
  return stdout;
}

/** What a program prints that reads commands. */
async function feed(program: string, args: readonly string[], cwd: string, commands: string): Promise<string> {
  const child = spawn(program, args, { cwd, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(commands);
  const [output, errors] = await Promise.all([textFrom(child.stdout), textFrom(child.stderr)]);
  return output + errors;
}

/** A control connection: sends commands, and gives whole replies. */
class Control {
  readonly socket: Socket;
  #text = '';

  private constructor(socket: Socket) {
    this.socket = socket
      .setMaxListeners(0)
      .setEncoding('latin1')
      .on('data', (text: string) => {
        this.#text += text;
      });
  }

  static async open(): Promise<Control> {
    const control = new Control(connect(21, OURS));
    await control.reply();
    for (const line of ['USER anonymous', 'PASS x', 'TYPE I']) await control.ask(line);
    return control;
  }

  ask(line: string): Promise<string> {
    this.socket.write(`${line}\r\n`);
    return this.reply();
  }

  /** The next reply, of one line or more. */
  async reply(): Promise<string> {
    for (;;) {
      const found = /^(\d{3} .*\r\n|(\d{3})-[\s\S]*?^\2 .*\r\n)/m.exec(this.#text);
      if (found !== null) {
        this.#text = this.#text.slice(found.index + found[0].length);
        return found[0];
      }
      await Promise.race([once(this.socket, 'data'), once(this.socket, 'close')]);
      if (this.socket.destroyed && this.#text === '') return 'closed';
    }
  }

  async passive(): Promise<Socket> {
    const [, port] = /\|\|\|(\d+)\|/.exec(await this.ask('EPSV')) ?? [];
    return connect(Number(port), OURS);
  }
}

describeInNamespace(import.meta.url, 'FTP', () => {
  const folder = readableFolder('fastpath-ftp-');
  const site = join(folder, 'site');
  const big = someBytes(3_000_000, 5);
  const medium = someBytes(50_000, 6);
  let server: ServeProcess;

  before(async () => {
    mkdirSync(join(site, 'docs', 'deep'), { recursive: true });
    writeFileSync(join(site, 'index.html'), '<h1>home</h1>\n');
    writeFileSync(join(site, 'docs', 'text.txt'), 'one\ntwo\n');
    writeFileSync(join(site, 'docs', 'deep', 'größe é.bin'), big);
    writeFileSync(join(site, 'docs', 'empty'), '');
    writeFileSync(join(site, 'docs', 'medium'), medium);
    writeFileSync(join(folder, 'huge'), '');
    truncateSync(join(folder, 'huge'), 60_000_000); // more than a kernel's receive buffer
    renameSync(join(folder, 'huge'), join(site, 'huge'));
    writeFileSync(join(site, '.secret'), 'hidden');
    const configuration = `sites: [{folder: ${site}}]\nmodules: [{use: ftp}]\n`;
    writeFileSync(join(folder, 'site.yaml'), configuration);
    const env = { ...process.env, FASTPATH_RUNTIME_DIR: join(folder, 'run') };
    server = await ServeProcess.start([join(folder, 'site.yaml'), '--workers', '2'], { env, cwd: folder });
  });

  after(async () => {
    if (server !== undefined) await server.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('gives curl a list and files, by passive and by active data connections, and the rest of one', async () => {
    const name = 'docs/deep/gr%C3%B6%C3%9Fe%20%C3%A9.bin';
    const curl = (...args: string[]) => run('curl', [...CURL, ...args]);
    expect((await curl(`ftp://${OURS}/`, '--list-only')).split('\n').sort()).to.deep.equal([
      '',
      'docs',
      'huge',
      'index.html',
    ]);
    const out = join(folder, 'out');
    for (const how of [
      ['--ftp-pasv'],
      ['--disable-epsv'],
      ['--ftp-port', '-'],
      ['--ftp-port', '-', '--disable-eprt'],
    ]) {
      await curl(...how, '-o', out, `ftp://${OURS}/${name}`);
      expect(Buffer.compare(readFileSync(out), big), how.join(' ')).to.equal(0);
    }
    writeFileSync(out, big.subarray(0, 1_234_567));
    await curl('-C', '-', '-o', out, `ftp://${OURS}/${name}`);
    expect(Buffer.compare(readFileSync(out), big), 'resumed').to.equal(0);
  });

  it('gives wget a file', async function () {
    needs(this, 'wget');
    await run('wget', ['-q', '-T', '20', '-O', join(folder, 'w'), `ftp://${OURS}/docs/text.txt`]);
    expect(readFileSync(join(folder, 'w'), 'utf8')).to.equal('one\ntwo\n');
  });

  it('lets lftp mirror the tree', async function () {
    needs(this, 'lftp');
    const copy = join(folder, 'copy');
    await run('lftp', ['-c', `set net:timeout 10; set net:max-retries 2; open ${OURS}; mirror / ${copy}`]);
    const names = readdirSync(copy, { recursive: true, encoding: 'utf8' }).sort();
    expect(names).to.deep.equal(
      [
        'docs',
        'docs/deep',
        'docs/deep/größe é.bin',
        'docs/empty',
        'docs/medium',
        'docs/text.txt',
        'huge',
        'index.html',
      ].sort(),
    );
    expect(Buffer.compare(readFileSync(join(copy, 'docs/deep/größe é.bin')), big)).to.equal(0);
  });

  it('serves Python’s ftplib: login, facts, ASCII and binary', async function () {
    needs(this, 'python3');
    const out = await run('python3', ['-c', PYTHON, OURS]);
    expect(JSON.parse(out)).to.deep.equal({
      pwd: '/docs',
      facts: ['deep:dir:None', 'empty:file:0', 'medium:file:50000', 'text.txt:file:8'],
      lines: ['one', 'two'],
      size: 8,
      binary: 'one\ntwo\n',
    });
  });

  it('keeps to the root, hides what is hidden, and stores nothing', async () => {
    const control = await Control.open();
    const replies: string[] = [];
    for (const line of [
      'CWD ../../etc',
      'SIZE .secret',
      'CWD /docs/deep/../../..',
      'PWD',
      'STOR x',
      'DELE index.html',
    ]) {
      replies.push((await control.ask(line)).slice(0, 3));
    }
    expect(replies).to.deep.equal(['550', '550', '250', '257', '550', '550']);
    expect(await control.ask('QUIT')).to.match(/^221 /);
  });

  it('connects to nobody but its client', async () => {
    const control = await Control.open();
    for (const line of [
      'PORT 10,77,0,9,40,0',
      'EPRT |1|10.77.0.9|9000|',
      'PORT 10,77,0,1,0,80',
      'PORT 1,2,3',
      'EPRT x',
    ]) {
      expect(await control.ask(line), line).to.match(/^50[14] /);
    }
    expect(await control.ask('EPRT |3|x|1|')).to.match(/^522 /);
    expect(await control.ask('RETR index.html')).to.match(/^425 /);
    control.socket.destroy();
  });

  it('says so if a data connection is never opened, and goes on', async () => {
    const control = await Control.open();
    const lost = createServer().listen(0, '10.77.0.1');
    await once(lost, 'listening');
    const { port } = lost.address() as { port: number };
    lost.close();
    await once(lost, 'close');
    await control.ask(`EPRT |1|10.77.0.1|${port}|`);
    expect(await control.ask('RETR index.html')).to.match(/^150 /);
    expect(await control.reply()).to.match(/^425 /);
    const data = await control.passive();
    const all = buffer(data);
    expect(await control.ask('RETR docs/empty')).to.match(/^150 /);
    expect((await all).length).to.equal(0);
    expect(await control.reply()).to.match(/^226 /);
    control.socket.destroy();
  });

  it('aborts a transfer on ABOR, also behind the Telnet bytes that clients send before it', async () => {
    const control = await Control.open();
    const data = await control.passive();
    data.pause();
    await control.ask('RETR huge');
    control.socket.write(Buffer.from([0xff, 0xf4, 0xff, 0xf2]));
    control.socket.write('STAT\r\n');
    expect(await control.reply()).to.match(/^211-[\s\S]*RETR is under way/);
    expect(await control.ask('ABOR')).to.match(/^426 /);
    expect(await control.reply()).to.match(/^226 /);
    expect(await control.ask('NOOP')).to.match(/^200 /);
    data.destroy();
    control.socket.destroy();
  });

  it('goes on in the clear when a client wants TLS', async () => {
    const control = await Control.open();
    for (const line of ['AUTH TLS', 'AUTH SSL', 'PBSZ 0', 'PROT P']) expect(await control.ask(line)).to.match(/^502 /);
    expect(await control.ask('PWD')).to.match(/^257 /);
    control.socket.destroy();
  });

  for (const [program, ...options] of [
    ['tnftp', '-n', '-i'],
    ['tnftp', '-n', '-i', '-A'],
    ['inetutils-ftp', '-n', '-i'],
    ['inetutils-ftp', '-n', '-i', '-p'],
  ] as const) {
    it(`serves ${[program, ...options].join(' ')}: a list, a file, the rest of one, and text`, async function () {
      needs(this, program);
      const place = mkdtempSync(join(folder, 'client-'));
      writeFileSync(join(place, 'part'), medium.subarray(0, 20_000));
      const lines = ['open 10.77.0.2', 'user anonymous guest', 'cd docs', 'binary', 'get medium', 'reget medium part'];
      lines.push('ascii', 'get text.txt', 'nlist . names', 'quit', '');
      const text = await feed(program, options, place, lines.join('\n'));
      const read = (name: string) => readFileSync(join(place, name));
      expect(Buffer.compare(read('medium'), medium), text).to.equal(0);
      expect(Buffer.compare(read('part'), medium), text).to.equal(0);
      expect(read('text.txt').toString()).to.equal('one\ntwo\n');
      expect(read('names').toString()).to.include('medium');
    });
  }

  it('serves ncftpget: a tree, and the rest of a file', async function () {
    needs(this, 'ncftpget');
    const place = mkdtempSync(join(folder, 'ncftp-'));
    writeFileSync(join(place, 'medium'), medium.subarray(0, 20_000));
    await run('ncftpget', ['-V', '-t', '20', '-z', OURS, place, '/docs/medium']);
    expect(Buffer.compare(readFileSync(join(place, 'medium')), medium)).to.equal(0);
    await run('ncftpget', ['-V', '-t', '20', '-R', OURS, place, '/docs']);
    expect(readdirSync(join(place, 'docs')).sort()).to.deep.equal(['deep', 'empty', 'medium', 'text.txt']);
    expect(Buffer.compare(readFileSync(join(place, 'docs', 'deep', 'größe é.bin')), big)).to.equal(0);
  });

  it('serves 1,000 transfers at once over two workers, and their memory is small', async function () {
    const residentBytes = () => {
      const status = readFileSync(`/proc/${server.child.pid}/status`, 'utf8');
      return 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
    };
    const before = residentBytes();
    const controls: Control[] = [];
    while (controls.length < 1_000) {
      controls.push(...(await Promise.all(Array.from({ length: 100 }, () => Control.open()))));
    }
    const datas = await Promise.all(controls.map((control) => control.passive()));
    for (const data of datas) data.pause();
    const begun = await Promise.all(controls.map((control) => control.ask('RETR docs/medium')));
    expect(new Set(begun.map((reply) => reply.slice(0, 3)))).to.deep.equal(new Set(['150']));
    const grown = residentBytes() - before;
    const bodies = await Promise.all(datas.map((data) => buffer(data)));
    expect(bodies.filter((body) => Buffer.compare(body, medium) !== 0)).to.deep.equal([]);
    const replies = await Promise.all(controls.map((control) => control.reply()));
    expect(new Set(replies.map((reply) => reply.slice(0, 3)))).to.deep.equal(new Set(['226']));
    expect(grown).to.be.lessThan(150_000_000);
    this.test!.title += ` (${Math.round(grown / 1e6)} MB)`;
    for (const control of controls) control.socket.destroy();
    await server.event('status', ({ counters }) => {
      const all = counters as Record<string, number>;
      return all['ftp.openSessions'] === 0 && (all['ftp.transfers'] ?? 0) > 1_000;
    });
  });
});

const PYTHON = `
import ftplib, json, sys
ftp = ftplib.FTP(sys.argv[1], timeout=20)
ftp.login()
ftp.cwd('/docs')
facts = sorted('%s:%s:%s' % (n, f['type'], f.get('size')) for n, f in ftp.mlsd() if f['type'] != 'cdir')
lines = []
ftp.retrlines('RETR text.txt', lines.append)
chunks = []
ftp.retrbinary('RETR text.txt', chunks.append)
size = ftp.size('text.txt')
print(json.dumps({'pwd': ftp.pwd(), 'facts': facts, 'lines': lines, 'size': size, 'binary': b''.join(chunks).decode()}))
ftp.quit()
`;
