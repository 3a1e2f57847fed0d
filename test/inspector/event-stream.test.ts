/** The stream of a running server that becomes silent, in virtual time. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { transform } from 'esbuild';

const FILE = fileURLToPath(new URL('../../../web/inspector/worker/event-stream.ts', import.meta.url));

/** What a test sees of web/inspector/worker/event-stream.ts, whose types need a browser. */
interface Stream {
  readonly trouble: string;
  readonly gap: string;
  close(): void;
}
type StreamOf = new (url: string, take: (text: string) => void, changed: () => void) => Stream;

/** An `EventSource` that says what the test tells it to say. */
class FakeSource {
  static readonly CONNECTING = 0;
  static readonly CLOSED = 2;
  static opened: FakeSource[] = [];
  readyState = 1;
  onmessage: (event: { data: string }) => void = () => {};
  onerror: () => void = () => {};

  constructor(readonly url: string) {
    FakeSource.opened.push(this);
  }

  close(): void {
    this.readyState = FakeSource.CLOSED;
  }
}

/** A clock with one interval: the stream has no more. */
class FakeClock {
  now = 0;
  #tick: { readonly every: number; readonly action: () => void; due: number } | undefined;

  setInterval = (action: () => void, every: number): number => {
    this.#tick = { every, action, due: this.now + every };
    return 1;
  };

  clearInterval = (): void => {
    this.#tick = undefined;
  };

  get hasInterval(): boolean {
    return this.#tick !== undefined;
  }

  pass(milliseconds: number): void {
    const end = this.now + milliseconds;
    while (this.#tick !== undefined && this.#tick.due <= end) {
      this.now = this.#tick.due;
      this.#tick.due += this.#tick.every;
      this.#tick.action();
    }
    this.now = end;
  }
}

describe('the event stream of the inspector', () => {
  let EventStream: StreamOf;
  let clock: FakeClock;
  let changes: number;
  let taken: string[];
  let stream: Stream;
  const sources = FakeSource.opened;

  before(async () => {
    const { code } = await transform(readFileSync(FILE, 'utf8'), { loader: 'ts', format: 'cjs', target: 'es2022' });
    const names = ['module', 'EventSource', 'performance', 'setInterval', 'clearInterval', 'fetch'];
    // The clock is asked for at each call: each test has its own.
    const performance = { now: () => clock.now };
    const begin = (action: () => void, every: number) => clock.setInterval(action, every);
    const refuse = () => Promise.reject(new Error('a test asks nobody'));
    const module = { exports: {} as { EventStream?: StreamOf } };
    new Function(...names, code)(module, FakeSource, performance, begin, () => clock.clearInterval(), refuse);
    expect(module.exports.EventStream).to.be.a('function');
    EventStream = module.exports.EventStream as StreamOf;
  });

  beforeEach(() => {
    sources.length = 0;
    clock = new FakeClock();
    changes = 0;
    taken = [];
    stream = new EventStream(
      'events?token=t',
      (text) => taken.push(text),
      () => changes++,
    );
  });

  /** The newest source says something. */
  const hear = (data: string) => sources.at(-1)?.onmessage({ data });

  it('that is silent for 8 s is told so, and is opened anew', () => {
    hear('a');
    clock.pass(8_000);
    expect([stream.trouble, sources.length]).to.deep.equal(['', 1]);
    clock.pass(2_000);
    expect(stream.trouble).to.match(/^Nothing comes from the server any more/);
    expect(changes).to.equal(1);
    expect(sources.map(({ url, readyState }) => [url, readyState])).to.deep.equal([
      ['events?token=t', 2],
      ['events?token=t', 1],
    ]);
  });

  it('that speaks each second is left alone', () => {
    for (let second = 0; second < 60; second++) {
      hear(`${second}`);
      clock.pass(1_000);
    }
    expect([stream.trouble, stream.gap, sources.length, taken.length]).to.deep.equal(['', '', 1, 60]);
  });

  it('that speaks again says how long frames are missing, counted from the last word', () => {
    hear('a');
    clock.pass(13_000);
    hear('b');
    expect(stream.trouble).to.equal('');
    expect(stream.gap).to.equal('The page was cut off from the server for 13 s: the frames of that time are missing.');
    expect(taken).to.deep.equal(['a', 'b']);
  });

  it('is opened anew once in 8 s, and not while the browser itself connects', () => {
    hear('a');
    clock.pass(60_000);
    expect(sources.length).to.be.within(6, 8);
    const before = sources.length;
    const newest = sources.at(-1);
    if (newest !== undefined) newest.readyState = FakeSource.CONNECTING;
    clock.pass(60_000);
    expect(sources).to.have.length(before);
  });

  it('that is closed looks no more', () => {
    stream.close();
    expect(clock.hasInterval).to.equal(false);
    expect(sources[0]?.readyState).to.equal(FakeSource.CLOSED);
  });
});
