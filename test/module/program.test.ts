/** Programs over two stacks: the three scopes, input in any pieces, the slow path, datagrams, and every bound. */
import { expect } from 'chai';
import type { ProgramDefinition } from '../../src/module/index.js';
import { SeededRandom } from '../../src/net/random.js';
import { IpAddress } from '../../src/net/wire/address.js';
import { ModuleWorld } from '../support/module-world.js';

interface Own {
  asked: number;
}
interface Asked {
  line: string;
}

/** Answers each line with its number in the connection and in the module. `slow …` goes to the slow path. */
function counting(more: Partial<ProgramDefinition<unknown, { lines: number }, Own, Asked>> = {}) {
  const program: ProgramDefinition<unknown, { lines: number }, Own, Asked> = {
    name: 'counting',
    counters: { lines: 'Lines answered.' },
    listeners: () => [
      { transport: 'tcp', port: 7 },
      { transport: 'udp', port: 7 },
    ],
    state: {
      module: () => ({ lines: 0 }),
      connection: () => ({ asked: 0 }),
      request: (before) => Object.assign(before ?? { line: '' }, { line: '' }),
    },
    actions: {
      readLine(exchange) {
        const line = exchange.readLine();
        if (line === undefined) return 'part';
        exchange.request.line = line;
        if (line.startsWith('slow ')) exchange.ask(line.slice(5));
        if (line === 'throw') throw new Error('as the client wished');
        if (line === 'quit') return 'quit';
        return line.startsWith('slow ') ? 'asked' : 'line';
      },
      readRest(exchange) {
        exchange.request.line = exchange.readAll().trim();
        if (exchange.request.line.startsWith('slow ')) exchange.ask(exchange.request.line.slice(5));
        return exchange.request.line.startsWith('slow ') ? 'asked' : 'line';
      },
      answer(exchange) {
        const { module, connection, request } = exchange;
        exchange.write(`${++connection.asked} ${++module.lines} ${request.line}\n`);
        return 'answered';
      },
      tell(exchange) {
        exchange.write(`slowly ${exchange.answer}\n`);
        return 'answered';
      },
    },
    control: {
      reading: {
        on: 'input',
        run: 'readLine',
        next: { part: 'reading', line: 'answering', asked: 'waiting', quit: 'close' },
      },
      answering: { run: 'answer', next: { answered: 'again' } },
      waiting: { on: 'answer', run: 'tell', next: { answered: 'again', failed: 'answering' } },
    },
    datagrams: {
      reading: { on: 'input', run: 'readRest', next: { line: 'answering', asked: 'waiting' } },
      answering: { run: 'answer', next: { answered: 'close' } },
      waiting: { on: 'answer', run: 'tell', next: { answered: 'close' } },
    },
    slow: () => async (question) => {
      if (question === 'fault') throw new Error('the disk is full');
      if (question === 'never') return new Promise(() => {});
      return `about ${question}`;
    },
    ...more,
  };
  return program;
}

describe('a program', () => {
  let world: ModuleWorld;

  beforeEach(async () => {
    world = new ModuleWorld();
    await world.serve(counting());
  });

  it('has a state for the module, one for each connection and one for each request', () => {
    const first = world.connect(7, 'a\nb\n');
    const second = world.connect(7, 'c\r\n');
    first.send('d\n');
    expect([first.text, second.text]).to.deep.equal(['1 1 a\n2 2 b\n3 4 d\n', '1 3 c\n']);
  });

  it('gets its input whatever pieces it comes in', () => {
    const client = world.connect(7, 'he');
    for (const piece of ['l', 'lo\nwor', 'ld\n\nx', '\n']) client.send(piece);
    expect(client.text).to.equal('1 1 hello\n2 2 world\n3 3 \n4 4 x\n');
  });

  it('gives the same answers however its input is cut, 300 times at random', async () => {
    const random = new SeededRandom(5);
    const text = Array.from({ length: 40 }, (_, i) => 'y'.repeat(i % 7 === 3 ? 900 : i % 5)).join('\n');
    const whole = world.connect(7, `${text}\n`).text;
    for (let round = 0; round < 300; round++) {
      world = new ModuleWorld();
      await world.serve(counting());
      const client = world.connect(7);
      for (let at = 0; at <= text.length; ) {
        const length = 1 + ((random.nextInt32() >>> 0) % 700);
        client.push(`${text}\n`.slice(at, at + length));
        at += length;
      }
      world.pass(2);
      expect(client.text).to.equal(whole);
    }
  });

  it('closes when its client has, after the answers, and also in the middle of a line', () => {
    const client = world.connect(7, 'a\nunfinished').end();
    expect([client.text, client.isEnded, client.reason]).to.deep.equal(['1 1 a\n', true, 'closed']);
    expect(world.counters).to.include({ connections: 1, openConnections: 0, failures: 0 });
  });

  it('reaches an end that the table names, and throws away what comes behind', () => {
    const client = world.connect(7, 'quit\nmore\n');
    client.end();
    expect([client.text, client.isEnded, client.reason]).to.deep.equal(['', true, 'closed']);
  });

  it('takes no endless line: the connection is reset at the bound', () => {
    const client = world.connect(7, 'x'.repeat(4_000));
    expect(client.reason).to.equal(undefined);
    client.send('x'.repeat(200));
    expect(client.reason).to.equal('reset');
    expect(world.counters).to.include({ openConnections: 0, failures: 0 });
  });

  it('closes a silent connection after its time, and not one that speaks now and then', () => {
    const [silent, lively] = [world.connect(7), world.connect(7)];
    for (let i = 0; i < 4; i++) {
      world.pass(25);
      lively.send('x\n');
    }
    expect([silent.isEnded, lively.isEnded]).to.deep.equal([true, false]);
  });

  it('asks its slow path, and keeps later lines until the answer is here', async () => {
    const client = world.connect(7, 'slow one\nquick\nslow two\n');
    expect(client.text).to.equal('');
    await world.settle();
    await world.settle();
    expect(client.text).to.equal('slowly about one\n1 1 quick\nslowly about two\n');
  });

  it('goes where the table says when the slow path throws or takes too long', async () => {
    const client = world.connect(7, 'slow fault\n');
    await world.settle();
    expect(client.text).to.equal('1 1 slow fault\n');
    client.send('slow never\n');
    await world.settle();
    world.pass(9);
    expect(client.text).to.equal('1 1 slow fault\n');
    world.pass(2);
    expect(client.text).to.equal('1 1 slow fault\n2 2 slow never\n');
    expect(world.warnings).to.deep.equal(['counting: the slow path failed: the disk is full']);
  });

  it('forgets the question of a client that is gone', async () => {
    world.connect(7, 'slow never\n').end();
    await world.settle();
    world.pass(15);
    expect(world.counters).to.include({ openConnections: 0, failures: 0 });
  });

  it('that throws loses the connection, and no other', () => {
    const [bad, good] = [world.connect(7, 'throw\n'), world.connect(7, 'fine\n')];
    expect([bad.reason, good.text]).to.deep.equal(['reset', '1 1 fine\n']);
    expect(world.counters).to.include({ connections: 2, openConnections: 1, failures: 1 });
    expect(world.warnings.length).to.equal(1);
    expect(world.warnings[0]).to.contain('counting: a call failed, and its connection is reset: as the client wished');
    for (let i = 0; i < 3; i++) world.connect(7, 'throw\n');
    expect(world.counters.failures).to.equal(4);
    expect(world.warnings.length, 'one warning in ten seconds').to.equal(1);
  });

  it('answers datagrams by the same actions, each with a state of its own', () => {
    expect([...world.query(7, 'a'), ...world.query(7, 'b')]).to.deep.equal(['1 1 a\n', '1 2 b\n']);
    expect(world.counters.datagrams).to.equal(2);
  });

  it('answers a datagram later, from the address that was asked', async () => {
    world = new ModuleWorld({}, ['10.0.0.2/24', '10.0.0.3/24']);
    await world.serve(counting());
    const [first, second] = [world.query(7, 'slow x'), world.query(7, 'slow y', IpAddress.parse('10.0.0.3'))];
    await world.settle();
    expect([first, second]).to.deep.equal([['slowly about x\n'], ['slowly about y\n']]);
  });

  it('answers no more datagrams of one client in a second than its limit', async () => {
    world = new ModuleWorld();
    await world.serve(counting({ limits: { datagramsPerSecond: 3 } }));
    world.pass(1);
    const answers = [1, 2, 3, 4, 5].map((n) => world.query(7, `${n}`).length);
    expect(answers).to.deep.equal([1, 1, 1, 0, 0]);
    world.pass(1);
    expect(world.query(7, 'again').length).to.equal(1);
    expect(world.counters.limited).to.equal(2);
  });

  it('speaks first if its first state waits for nothing', async () => {
    world = new ModuleWorld();
    await world.serve(counting({ control: { greeting: { run: 'answer', next: { answered: 'close' } } } }));
    const client = world.connect(7);
    client.end();
    expect([client.text, client.isEnded, client.reason]).to.deep.equal(['1 1 \n', true, 'closed']);
  });

  it('that runs in a circle is stopped', async () => {
    world = new ModuleWorld();
    const control = { turning: { run: 'answer', next: { answered: 'turning' } } };
    await world.serve(counting({ control }));
    expect(world.connect(7).reason).to.equal('reset');
    expect(world.warnings[0]).to.contain('state "turning" is reached again and again');
  });

  it('answers a client only as far as there is room for answers, and its other lines later', async () => {
    world = new ModuleWorld();
    await world.serve(counting({ limits: { queuedBytes: 100 } }));
    const client = world.connect(7, 'a\n'.repeat(3_000));
    world.pass(60);
    expect(client.text.split('\n').length, 'all of them, a few at a time').to.equal(3_001);
    expect(world.counters.failures).to.equal(0);
  });

  it('ends its connections when the server stops: idle ones at once, others after their request', async () => {
    const [idle, busy, waiting] = [world.connect(7), world.connect(7, 'par'), world.connect(7, 'slow x\n')];
    world.server.shutdown();
    world.pass(1);
    expect([idle.isEnded, busy.isEnded, waiting.isEnded]).to.deep.equal([true, false, false]);
    await world.settle();
    busy.send('t\nno more\n');
    expect([busy.text, busy.isEnded]).to.deep.equal(['1 1 part\n', true]);
    expect([waiting.text, waiting.isEnded]).to.deep.equal(['slowly about x\n', true]);
  });

  /** It greets, and its table comes back to the state behind the greeting by itself. */
  const greeting = (next: Record<string, string>) =>
    counting({
      control: {
        greeting: { run: 'answer', next: { answered: 'reading' } },
        reading: { on: 'input', run: 'readLine', next: { part: 'reading', quit: 'close', ...next } },
        answering: { run: 'answer', next: { answered: 'reading' } },
        waiting: { on: 'answer', run: 'tell', next: { answered: 'reading', failed: 'answering' } },
      },
    });

  it('ends the idle clients of a protocol that greets when the server stops, and others after their request', async () => {
    world = new ModuleWorld();
    await world.serve(greeting({ line: 'answering', asked: 'waiting' }));
    const [fresh, served] = [world.connect(7), world.connect(7, 'a\n')];
    const [busy, waiting] = [world.connect(7, 'par'), world.connect(7, 'slow x\n')];
    world.server.shutdown();
    world.pass(1);
    expect([fresh, served, busy, waiting].map(({ isEnded }) => isEnded)).to.deep.equal([true, true, false, false]);
    expect(fresh.end().reason).to.equal('closed');
    await world.settle();
    busy.send('t\n');
    expect([busy.text, busy.isEnded]).to.deep.equal(['1 4 \n2 6 part\n', true]);
    expect([waiting.text, waiting.isEnded]).to.deep.equal(['1 5 \nslowly about x\n', true]);
  });

  it('gives an idle client two seconds for a last request when another process takes over', async () => {
    world = new ModuleWorld();
    await world.serve(greeting({ line: 'answering', asked: 'waiting' }));
    const [idle, late] = [world.connect(7), world.connect(7)];
    for (let again = 0; again < 4; again++) {
      world.server.shutdown(true); // a server asks again and again
      world.pass(0.25);
    }
    expect([idle.isEnded, late.isEnded]).to.deep.equal([false, false]);
    late.send('last\n');
    expect([late.text, late.isEnded]).to.deep.equal(['1 2 \n2 3 last\n', true]);
    world.pass(1);
    expect([idle.isEnded, idle.reason]).to.deep.equal([true, undefined]);
  });
});
