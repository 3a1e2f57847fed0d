import { expect } from 'chai';
import { type InspectEvent, Player, World, type WorldOptions, WorldTimeLimit } from '../../src/browser/index.js';
import { CaptureReader } from '../../src/capture/format/capture-reader.js';
import { INBOUND, OUTBOUND } from '../../src/capture/format/pcapng-format.js';
import { CaptureRecord } from '../../src/capture/format/record.js';
import { arrowsOf } from '../../src/inspect/trace/exchange.js';
import { describeFrame } from '../../src/net/wire/describe.js';

const LOSSY: WorldOptions = {
  seed: 5,
  hosts: { client: {}, server: { files: { '/index.html': '<h1>Hello</h1>', '/big': 300_000 } } },
  link: { both: { delay: 10_000, jitter: 500, loss: 0.03, duplication: 0.01, reordering: 0.02, rate: 20_000_000 } },
  start: (world) => world.get('client', 'server', ['/', '/big']),
};

function lines(world: World): string[] {
  return world.history.frames.map(
    ({ time, bytes, fate }) => `${time} ${describeFrame(bytes, 0, bytes.length)} ${fate}`,
  );
}

describe('browser/world', () => {
  it('serves files from the cache of one host to the client of another', () => {
    const world = new World({ ...LOSSY, link: {} });
    world.runUntilIdle();
    const [page, big] = world.fetches[0]!.answers;
    expect(page).to.include({ status: 200, bytes: 14 });
    expect(big).to.include({ status: 200, bytes: 300_000 });
    expect(world.fetches[0]!.reason).to.equal('closed');
    expect(world.host('server').http!.statistics.cacheHits).to.equal(2);
    expect(world.host('server').stack.statistics.tcp.payloadBytesRead, 'no byte of a body was read').to.equal(0);
  });

  it('gives the same frames at the same times for the same seed, and others for another', () => {
    const runs = [5, 5, 6].map((seed) => {
      const world = new World({ ...LOSSY, seed });
      world.runUntil(() => world.fetches[0]!.done);
      return lines(world);
    });
    expect(runs[0]!.length).to.be.greaterThan(200);
    expect(runs[1]).to.deep.equal(runs[0]);
    expect(runs[2]).to.not.deep.equal(runs[0]);
    expect(runs[0]!.some((line) => line.endsWith(' lost'))).to.equal(true);
  });

  it('steps by event and by frame', () => {
    const world = new World({ ...LOSSY, link: { both: { delay: 10_000 } } });
    const first = world.stepFrame();
    expect(first, 'the announcement of the client').to.deep.equal({ kind: 'frame', time: 10_000, at: 'server' });
    expect(world.stepFrame(), 'and of the server').to.deep.equal({ kind: 'frame', time: 10_000, at: 'client' });
    for (let i = 0; i < 2; i++) world.stepFrame();
    expect(world.now, 'the question of the client and the answer to it').to.equal(20_000);
    const events = world.events;
    world.step();
    expect(world.events).to.equal(events + 1);
    world.runUntilIdle(Number.MAX_SAFE_INTEGER);
    expect(world.step(), 'nothing is left that could happen').to.equal(undefined);
  });

  it('goes back to every earlier moment, and forward again on the same way', () => {
    const world = new World(LOSSY);
    world.goTo(120);
    const then = { now: world.now, lines: lines(world), status: world.host('server').stack.statistics.tcp };
    const text = JSON.stringify(then);
    world.runUntil(() => world.fetches[0]!.done);
    const end = lines(world);
    const events = world.events;
    world.goTo(120);
    expect(
      JSON.stringify({ now: world.now, lines: lines(world), status: world.host('server').stack.statistics.tcp }),
    ).to.equal(text);
    world.goTo(events);
    expect(lines(world)).to.deep.equal(end);
    world.back();
    expect(world.events).to.equal(events - 1);
    world.goToTime(then.now);
    expect(world.now).to.equal(then.now);
  });

  it('goes back over one frame at a time', () => {
    const world = new World(LOSSY);
    for (let i = 0; i < 10; i++) world.stepFrame();
    const arrivals = () => world.history.events.filter(({ kind }) => kind === 'arrival').length;
    expect(arrivals()).to.equal(10);
    world.backFrame();
    expect(arrivals()).to.equal(9);
    for (let i = 0; i < 20; i++) world.backFrame();
    expect([arrivals(), world.events]).to.deep.equal([0, 0]);
  });

  it('does again what was done to it when it lives again, and forgets it when the past is changed', () => {
    const world = new World({ ...LOSSY, link: { both: { delay: 10_000 } } });
    world.goTo(6);
    world.do((now) => now.link('client-server').back.set({ loss: 1 }));
    world.runFor(3_000_000);
    const lost = () => world.link('client-server').back.statistics.lost;
    expect(lost()).to.be.greaterThan(0);
    world.goTo(3);
    expect(lost()).to.equal(0);
    world.goToTime(3_000_000);
    expect(lost(), 'the deed at event 6 happened again').to.be.greaterThan(0);
    world.goTo(3);
    world.do(() => undefined);
    world.goToTime(3_000_000);
    expect(lost(), 'that future never came').to.equal(0);
  });

  it('refuses a deed within a deed, which would be done twice', () => {
    const world = new World(LOSSY);
    expect(() => world.do((now) => now.do(() => 1))).to.throw('within an action');
    world.do((now) => now.at(now.now + 5, () => expect(() => now.do(() => 1)).to.throw('within an action')));
    world.runFor(5);
  });

  it('loses the frames and the data segments that it is told to lose', () => {
    const world = new World({
      hosts: { a: {}, b: {} },
      link: { both: { delay: 1000 }, forth: { loseData: [3], loseFrames: [1] } },
      start: (now) => now.transfer('a', 'b', { content: 20_000 }),
    });
    world.runUntilIdle();
    const lost = world.history.frames.filter(({ fate }) => fate === 'lost');
    expect(
      lost.map(({ bytes }) =>
        describeFrame(bytes, 0, bytes.length).replace(/.*, (length \d+)$/, (line, length) =>
          line.startsWith('ARP') ? line : length,
        ),
      ),
    ).to.deep.equal(['ARP, Announcement 10.0.0.1, length 28', 'length 1440']);
    expect(world.transfers[0]!.done).to.equal(true);
    expect(world.host('a').stack.statistics.tcp.retransmits).to.equal(1);
  });

  it('drops what is longer than the link takes, and what its queue has no room for', () => {
    const world = new World({
      hosts: { a: { mtu: 1500 }, b: { mtu: 1500 } },
      link: { mtu: 1300, both: { rate: 1_000_000, queueBytes: 4000 } },
      start: (now) => now.transfer('a', 'b', { content: 100_000 }),
    });
    world.runFor(2_000_000);
    expect(world.link('a-b').forth.statistics.tooLong).to.be.greaterThan(0);
    expect(world.history.frames.some(({ fate }) => fate === 'too long')).to.equal(true);
    const narrow = new World({
      hosts: { a: {}, b: {} },
      link: { both: { rate: 1_000_000, queueBytes: 4000 } },
      start: (now) => now.transfer('a', 'b', { content: 100_000 }),
    });
    narrow.runUntil(() => narrow.transfers[0]!.done);
    expect(narrow.history.frames.some(({ fate }) => fate === 'queue full')).to.equal(true);
  });

  it('marks packets where the queue is long, and the sender slows down without a loss', () => {
    const world = new World({
      hosts: { a: { tcp: { ecn: 'request' } }, b: {} },
      link: { both: { delay: 10_000 }, forth: { rate: 4_000_000, queueBytes: 60_000, markBytes: 10_000 } },
      start: (now) => now.transfer('a', 'b', { content: 300_000 }),
    });
    world.runUntil(() => world.transfers[0]!.done);
    const marked = world.history.frames.filter((frame) => frame.marked);
    expect(marked.length).to.equal(world.link('a-b').forth.statistics.marked).and.be.greaterThan(3);
    expect(marked.every(({ bytes }) => (bytes[15]! & 3) === 3)).to.equal(true);
    expect(arrowsOf(marked)[0]!.text).to.match(/ \(marked CE\)$/);
    expect(world.link('a-b').forth.statistics.overflowed).to.equal(0);
    expect(world.host('a').stack.statistics.tcp.retransmits).to.equal(0);
    expect(world.transfers[0]!.sender!.info().slowStartThreshold).to.be.below(60_000);
  });

  it('joins more than two hosts by a switch that learns', () => {
    const world = new World({
      hosts: { a: {}, b: {}, c: { files: { '/x': 50_000 } } },
      start: (now) => [now.get('a', 'c', '/x'), now.get('b', 'c', '/x')],
    });
    world.runUntilIdle();
    expect(world.fetches.map(({ answers }) => answers[0]!.bytes)).to.deep.equal([50_000, 50_000]);
    const strays = world.history.frames.filter(
      ({ to, bytes }) => to === 'b' && describeFrame(bytes, 0, bytes.length).includes('> 10.0.0.1'),
    );
    expect(strays.length, 'nothing of a goes to b once the switch has learned').to.equal(0);
  });

  it('refuses a map that makes no sense', () => {
    const hosts = { a: {}, b: {} };
    expect(() => new World({ hosts: { a: {} } })).to.throw('at least two hosts');
    const toRouter = [{ ends: ['a', 'r'] as const }];
    expect(() => new World({ hosts: { a: {} }, routers: { r: '10.0.0.9' }, links: toRouter })).to.not.throw();
    expect(() => new World({ hosts, links: [{ ends: ['a', 'x'] }] })).to.throw('x is neither a host nor a switch');
    expect(() => new World({ hosts, links: [] })).to.throw('host a has 0 cables');
    const switches = ['s', 't'];
    const ring = (name: string) => ({ name, ends: ['s', 't'] as const });
    const links = [{ ends: ['a', 's'] as const }, { ends: ['b', 't'] as const }, ring('one'), ring('two')];
    expect(() => new World({ hosts, switches, links })).to.throw('link two closes a ring');
    expect(() => new World({ hosts: { a: { files: { x: '' } }, b: {} } })).to.throw('does not begin with /');
  });

  it('tells an observer of frames, control blocks and timers', () => {
    const events: InspectEvent[] = [];
    const world = new World({ ...LOSSY, start: () => undefined });
    world.observe(
      (event) => events.push(event),
      () => events.splice(0),
    );
    world.do((now) => now.get('client', 'server', '/big'));
    world.runUntilIdle(120_000_000);
    const states = (host: string) =>
      events.flatMap((event) => {
        if (event.kind === 'gone' && event.host === host) return [event.state];
        if (event.kind !== 'tcb' || event.host !== host || event.before === event.view.info.state) return [];
        return [event.view.info.state];
      });
    expect(states('client')).to.deep.equal(['SYN-SENT', 'ESTABLISHED', 'FIN-WAIT-1', 'TIME-WAIT']);
    expect(states('server').slice(0, 2)).to.deep.equal(['SYN-RECEIVED', 'ESTABLISHED']);
    expect(states('server').at(-1)).to.equal('CLOSED');
    const views = events.flatMap((event) => (event.kind === 'tcb' && event.host === 'server' ? [event.view] : []));
    expect(Math.max(...views.map(({ info }) => info.congestionWindow))).to.be.greaterThan(14_480);
    expect(views.some(({ timers }) => timers.some(({ name }) => name === 'retransmission'))).to.equal(true);
    expect(views.some(({ flight }) => flight.some(({ lost }) => lost))).to.equal(true);
    expect(events.some((event) => event.kind === 'timer')).to.equal(true);
    world.goTo(world.events - 1);
    expect(events, 'all is told again up to the new present').to.deep.equal(world.history.events);
  });

  it('tells an observer of what was sent before anything has arrived; a later one hears what comes', () => {
    const world = new World(LOSSY);
    const [early, late]: InspectEvent[][] = [[], []];
    world.observe((event) => early!.push(event));
    const first = early!.flatMap((event) => (event.kind === 'frame' ? [`${event.number} at ${event.time}`] : []));
    expect(first, 'two announcements, and the question for the address').to.deep.equal(['1 at 0', '2 at 0', '3 at 0']);
    world.stepFrame();
    const told = early!.length;
    world.observe((event) => late!.push(event));
    expect(late).to.deep.equal([]);
    world.runFor(50_000);
    expect(early).to.deep.equal(world.history.events);
    expect(late).to.deep.equal(world.history.events.slice(told));
  });

  it('writes its frames as pcapng, of every link or as one host sees them', () => {
    const world = new World({ ...LOSSY, link: { both: { delay: 10_000 }, back: { loseData: [2] } } });
    world.runUntil(() => world.fetches[0]!.done);
    const all = read(world.pcapng());
    expect(all.length).to.equal(world.frames);
    expect(all[0]).to.include({ direction: 0, text: 'ARP, Announcement 10.0.0.1, length 28' });
    const seen = read(world.pcapng({ at: 'client' }));
    expect(seen.filter(({ direction }) => direction === OUTBOUND).length).to.equal(
      world.history.frames.filter(({ from }) => from === 'client').length,
    );
    expect(seen.filter(({ direction }) => direction === INBOUND).length).to.equal(
      world.history.events.filter((event) => event.kind === 'arrival' && event.to === 'client').length,
    );
  });

  it('keeps its history within bounds', () => {
    const world = new World({ ...LOSSY, historyEvents: 100 });
    world.runUntil(() => world.fetches[0]!.done);
    expect(world.history.events.length).to.be.at.most(100);
    expect(world.history.forgotten).to.be.greaterThan(100);
    const small = new World({ ...LOSSY, historyBytes: 20_000 });
    small.runUntil(() => small.fetches[0]!.done);
    expect(small.history.frames.reduce((bytes, frame) => bytes + frame.bytes.length, 0)).to.be.at.most(20_000);
  });

  it('shows a zero window when the receiver does not read, and the rest when it does', () => {
    const world = new World({
      hosts: { a: {}, b: {} },
      link: { both: { delay: 1000 } },
      start: (now) => now.transfer('a', 'b', { content: 200_000, appetite: 10_000, receiveBuffer: 30_000 }),
    });
    world.runFor(2_000_000);
    expect(world.transfers[0]!.received).to.equal(10_000);
    const [tcb] = world.host('a').stack.tcp.host.connections.values();
    expect(tcb!.snd.wnd).to.be.lessThan(1460);
    world.do((now) => now.transfers[0]!.read());
    world.runUntil((now) => now.transfers[0]!.done);
  });

  it('says so when it cannot come to the end that is waited for', () => {
    const world = new World({ ...LOSSY, link: { both: { loss: 1 } } });
    expect(() => world.runUntil(() => world.fetches[0]!.done, 10_000_000)).to.throw(WorldTimeLimit);
  });

  it('plays at a speed, in turns of bounded work, until it is stopped', () => {
    let real = 0;
    const turns: (() => void)[] = [];
    const world = new World({ ...LOSSY, link: { both: { delay: 10_000 } } });
    const player = new Player(world, { now: () => real, nextTurn: (turn) => turns.push(turn), speed: 0.5 });
    player.play();
    for (real = 16; real <= 160; real += 16) turns.shift()!();
    expect(world.now).to.equal(80_000);
    expect(player.isPlaying).to.equal(true);
    player.stop();
    turns.shift()!();
    expect([world.now, turns.length, player.isPlaying]).to.deep.equal([80_000, 0, false]);
  });
});

function read(file: Uint8Array): { direction: number; text: string }[] {
  const reader = new CaptureReader();
  const record = new CaptureRecord();
  reader.push(file);
  reader.end();
  const found = [];
  while (reader.next(record)) {
    found.push({ direction: record.direction, text: describeFrame(record.bytes, record.from, record.to) });
  }
  expect(reader.problems).to.deep.equal([]);
  return found;
}
