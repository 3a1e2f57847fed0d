/** What the author of a module may do wrong, and what he is told. */
import { expect } from 'chai';
import { newCounters } from '../../src/module/counters.js';
import { definitionOf, type Exchange, PrebuiltAnswers } from '../../src/module/index.js';
import { SeededRandom } from '../../src/net/random.js';
import { createStatisticsMemory, StatisticsWriter } from '../../src/serve/worker/statistics-block.js';
import { ModuleWorld } from '../support/module-world.js';

/** A module that is right, but for what `more` says. Its client gets what `act` makes of a line. */
const moduleWith = (more: object, act: (exchange: Exchange) => void = () => {}) => ({
  name: 'teller',
  counters: { told: 'Lines told.' },
  listeners: () => [{ transport: 'tcp', port: 7 }],
  actions: {
    act(exchange: Exchange) {
      exchange.readAll();
      act(exchange);
      return 'told';
    },
  },
  control: { acting: { on: 'input', run: 'act', next: { told: 'again' } } },
  ...more,
});

const refused = (more: object) => expect(() => definitionOf(moduleWith(more)));

describe('the author of a module', () => {
  it('is told of a key that nobody reads, with the keys that there are', () => {
    refused({ contol: {} }).to.throw(TypeError, /^a module has no key "contol"; it may have name, .*control, /);
    refused({ state: { conection: () => 1 } }).to.throw('"state" has no key "conection"; it may have module, ');
    refused({ limits: { inputByte: 9 } }).to.throw('"limits" has no key "inputByte"; it may have inputBytes, ');
    const row = { on: 'input', run: 'act', nxt: {} };
    refused({ control: { acting: row } }).to.throw('state "acting" has no key "nxt"; it may have on, run, next');
  });

  it('is told of a key that belongs to the other kind of module', () => {
    refused({ main: () => ({}) }).to.throw('a module with "actions" has no key "main"');
    refused({ create: () => ({}) }).to.throw('a module with a function "create" has no key "actions"');
  });

  it('is told of a listener with a wrong key when its ports are opened', async () => {
    const listeners = () => [{ transport: 'tcp', port: 7, backlogs: 3 }];
    const error = await new ModuleWorld().serve(moduleWith({ listeners })).catch((thrown) => thrown);
    expect(error.message).to.equal('a listener has no key "backlogs"; it may have transport, port, backlog');
  });

  it('is told of a limit that is no number, and of a row that leads nowhere', () => {
    refused({ limits: { silenceMs: '9s' } }).to.throw('the limit "silenceMs" is a number above 0');
    refused({ control: { acting: { run: 'act' } } }).to.throw(
      'state "acting" has no "next", which says where it leads',
    );
  });

  /** The warning for an action that makes a mistake; its client is reset, and the next one is served. */
  async function warningOf(act: (exchange: Exchange) => void): Promise<string> {
    const world = new ModuleWorld();
    await world.serve(moduleWith({}, act));
    const client = world.connect(7, 'x');
    expect([client.reason, world.counters.failures]).to.deep.equal(['reset', 1]);
    return world.warnings[0] ?? '';
  }

  it('is told of a counter that the definition does not declare', async () => {
    const count = ({ worker }: Exchange) => void (worker.counters.tolds = (worker.counters.tolds ?? 0) + 1);
    expect(await warningOf(count)).to.contain('the module has no counter "tolds"; it declares told');
    const world = new ModuleWorld();
    await world.serve(moduleWith({}, ({ worker }) => void (worker.counters.told = (worker.counters.told ?? 0) + 1)));
    world.connect(7, 'x');
    expect(world.counters).to.include({ told: 1, failures: 0 });
  });

  it('has a declared counter published under its own name, and nothing else', () => {
    const counters = newCounters(definitionOf(moduleWith({})));
    const writer = new StatisticsWriter(createStatisticsMemory(), [{ teller: counters }]);
    expect(writer.names).to.deep.equal(['teller.told']);
    expect(String(counters)).to.equal('[object Object]');
  });

  it('is told in words, and with the place in his own file, what cannot be sent', async () => {
    const send = (content: unknown) => warningOf((exchange) => exchange.send(content as never));
    expect(await send(null)).to.match(/send takes SummedBytes, not null; write takes text and bytes \(at .*mistakes/);
    expect(await send('hello')).to.contain('send takes SummedBytes, not String; write takes text');
    expect(await send(undefined)).to.contain('not undefined;');
    expect(await warningOf((exchange) => exchange.write(null as never))).to.contain(
      'write takes text or a Uint8Array, not null',
    );
    expect(await warningOf((exchange) => exchange.write(3 as never))).to.contain('not a number');
  });

  it('is told of an interval that is not in the bytes', async () => {
    const world = new ModuleWorld();
    const act = (exchange: Exchange) => {
      exchange.worker.answers.put('a', 'hello');
      const hello = exchange.worker.answers.get('a');
      if (hello !== null) exchange.send(hello, 1, 6);
    };
    await world.serve(moduleWith({}, act));
    world.connect(7, 'x');
    expect(world.warnings[0]).to.contain('there is no interval [1, 6) in 5 bytes');
  });

  it('is told of a prebuilt answer that is neither text nor bytes', () => {
    const answers = new PrebuiltAnswers(new SeededRandom(1));
    expect(() => answers.put('a', null as never)).to.throw(TypeError, 'an answer takes text or a Uint8Array, not null');
    expect(() => answers.put(7 as never, 'a')).to.throw(TypeError, 'a key takes text or a Uint8Array, not a number');
  });
});
