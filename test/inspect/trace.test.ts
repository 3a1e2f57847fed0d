import { expect } from 'chai';
import { World, type WorldOptions } from '../../src/browser/index.js';
import { CaptureReader } from '../../src/capture/format/capture-reader.js';
import { CaptureRecord } from '../../src/capture/format/record.js';
import { Analyzer, recordOf } from '../../src/inspect/trace/analyzer.js';
import { Column, words } from '../../src/inspect/trace/columns.js';
import { findingsOf, LOST } from '../../src/inspect/trace/findings.js';
import { AGAIN, answerTimes, sendCurves, timeSequence } from '../../src/inspect/trace/plot.js';
import { Segments } from '../../src/inspect/trace/segments.js';
import { statesOf } from '../../src/inspect/trace/states.js';
import { TcbCurves } from '../../src/inspect/trace/tcb-curves.js';
import { ACK } from '../../src/net/wire/tcp.js';

const BASE: WorldOptions = {
  hosts: { client: {}, server: { files: { '/': 'hello', '/big': 200_000 } } },
  link: { both: { delay: 10_000 } },
  start: (world) => world.get('client', 'server', ['/', '/big']),
};

/** The capture of a whole run, as the server sees it, read and analysed. */
function analysed(options: WorldOptions): { analyzer: Analyzer; file: Uint8Array } {
  const world = new World(options);
  world.runUntilIdle();
  const file = world.pcapng({ at: 'server' });
  const analyzer = new Analyzer();
  const reader = new CaptureReader();
  const record = new CaptureRecord();
  for (let at = 0; at < file.length; at += 1000) {
    reader.push(file.subarray(at, at + 1000));
    while (reader.next(record)) analyzer.add(record);
  }
  return { analyzer, file };
}

function labels(analyzer: Analyzer): string[] {
  return [...analyzer.segmentsOf(1).rows()].flatMap(({ findings }) => findingsOf(findings).map(({ label }) => label));
}

describe('inspect/trace', () => {
  it('sets segments of one moment apart by their order, and does not know a round trip of no time', () => {
    // A capture of a stack under a virtual clock: it stands still while segments go back and forth.
    const { analyzer } = analysed({ ...BASE, link: {} });
    const segments = analyzer.segmentsOf(1);
    expect(analyzer.connections[0]?.initialRtt).to.equal(undefined);
    const wish = { fromClient: false, begin: 0, columns: 100_000 };
    const byTime = timeSequence(segments, { ...wish, end: analyzer.duration });
    expect(byTime.segments).to.be.greaterThan(10 * byTime.moments);
    const byOrder = timeSequence(segments, { ...wish, end: segments.count - 1, byOrder: true });
    expect(byOrder).to.include({ segments: segments.count, total: segments.count, highest: byTime.highest });
    const data = [...segments.rows()].flatMap((row, index) => (!row.isFromClient && row.length > 0 ? [index] : []));
    expect(Array.from(byOrder.data).filter((_, place) => place % 4 === 0)).to.deep.equal(data);
    const middle = timeSequence(segments, { ...wish, begin: 9.5, end: 12.5, byOrder: true });
    expect(middle.segments).to.equal(3);
  });

  it('holds each value of a control block until the end: one change is a line, and not a dot', () => {
    const world = new World({ ...BASE, link: { both: { delay: 10_000 }, back: { loseData: [10] } } });
    const curves = new TcbCurves();
    let client = '';
    world.observe((event) => {
      if (event.kind !== 'tcb' || event.host !== 'server') return;
      curves.add(event.view, event.time);
      client = `10.0.0.1 port ${event.view.remotePort}`;
    });
    world.runUntilIdle();
    const [server, end] = ['10.0.0.2 port 80', 60_000_000];
    const { ssthresh, rto, cwnd } = curves.of(server, client)!.upTo(end);
    expect(ssthresh.values.at(-1)).to.equal(ssthresh.values.at(-2)).and.greaterThan(0);
    for (const { times } of [ssthresh, rto, cwnd]) expect(times.at(-1)).to.equal(end);
    const short = curves.of(server, client)!.upTo(0);
    expect(short.ssthresh.times.at(-1), 'no curve ends before another').to.equal(short.cwnd.times.at(-1));
  });

  it('keeps pictures usable where times are damaged or the clock was set, and counts the frames', () => {
    const world = new World(BASE);
    world.runUntilIdle();
    const { frames } = world.history;
    const [second, count] = [1_000_000, frames.length];
    const times = frames.map(({ time }, index) => {
      if (index === 30) return time + 365 * 86_400 * second;
      if (index >= 50 && index < 53) return time + 3_600 * second;
      return index >= 80 ? time - 600 * second : time;
    });
    const [good, bad] = [new Analyzer(), new Analyzer()];
    for (const [index, { bytes, time }] of frames.entries()) {
      good.add(recordOf(bytes, time));
      bad.add(recordOf(bytes, times[index] ?? 0));
    }
    expect(good.damagedTimes).to.deep.equal({ frames: 0, first: 0 });
    expect(bad.damagedTimes).to.deep.equal({ frames: 1 + 3 + 1, first: 31 });
    expect(bad.duration).to.be.within(good.duration / 2, good.duration);
    const shown = Array.from({ length: count }, (_, index) => bad.frame(index + 1).time);
    expect(shown).to.deep.equal([...shown].sort((a, b) => a - b));
    const [row] = bad.connections;
    const { end } = good.connections[0]!;
    expect(row!.end).to.be.within(end / 2, end);
    expect(row!.initialRtt).to.equal(20_000);
    const { data } = timeSequence(bad.segmentsOf(1), { fromClient: false, begin: 0, end: row!.end, columns: 1_600 });
    expect(Math.max(...data.filter((_, index) => index % 4 === 2)), 'all bytes are drawn').to.be.greaterThan(200_000);
  });

  it('keeps a row of each connection', () => {
    const { analyzer } = analysed(BASE);
    const [row] = analyzer.connections;
    expect(analyzer.connections.length).to.equal(1);
    expect(row).to.include({ number: 1, server: '10.0.0.2 port 80', title: 'server', retransmissions: 0, troubles: 0 });
    expect(row).to.include({ clientFinished: true, serverFinished: true, wasReset: false, established: true });
    expect(row!.serverBytes).to.be.greaterThan(200_000);
    expect(row!.initialRtt).to.equal(20_000);
  });

  it('knows where each frame lies in its file, so that it can be read again', () => {
    const { analyzer, file } = analysed(BASE);
    expect(analyzer.rows).to.equal(analyzer.frames).and.greaterThan(100);
    const reader = new CaptureReader();
    const record = new CaptureRecord();
    reader.push(file);
    while (reader.next(record)) {
      const { offset, captured } = analyzer.frame(record.number);
      expect(file.slice(offset, offset + captured)).to.deep.equal(record.bytes.slice(record.from, record.to));
    }
  });

  it('marks what was lost, sent again and asked for, and explains it', () => {
    const { analyzer } = analysed({ ...BASE, link: { both: { delay: 10_000 }, back: { loseData: [10] } } });
    expect(labels(analyzer)).to.include('duplicate ACK');
    const again = [...analyzer.segmentsOf(1).rows()].filter(({ findings }) =>
      findingsOf(findings).some(({ label }) => label.includes('retransmission')),
    );
    expect(again.length).to.equal(1);
    expect(analyzer.connections[0]).to.include({ retransmissions: 1 });
    const sacked = [...analyzer.segmentsOf(1).rows()].find(({ sack }) => sack.length > 0);
    expect(sacked!.sack[0], 'the block begins behind the lost segment').to.equal(again[0]!.sequence + again[0]!.length);
    const [finding] = findingsOf(again[0]!.findings);
    expect(finding!.explanation).to.match(/sent before|at once/);
    expect(finding!.section).to.match(/^RFC \d+/);
  });

  it('infers the ways of both ends through the states', () => {
    const { analyzer } = analysed(BASE);
    const { client, server } = statesOf(analyzer.segmentsOf(1).rows());
    expect(client.map(({ to }) => to)).to.deep.equal([
      'SYN-SENT',
      'ESTABLISHED',
      'FIN-WAIT-1',
      'FIN-WAIT-2',
      'TIME-WAIT',
    ]);
    expect(server.map(({ to }) => to)).to.deep.equal([
      'LISTEN',
      'SYN-RECEIVED',
      'ESTABLISHED',
      'CLOSE-WAIT',
      'LAST-ACK',
      'CLOSED',
    ]);
    expect(server[1]).to.include({ event: 'SYN', from: 'LISTEN' });
  });

  it('gives a step of a receiver the time at which the segment arrives', () => {
    const world = new World(BASE);
    world.runUntilIdle();
    const analyzer = new Analyzer();
    const rows = new Map<number, number>();
    for (const event of world.history.events) {
      if (event.kind === 'frame') {
        analyzer.add(recordOf(event.bytes, event.time));
        rows.set(event.number, analyzer.rows);
      } else if (event.kind === 'arrival') analyzer.arrived(rows.get(event.number)!, event.time);
    }
    const segments = analyzer.segmentsOf(1);
    const { client, server } = statesOf(segments.rows());
    const [syn, synAck] = [segments.at(0), segments.at(1)];
    expect(server[1]).to.include({ event: 'SYN', frame: syn.frame, time: syn.time + 10_000 });
    expect(client[1]).to.include({ to: 'ESTABLISHED', frame: synAck.frame, time: synAck.time + 10_000 });
    expect(client[2]).to.include({ to: 'FIN-WAIT-1' });
    expect([client, server].map((steps) => steps.at(-1)!.to)).to.deep.equal(['TIME-WAIT', 'CLOSED']);
  });

  it('sees two FINs that cross, though one is sent before the other: CLOSING at both ends', () => {
    const fin = { sequence: 1, acknowledgment: 1, length: 0, window: 100, findings: 0, sack: [], flags: 0x11 };
    const { client, server } = statesOf([
      { ...fin, frame: 1, isFromClient: true, time: 0, arrival: 20 },
      { ...fin, frame: 2, isFromClient: false, time: 10, arrival: 30 },
      { ...fin, frame: 3, isFromClient: false, time: 20, arrival: Number.NaN, flags: 0x10, acknowledgment: 2 },
    ]);
    expect(client.map(({ to, time }) => [to, time])).to.deep.equal([
      ['FIN-WAIT-1', 0],
      ['CLOSING', 30],
    ]);
    expect(server.map(({ to, time }) => [to, time])).to.deep.equal([
      ['FIN-WAIT-1', 10],
      ['CLOSING', 20],
    ]);
  });

  it('draws the time-sequence graph: every byte, the acknowledgments, and what was sent again', () => {
    const { analyzer } = analysed({ ...BASE, link: { both: { delay: 10_000 }, back: { loseData: [10] } } });
    const wish = { fromClient: false, begin: 0, end: analyzer.duration, columns: 1_000_000 };
    const { data, acks, sacks, highest } = timeSequence(analyzer.segmentsOf(1), wish);
    let bytes = 0;
    const kinds = new Set<number>();
    for (let i = 0; i < data.length; i += 4) {
      bytes += data[i + 2]! - data[i + 1]!;
      kinds.add(data[i + 3]!);
    }
    const row = analyzer.connections[0]!;
    expect(bytes).to.equal(row.serverBytes);
    expect([...kinds].sort()).to.deep.equal([0, AGAIN]);
    expect(highest, 'the FIN is acknowledged too').to.be.greaterThan(200_000);
    expect(acks.length % 3).to.equal(0);
    expect(sacks.length).to.be.greaterThan(0);
  });

  it('thins the pictures out, so that a million segments fit the pixels', () => {
    const { analyzer } = analysed(BASE);
    const whole = { fromClient: false, begin: 0, end: analyzer.duration, columns: 1e6 };
    const fine = timeSequence(analyzer.segmentsOf(1), whole);
    const coarse = timeSequence(analyzer.segmentsOf(1), { ...whole, columns: 10 });
    expect(coarse.data.length / 4).to.be.at.most(11);
    expect(coarse.acks.length / 3).to.be.at.most(12);
    expect(coarse.highest).to.equal(fine.highest);
    expect(sendCurves(analyzer.segmentsOf(1), false, 10).flight.times.length).to.be.at.most(22);
  });

  it('thins out what was sent again and SACK blocks as well, and joins first what touches', () => {
    const segments = new Segments();
    const row = { frame: 1, arrival: Number.NaN, flags: ACK, acknowledgment: 1, window: 9, findings: 1 };
    for (let i = 0; i < 10_000; i++) {
      const sequence = 1 + ((i * 7_919) % 10_000) * 200;
      segments.push({ ...row, time: i, isFromClient: false, sequence, length: 100, sack: [] });
      const sack = [sequence, sequence + 100];
      segments.push({ ...row, time: i, isFromClient: true, sequence: 1, length: 0, findings: 0, sack });
    }
    const { data, sacks } = timeSequence(segments, { fromClient: false, begin: 0, end: 9_999, columns: 100 });
    expect(data.length / 4).to.be.within(300, 404);
    expect(sacks.length / 3).to.be.within(300, 404);
    const few = timeSequence(segments, { fromClient: false, begin: 0, end: 3, columns: 1 });
    expect(few.data.length / 4, 'four bars that do not touch stay').to.equal(4);
  });

  it('measures round trips by Karn: none of what was sent twice', () => {
    const { analyzer } = analysed({ ...BASE, link: { both: { delay: 10_000 }, back: { loseData: [10] } } });
    const { rtt, flight } = sendCurves(analyzer.segmentsOf(1), false, 1e6);
    expect(rtt.values.length).to.be.greaterThan(5);
    for (const value of rtt.values) expect(value).to.be.within(20_000, 60_000);
    expect(Math.max(...flight.values)).to.be.greaterThan(14_000);
    expect(flight.values.at(-1)).to.equal(0);
  });

  it('measures how long the first byte of an answer takes, where the capture was made', () => {
    const { analyzer } = analysed(BASE);
    const times = answerTimes(analyzer.segmentsOf(1));
    expect(times.length, 'two requests').to.equal(4);
    expect([times[1], times[3]], 'the server answers in the call in which the frame arrives').to.deep.equal([0, 0]);
    const world = new World(BASE);
    world.runUntilIdle();
    const atClient = new Analyzer();
    const reader = new CaptureReader();
    const record = new CaptureRecord();
    reader.push(world.pcapng({ at: 'client' }));
    while (reader.next(record)) atClient.add(record);
    const [, first, , second] = answerTimes(atClient.segmentsOf(1));
    expect([first, second], 'a round trip at the client').to.deep.equal([20_000, 20_000]);
  });

  it('takes what a link knows: what was lost there, and when the rest arrived', () => {
    const analyzer = new Analyzer();
    const world = new World({ ...BASE, link: { both: { delay: 10_000 }, back: { loseData: [10] } } });
    world.runUntilIdle();
    for (const event of world.history.events) {
      if (event.kind === 'frame') {
        analyzer.add(recordOf(event.bytes, event.time), { findings: event.fate === 'lost' ? LOST : 0 });
      } else if (event.kind === 'arrival') analyzer.arrived(event.number, event.time);
    }
    const rows = [...analyzer.segmentsOf(1).rows()];
    expect(rows.filter(({ arrival }) => arrival === Number.POSITIVE_INFINITY).length).to.equal(1);
    expect(rows.filter(({ arrival, time }) => arrival === time + 10_000).length).to.equal(rows.length - 1);
    expect(labels(analyzer).filter((label) => label === 'lost on the link').length).to.equal(1);
  });

  it('grows its columns and refuses rows that are not there', () => {
    const column = new Column((length) => new Uint16Array(length));
    for (let i = 0; i < 1000; i++) column.push(i);
    expect([column.length, column.at(999)]).to.deep.equal([1000, 999]);
    expect(() => column.at(1000)).to.throw(RangeError);
    expect(() => words().at(0)).to.throw(RangeError);
  });
});
