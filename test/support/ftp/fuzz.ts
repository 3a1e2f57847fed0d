/** Mutated scripts of an FTP control connection, repeatably: what the server may do is checked, whatever they are. */
import { SeededRandom } from '../../../src/net/random.js';
import type { FakeConnection } from '../fake-connection.js';
import { mutate } from '../mutate.js';
import { FtpWorld, folderOf } from './world.js';

const LOGIN = ['USER anonymous', 'PASS guest@'];
const COMMANDS = [
  ...['TYPE I', 'TYPE A', 'EPSV', 'PASV', 'EPSV ALL', 'EPSV 1', 'PORT 192,0,2,2,156,64', 'EPRT |1|192.0.2.2|40000|'],
  ...[
    'RETR index.html',
    'RETR docs/long.txt',
    'RETR /docs/text.txt',
    'REST 5',
    'REST 999999999999999',
    'LIST',
    'LIST -la docs',
  ],
  ...[
    'NLST',
    'MLSD',
    'MLST docs',
    'STAT',
    'STAT docs',
    'SIZE docs/text.txt',
    'MDTM index.html',
    'CWD docs',
    'CWD ../..',
    'CDUP',
  ],
  ...[
    'PWD',
    'ABOR',
    'FEAT',
    'HELP',
    'NOOP',
    'SYST',
    'OPTS UTF8 ON',
    'OPTS MLST type;size;',
    'REIN',
    'USER other',
    'AUTH TLS',
  ],
  ...['STOR x', 'DELE x', 'MODE B', 'STRU R', 'ALLO 5', 'QUIT', 'ACCT x', '\xff\xf4\xff\xf2ABOR', 'XPWD', 'SITE HELP'],
];
const REPLY = /^(\d{3}[ -]| )[^\r\n]*$/;
/** Replies may wait up to 64 KiB; the last one comes on top, and the longest is that of HELP or STAT. */
const MOST_QUEUED = 64 * 1024 + 80 * 1_024;

export class FtpFuzz {
  readonly #seed: number;
  readonly #world: FtpWorld;

  private constructor(seed: number, world: FtpWorld) {
    this.#seed = seed;
    this.#world = world;
  }

  static async make(seed: number): Promise<FtpFuzz> {
    return new FtpFuzz(seed, await FtpWorld.make());
  }

  /** How many commands the server took for some. */
  get commands(): number {
    return this.#world.counters.commands ?? 0;
  }

  /** @throws {Error} if the session of script `index` breaks a rule, and whatever the server throws */
  run(index: number): void {
    const random = new SeededRandom((this.#seed ^ Math.imul(index + 1, 0x9e3779b1)) | 0);
    const below = (limit: number) => (random.nextInt32() >>> 0) % limit;
    const lines = below(8) === 0 ? [] : [...LOGIN];
    for (let i = 1 + below(8); i > 0; i--) lines.push(COMMANDS[below(COMMANDS.length)] ?? '');
    const script = mutate(Buffer.from(`${lines.join('\r\n')}\r\n`, 'latin1'), random).subarray(0, 4_096);
    const world = this.#world;
    const control = world.connect();
    control.acknowledges = below(4) > 0;
    const datas: FakeConnection[] = [];
    for (let at = 0; at < script.length && !control.gone; ) {
      const end = at + 1 + below(script.length);
      if (!control.closing) control.deliver(script.subarray(at, end));
      at = end;
      this.#serve(control, datas, below(3));
    }
    this.#check(control, datas);
  }

  /** What the main thread, a data client and time do meanwhile. */
  #serve(control: FakeConnection, datas: FakeConnection[], choice: number): void {
    const { stack, questions } = this.#world;
    while (questions.length > 0) this.#world.answer(folderOf(choice));
    const [port] = stack.listening.keys();
    if (choice > 0 && port !== undefined) datas.push(this.#world.dataOn(port));
    for (const opener of stack.opened.splice(0)) {
      if (choice === 0) opener.failed('refused');
      else datas.push(this.#world.dataBy(opener));
    }
    for (const data of datas) if (choice === 2 && !data.gone) data.acknowledgeAll();
    if (choice === 0 && !control.gone) control.pass(100);
  }

  #check(control: FakeConnection, datas: readonly FakeConnection[]): void {
    const { stack, counters, module, questions } = this.#world;
    if (control.queuedBytes > MOST_QUEUED) throw new Error(`${control.queuedBytes} bytes are queued`);
    const lines = control.sent.split('\r\n');
    if (lines.pop() !== '') throw new Error('a reply has no end');
    const wrong = lines.find((line) => !REPLY.test(line));
    if (wrong !== undefined) throw new Error(`this is no line of a reply: ${JSON.stringify(wrong)}`);
    if (!control.gone) control.disappear('reset');
    for (const data of datas) if (!data.gone) data.disappear('reset');
    while (questions.length > 0) this.#world.answer(folderOf(1)); // the session that asked is gone
    if (stack.listening.size > 0) throw new Error('a port is still open');
    if (counters.openSessions !== 0) throw new Error('a session is still there');
    if (module.unfinished !== 0) throw new Error('a question is still open');
  }
}
