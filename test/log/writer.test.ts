/** The log thread's work, without the thread: rings in, lines out, and sinks that are slow, full or broken. */
import { expect } from 'chai';
import { get } from '../support/http-bench.js';
import { makeLogBench, makeWriter } from './support.js';

describe('access log: writer', () => {
  it('writes the records of several workers, each once', async () => {
    const worlds = [await makeLogBench(), await makeLogBench(), await makeLogBench()];
    const { writer, sink } = makeWriter(
      worlds.map(({ reader }) => reader),
      64,
    );
    for (const { bench } of worlds) for (let i = 0; i < 20; i++) bench.feed([get('/a'), get('/none')]);
    writer.turn(0);
    const transactions = sink.lines.map((line) => (JSON.parse(line) as { transaction: string }).transaction);
    expect(transactions).to.have.length(120);
    expect(new Set(transactions).size).to.equal(120);
    expect(writer.statistics).to.include({ lines: 120, bytes: sink.text.length, dropped: 0 });
  });

  it('loses nothing to a slow sink: the ring fills, connections wait, and go on', async () => {
    const { bench, reader, log } = await makeLogBench(8);
    const { writer, sink } = makeWriter([reader], 8);
    sink.takes = 100;
    const connection = bench.connect();
    const wanted = 500;
    for (let i = 0; i < wanted; i++) connection.deliver(get(`/${i}`));
    for (let turn = 0; turn < 10_000 && sink.lines.length < wanted; turn++) {
      writer.turn(turn);
      log.wake();
      connection.acknowledgeAll();
    }
    const targets = sink.lines.map((line) => (JSON.parse(line) as { target: string }).target);
    expect(targets).to.deep.equal(Array.from({ length: wanted }, (_, i) => `/${i}`));
    expect(log.statistics.waits).to.be.greaterThan(5);
    expect(log.statistics.lost).to.equal(0);
  });

  it('says once that it cannot write, holds the records, and says when it can again', async () => {
    const { bench, reader } = await makeLogBench(64);
    const { writer, sink, warnings } = makeWriter([reader], 64);
    sink.failure = 'ENOSPC: no space left on device';
    for (let i = 0; i < 10; i++) bench.feed([get('/a')]);
    for (let now = 0; now < 2_000; now += 10) writer.turn(now);
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.include('cannot write to memory: ENOSPC').and.include('the oldest records are dropped');
    expect(writer.statistics.failures).to.equal(8);
    sink.failure = undefined;
    writer.turn(3_000);
    expect(sink.lines).to.have.length(10);
    expect(warnings[1]).to.equal('memory can be written again, nothing was lost');
  });

  it('drops the oldest records when the ring is full, counts them, and lets connections go on', async () => {
    const { bench, reader, log } = await makeLogBench(64);
    const { writer, sink, warnings } = makeWriter([reader], 64, 'drop');
    sink.failure = 'EIO';
    bench.feed([get('/first')]);
    writer.turn(0);
    for (let i = 0; i < 1_000; i++) {
      bench.feed([get('/a')]);
      writer.turn(1);
    }
    expect(log.statistics.waits).to.equal(0);
    sink.failure = undefined;
    writer.turn(1_000);
    const { dropped } = writer.statistics;
    expect(dropped).to.be.greaterThan(900);
    expect(sink.lines.length).to.equal(1_001 - dropped);
    expect(warnings[1]).to.equal(`memory can be written again; ${dropped} records are lost`);
  });

  it('or makes connections wait, if that is wanted', async () => {
    const { bench, reader, log } = await makeLogBench(4);
    const { writer, sink } = makeWriter([reader], 4, 'wait');
    sink.failure = 'EIO';
    const connection = bench.connect();
    for (let i = 0; i < 20; i++) {
      connection.deliver(get('/a'));
      writer.turn(1);
    }
    expect(log.isWaitedFor).to.equal(true);
    sink.failure = undefined;
    for (let i = 0; i < 20; i++) {
      writer.turn(1_000);
      log.wake();
      connection.acknowledgeAll();
    }
    expect(sink.lines).to.have.length(20);
    expect(writer.statistics.dropped).to.equal(0);
  });

  it('goes on in the middle of a line after a write that was cut', async () => {
    const { bench, reader } = await makeLogBench();
    const { writer, sink } = makeWriter([reader], 64);
    bench.feed([get('/a')]);
    sink.takes = 10;
    let now = 0;
    for (; sink.text.length < 50; now++) writer.turn(now);
    sink.failure = 'ENOSPC';
    writer.turn(now);
    sink.failure = undefined;
    for (let i = 0; i < 100; i++) writer.turn(now + 1_000 + i);
    expect(sink.lines).to.have.length(1);
    JSON.parse(sink.text);
  });

  it('begins with a whole line where a file was cut, or is another one, in the middle of a line', async () => {
    const { bench, reader } = await makeLogBench();
    const { writer, sink } = makeWriter([reader], 64, 'drop', 'w3c');
    bench.feed([get('/a')]);
    writer.turn(0);
    bench.feed([get('/b')]);
    sink.takesBeforeFailure = 10;
    writer.turn(1);
    expect(sink.text.endsWith('\n')).to.equal(false);
    sink.text = '';
    sink.isCut = true;
    sink.takesBeforeFailure = undefined;
    writer.turn(1_000);
    expect(sink.lines.filter((line) => !line.startsWith('#'))).to.have.length(1);
    expect(sink.lines[0]).to.equal('#Version: 1.0');
    expect(sink.lines.at(-1)).to.include(' GET /b ');
  });

  it('opens anew, and goes on where it was if it cannot', async () => {
    const { writer, sink, warnings } = makeWriter([], 4);
    writer.reopen();
    expect(sink.reopened).to.equal(1);
    sink.failure = 'EACCES';
    writer.reopen();
    expect(warnings).to.deep.equal(['cannot open memory again: EACCES; the log goes on where it was']);
  });

  it('says at its end what was not written', async () => {
    const { bench, reader } = await makeLogBench();
    const { writer, sink, warnings } = makeWriter([reader], 64);
    sink.failure = 'EIO';
    bench.feed([get('/a')]);
    writer.turn(0);
    writer.close();
    expect(warnings.at(-1)).to.equal('the log ended before all was written: at least 1 lines are lost');
    writer.statistics.dropped = 20_000;
    writer.close();
    expect(warnings.at(-1)).to.contain('at least 1 lines are lost, beside 20000 that were dropped before');
  });
});
