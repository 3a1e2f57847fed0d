import { expect } from 'chai';
import { CLOSE, HeadCache, KEEP_ALIVE, PERSISTENT } from '../../../src/http/head/head-cache.js';
import { Clock, SECOND } from '../../../src/net/clock.js';
import { DerivedWallClock } from '../../../src/net/wall-clock.js';
import type { SummedBytes } from '../../../src/net/wire/summed-bytes.js';

function textOf(head: SummedBytes): string {
  return String.fromCharCode(...head.bytes);
}

describe('mutable heads', () => {
  function make(server = 'test'): { heads: HeadCache; clock: Clock } {
    const clock = new Clock();
    return { heads: new HeadCache(new DerivedWallClock(clock, 784111777000), server), clock };
  }

  it('hold the status line, Date, Server and Connection', () => {
    const { heads } = make();
    expect(textOf(heads.get(200, PERSISTENT))).to.equal(
      'HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nServer: test\r\n',
    );
    expect(textOf(heads.get(404, CLOSE))).to.equal(
      'HTTP/1.1 404 Not Found\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nServer: test\r\nConnection: close\r\n',
    );
    expect(textOf(heads.get(304, KEEP_ALIVE))).to.match(/\r\nConnection: keep-alive\r\n$/);
  });

  it('are made once a second, and those of the last second stay as they were', () => {
    const { heads, clock } = make();
    const first = heads.get(200, PERSISTENT);
    const text = textOf(first);
    clock.now = 0.9 * SECOND;
    expect(heads.get(200, PERSISTENT)).to.equal(first);
    clock.now = 1.1 * SECOND;
    const second = heads.get(200, PERSISTENT);
    expect(second).not.to.equal(first);
    expect(textOf(second)).to.include('08:49:38');
    expect(textOf(first)).to.equal(text);
  });

  it('stay as they were however many are made after them', () => {
    const { heads, clock } = make();
    const kept = Array.from({ length: 2000 }, (_, second) => {
      clock.now = second * SECOND;
      const head = heads.get(200, CLOSE);
      return { head, text: textOf(head) };
    });
    for (const { head, text } of kept) expect(textOf(head)).to.equal(text);
    expect(new Set(kept.map(({ text }) => text)).size).to.equal(2000);
  });

  it('go without Server where it is empty, and refuse one that would break the head', () => {
    expect(textOf(make('').heads.get(200, PERSISTENT))).not.to.include('Server');
    expect(() => make('a\r\nSet-Cookie: b')).to.throw(RangeError, 'printable');
  });

  it('follow a time of day that is set', () => {
    const clock = new Clock();
    const wallClock = new DerivedWallClock(clock, 1000_000);
    clock.now = 10 * SECOND;
    expect(wallClock.seconds).to.equal(1010);
    wallClock.set(5000_000);
    expect(wallClock.seconds).to.equal(5000);
  });
});
