import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { readBytes } from '../../src/capture/file/input.js';
import { Dissector } from '../../src/dissect/dissector.js';
import type { Acceptor } from '../../src/net/tcp/handler.js';
import { add, distance, toUnsigned } from '../../src/net/tcp/sequence.js';
import { IpAddress } from '../../src/net/wire/address.js';
import { readInt32, writeUint16 } from '../../src/net/wire/bytes.js';
import { SummedBytes } from '../../src/net/wire/summed-bytes.js';
import { ACK, FIN, PSH, RST, SYN } from '../../src/net/wire/tcp.js';
import { PortSet } from '../../src/replay/addressing.js';
import { timestampsAt } from '../../src/replay/rebase.js';
import { makePcap, needSharedCaptures } from '../support/captures.js';
import { exchange, REQUEST, RESPONSE, segment } from '../support/exchange.js';
import { type Replayed, type ReplayedFrame, replayBytes, replayFrames } from '../support/replay.js';

const C = 1001 + REQUEST.length;
const S = 5001 + RESPONSE.length;

function tcpFrames({ frames }: Replayed, out: boolean): ReplayedFrame[] {
  return frames.filter((frame) => frame.out === out && frame.view.isTcp);
}

const NO_PORTS = new PortSet();

/** A program that answers every piece it receives with this text. */
function answering(text: string): () => Acceptor {
  return () => (connection) => ({
    received: (_bytes, from, to) => {
      const bytes = SummedBytes.of(new TextEncoder().encode(text));
      connection.send(bytes, 0, bytes.length);
      return to - from;
    },
    acknowledged: () => {},
    ended: () => connection.close(),
    timedOut: () => {},
    closed: () => {},
  });
}

describe('replay', () => {
  it('takes a recorded client through handshake, request and close, with numbers of our own', () => {
    const { reports, frames } = replayFrames(exchange());
    const [report] = reports;
    expect(report!.states).to.deep.equal(['LISTEN', 'SYN-RECEIVED', 'ESTABLISHED', 'CLOSE-WAIT', 'LAST-ACK', 'CLOSED']);
    expect(report).to.include({ end: 'closed in order', bytesIn: REQUEST.length, bytesOut: RESPONSE.length });
    expect(report!.differences).to.deep.equal([]);
    const synAck = frames.find(({ out, view }) => out && view.isTcp && view.flags === (SYN | ACK))!;
    expect(synAck.view.sequence).not.to.equal(5000);
  });

  it("rebases the client's acknowledgments to our sequence numbers", () => {
    const replayed = replayFrames(exchange());
    const isn = tcpFrames(replayed, true)[0]!.view.sequence;
    const acknowledged = tcpFrames(replayed, false).map(({ view }) => distance(isn, view.acknowledgment));
    const last = RESPONSE.length + 1;
    expect(acknowledged.slice(1)).to.deep.equal([1, 1, last, last, last + 1]);
  });

  it('rebases time-stamp echoes to what our stack last sent when the recorded server sent its stamp', () => {
    const replayed = replayFrames(exchange());
    const stamp = ({ bytes, view }: ReplayedFrame, which: number) =>
      readInt32(bytes, timestampsAt(bytes, view.tcpAt, view.optionsTo) + 4 * which);
    const [synAck, , answer] = tcpFrames(replayed, true).filter(({ view }) => !(view.flags & RST));
    const [, handshake, , acknowledgment] = tcpFrames(replayed, false);
    expect(stamp(handshake!, 1)).to.equal(stamp(synAck!, 0));
    expect(stamp(acknowledgment!, 1)).to.be.at.least(stamp(answer ?? synAck!, 0) - 1);
    expect(replayed.replay.stack.statistics.tcp.badChecksum).to.equal(0);
  });

  it('rebases SACK edges and keeps every checksum right', () => {
    const sack = [S - 10, S - 5];
    const frames = [
      ...exchange().slice(0, 5),
      segment({ from: 'client', flags: ACK, sequence: C, acknowledgment: 5001, sack, timestamps: [103, 901] }),
    ];
    const replayed = replayFrames(frames);
    const isn = tcpFrames(replayed, true)[0]!.view.sequence;
    const { line } = tcpFrames(replayed, false).at(-1)!;
    const edge = (value: number) => toUnsigned(add(isn, value - 5000));
    expect(line).to.contain(`sack 1 {${edge(S - 10)}:${edge(S - 5)}}`);
    expect(problemsIn(replayed.output)).to.deep.equal([]);
  });

  it("keeps the capture's own time", () => {
    const { frames } = replayFrames(exchange());
    const first = frames.find(({ out, view }) => !out && view.isTcp)!;
    expect(first.microseconds).to.equal(1_700_000_000_000_000);
    const last = frames.filter(({ out, view }) => !out && view.isTcp).at(-1)!;
    expect(last.microseconds).to.equal(1_700_000_000_008_000);
  });

  it('gives the same bytes every time, and others with another seed', () => {
    const once = replayFrames(exchange()).output;
    expect(Buffer.compare(once, replayFrames(exchange()).output)).to.equal(0);
    expect(Buffer.compare(once, replayFrames(exchange(), { seed: 2 }).output)).not.to.equal(0);
  });

  it('withdraws the options that the recorded server did not agree to', () => {
    const [syn] = exchange();
    const plain = segment({ from: 'server', flags: SYN | ACK, sequence: 5000, acknowledgment: 1001 });
    const { frames } = replayFrames([
      syn!,
      plain,
      segment({ from: 'client', flags: ACK, sequence: 1001, acknowledgment: 5001 }),
    ]);
    const answer = frames.find(({ out, view }) => out && view.isTcp)!;
    expect(answer.line).to.contain('options [mss 1460]');
  });

  it('lets a longer answer through: what the client would acknowledge next is made', () => {
    const long = 'x'.repeat(200_000);
    const replayed = replayFrames(exchange().slice(0, 6), { application: answering(long) });
    const [report] = replayed.reports;
    expect(report!.bytesOut).to.equal(200_000);
    expect(report!.madeAcknowledgments).to.be.greaterThan(1);
    expect(report!.retransmits).to.equal(0);
    expect(problemsIn(replayed.output)).to.deep.equal([]);
  });

  it('lets a shorter answer through, and the close after it', () => {
    const [report] = replayFrames(exchange(), { application: answering('short') }).reports;
    expect(report).to.include({ bytesOut: 5, end: 'closed in order', madeAcknowledgments: 0 });
    expect(report!.differences).to.deep.equal([
      `sent 5 bytes, the recorded server ${RESPONSE.length}`,
      'what is sent differs at byte 0: recorded "H", ours "s", after ""',
    ]);
  });

  it('says where our answers differ: a port where nobody listens', () => {
    const { reports } = replayFrames(exchange(), {
      ports: { has: () => false, list: () => [], add: () => {} } as never,
    });
    expect(reports[0]!.end).to.equal('refused with RST');
    expect(reports[0]!.differences).to.deep.equal(['the recorded server accepted, ours refused (RST)']);
  });

  it('answers what began before the capture with RST, and says so', () => {
    const { reports, frames } = replayFrames(exchange().slice(5));
    expect(reports[0]!.end).to.equal('began before the capture: answered with RST');
    expect(frames.some(({ out, view }) => out && (view.flags & RST) !== 0)).to.equal(true);
  });

  it('tells connections apart that use the same ports one after the other', () => {
    const again = exchange().map((frame) => frame.slice());
    const second = [
      segment({ from: 'client', flags: SYN, sequence: 77_000, synOptions: true, timestamps: [9_000, 0] }),
    ];
    const { reports } = replayFrames([...again, ...second]);
    expect(reports.map((report) => report.end)).to.deep.equal([
      'closed in order',
      'still open at the end of the capture',
    ]);
  });

  it('passes on a reset of the client', () => {
    const frames = [...exchange().slice(0, 5), segment({ from: 'client', flags: RST, sequence: C })];
    expect(replayFrames(frames).reports[0]).to.include({ end: 'reset by the client', resets: 1 });
  });

  it("plays the recorded program's bytes in order, whatever order they were recorded in", () => {
    const parts = [RESPONSE.slice(0, 10), RESPONSE.slice(10, 30), RESPONSE.slice(30)];
    const say = (part: number, from: number) =>
      segment({
        from: 'server',
        flags: ACK | PSH,
        sequence: 5001 + from,
        acknowledgment: C,
        data: parts[part]!,
        timestamps: [901, 102],
      });
    const frames = exchange();
    frames.splice(4, 1, say(2, 30), say(0, 0), say(0, 0), say(1, 10));
    const replayed = replayFrames(frames);
    const said = tcpFrames(replayed, true).map(({ bytes, view }) =>
      Buffer.from(bytes.subarray(view.dataFrom, view.dataTo)).toString(),
    );
    expect(said.join('')).to.equal(RESPONSE);
  });
});

/** What the dissector finds wrong in the frames of a capture. */
function problemsIn(output: Uint8Array): string[] {
  const dissector = new Dissector();
  const problems: string[] = [];
  readBytes(output, (record) => {
    problems.push(...dissector.dissect(record).layers.flatMap((layer) => layer.problems));
    return true;
  });
  return problems;
}

describe('replay: what captures do to frames', () => {
  it('translates loopback addresses, with right checksums', () => {
    const loopback = { client: IpAddress.parse('127.0.0.1'), server: IpAddress.parse('127.0.0.1') };
    const frames = [
      segment({ ...loopback, from: 'client', flags: SYN, sequence: 1000 }),
      segment({ ...loopback, from: 'server', flags: SYN | ACK, sequence: 5000, acknowledgment: 1001 }),
      segment({ ...loopback, from: 'client', flags: ACK, sequence: 1001, acknowledgment: 5001 }),
    ];
    const replayed = replayFrames(frames);
    expect(replayed.reports[0]).to.include({ client: '198.19.0.1:40000', server: '198.18.0.1:80' });
    expect(replayed.reports[0]!.states).to.include('ESTABLISHED');
    expect(problemsIn(replayed.output)).to.deep.equal([]);
  });

  it('knows who asks on a loopback interface even where nobody listens', () => {
    const loopback = { client: IpAddress.parse('127.0.0.1'), server: IpAddress.parse('127.0.0.1'), serverPort: 9 };
    const frames = [
      segment({ from: 'client', flags: SYN, sequence: 1000, ...loopback }),
      segment({ from: 'server', flags: RST | ACK, sequence: 0, acknowledgment: 1001, ...loopback }),
    ];
    const { reports } = replayFrames([...frames, ...exchange()], { servers: ['127.0.0.1'], ports: NO_PORTS });
    expect(reports).to.have.length(1);
    expect(reports[0]).to.include({ server: '198.18.0.1:9', end: 'refused with RST' });
    expect(reports[0]!.differences).to.deep.equal([]);
  });

  it('computes a checksum that was left to a network card', () => {
    const frames = exchange().map((frame) => frame.slice());
    const { view } = replayFrames(frames).frames.find((frame) => frame.view.dataLength > 0)!;
    const request = frames[3]!;
    const length = request.length - 34;
    let pseudo = 6 + length;
    for (let at = 26; at < 34; at += 2) pseudo += (request[at]! << 8) | request[at + 1]!;
    writeUint16(request, 34 + 16, (pseudo & 0xffff) + (pseudo >>> 16));
    expect(view.dataLength).to.equal(REQUEST.length);
    expect(replayFrames(frames).reports[0]).to.include({ bytesIn: REQUEST.length, end: 'closed in order' });
  });

  it('drops a frame whose checksum is wrong, unless told to mend it', () => {
    const frames = exchange().map((frame) => frame.slice());
    frames[3]![60]! ^= 0xff;
    expect(replayFrames(frames).reports[0]!.bytesIn).to.equal(0);
    expect(replayFrames(frames, { fixChecksums: true }).reports[0]!.bytesIn).to.equal(REQUEST.length);
  });

  it('fills with zeros what the capture cut off', () => {
    const records = exchange().map((bytes, i) => ({
      seconds: i,
      fraction: 0,
      bytes: bytes.subarray(0, 70),
      originalLength: bytes.length,
    }));
    const { reports, replay } = replayBytes(makePcap(records));
    expect(reports[0]).to.include({ bytesIn: REQUEST.length, bytesOut: RESPONSE.length, end: 'closed in order' });
    expect(replay.builder.padded).to.be.greaterThan(0);
    expect(reports[0]!.remarks[0]).to.match(/bytes of the recorded answer are not in the capture/);
  });

  it('replays VLAN-tagged frames, cooked captures and raw IP', () => {
    const tagged = exchange().map((frame) =>
      Buffer.concat([frame.subarray(0, 12), Buffer.from('81000005', 'hex'), frame.subarray(12)]),
    );
    const cooked = exchange().map((frame) =>
      Buffer.concat([Buffer.from('00000001000602000000000100000800', 'hex'), frame.subarray(14)]),
    );
    const cooked2 = exchange().map((frame) =>
      Buffer.concat([Buffer.from('0800000000000003000100060200000000010000', 'hex'), frame.subarray(14)]),
    );
    const raw = exchange().map((frame) => frame.subarray(14));
    for (const [frames, linkType] of [
      [tagged, 1],
      [cooked, 113],
      [cooked2, 276],
      [raw, 101],
      [raw, 12],
      [raw, 228],
    ] as const) {
      expect(replayFrames(frames, {}, { linkType }).reports[0]!.end, `link type ${linkType}`).to.equal(
        'closed in order',
      );
    }
  });

  it('does not wait for a century: damaged time stamps are shortened', () => {
    const records = exchange().map((bytes, i) => ({ seconds: i === 5 ? 4_000_000_000 : i, fraction: 0, bytes }));
    const { replay } = replayBytes(makePcap(records));
    expect(replay.timeline.shortenedGaps).to.equal(1);
    expect(replay.clock.now).to.be.below(3 * 86_400e6);
    const ignored = [...replay.ignored.values()].reduce((sum, count) => sum + count, 0);
    expect(replay.fed + replay.recorded + ignored).to.equal(replay.frames); // neighbours' answers are none of these
  });

  it('writes what was given and what was answered at the times of the capture, the gap included', () => {
    const week = 7 * 86_400;
    const records = exchange().map((bytes, i) => ({ seconds: i < 5 ? i : i + week, fraction: 0, bytes }));
    const { output } = replayBytes(makePcap(records));
    const times: number[] = [];
    readBytes(output, (record) => void times.push(record.microseconds));
    expect(times).to.deep.equal(times.toSorted((a, b) => a - b));
    expect(times.at(-1)).to.be.at.least((week + records.length - 1) * 1e6);
  });

  it('replays the same frames over IPv6', () => {
    const v6 = exchange().map(toV6);
    const { reports, output } = replayFrames(v6);
    expect(reports[0]).to.include({ end: 'closed in order', server: '[2001:db8::2]:80' });
    expect(problemsIn(output)).to.deep.equal([]);
  });
});

/** The same segment in an IPv6 packet between 2001:db8::1 and ::2. */
function toV6(frame: Uint8Array): Uint8Array {
  const tcp = frame.subarray(34);
  const fromClient = frame[29] === 1;
  const address = (last: number) => [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last];
  const addresses = fromClient ? [...address(1), ...address(2)] : [...address(2), ...address(1)];
  const head = [0x60, 0, 0, 0, tcp.length >> 8, tcp.length & 255, 6, 64, ...addresses];
  const packet = Uint8Array.from([...frame.subarray(0, 12), 0x86, 0xdd, ...head, ...tcp]);
  writeUint16(packet, 54 + 16, 0);
  let sum = 6 + tcp.length;
  for (let at = 22; at < packet.length; at += 2) sum += (packet[at]! << 8) | (packet[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  writeUint16(packet, 54 + 16, ~sum & 0xffff);
  return packet;
}

describe('replay: ../shared/captures', () => {
  it('replays every capture twice to the same bytes, damaged ones included', function () {
    for (const [name, path] of needSharedCaptures(this)) {
      const file = new Uint8Array(readFileSync(path));
      const once = replayBytes(file).output;
      expect(Buffer.compare(once, replayBytes(file).output), name).to.equal(0);
    }
  });

  it('brings the recorded HTTP clients to an orderly end', function () {
    const good = [
      'gopacket-http-ethernet.pcap',
      'zeek-http-methods.pcap',
      'zeek-http-100-continue.pcap',
      'tcpdump-print-flags.pcap',
    ];
    for (const [name, path] of needSharedCaptures(this)) {
      if (!good.includes(name)) continue;
      const { reports } = replayBytes(new Uint8Array(readFileSync(path)), { fixChecksums: true });
      for (const report of reports) {
        expect(report.end, `${name} #${report.connection}`).to.equal('closed in order');
        expect(report.differences, `${name} #${report.connection}`).to.deep.equal([]);
      }
    }
  });
});

describe('replay: loss', () => {
  it('a segment that was resent is not resent at every further duplicate ACK of the same moment', () => {
    const data = 'z'.repeat(1_000);
    const frames = exchange().slice(0, 4);
    const say = (i: number) =>
      segment({
        from: 'server',
        flags: ACK | PSH,
        sequence: 5001 + 1_000 * i,
        acknowledgment: C,
        data,
        timestamps: [901, 102],
      });
    frames.push(...[0, 1, 2, 3, 4, 5, 6, 7].map(say));
    // The first is lost: each of the others is answered by a duplicate ACK with one SACK block more.
    for (let i = 2; i <= 8; i++) {
      const sack = [6_001, 5_001 + 1_000 * i];
      frames.push(
        segment({ from: 'client', flags: ACK, sequence: C, acknowledgment: 5001, sack, timestamps: [103, 901] }),
      );
    }
    const records = frames.map((bytes) => ({ seconds: 1_700_000_000, fraction: 0, bytes }));
    const { reports } = replayBytes(makePcap(records), { linger: 10_000 });
    expect(reports[0]).to.include({ bytesOut: 8_000, retransmits: 1 });
  });
});

describe('replay: ICMP', () => {
  it('rebases the segment that an ICMP error quotes, so that our stack believes it', () => {
    const large = 'y'.repeat(1_400);
    const frames = exchange().slice(0, 4);
    frames.push(
      segment({
        from: 'server',
        flags: ACK | PSH,
        sequence: 5001,
        acknowledgment: C,
        data: large,
        timestamps: [901, 102],
      }),
    );
    frames.push(fragmentationNeeded(frames.at(-1)!, 1_000));
    const { frames: replayed, replay } = replayFrames(frames);
    const sent = replayed.filter(({ out, view }) => out && view.dataLength > 0).map(({ view }) => view.dataLength);
    expect(sent[0]).to.equal(1_400);
    expect(
      sent.slice(1).every((length) => length <= 1_000 - 40),
      `then ${sent.slice(1)}`,
    ).to.equal(true);
    expect(sent.length).to.be.greaterThan(2);
    expect(replay.frames).to.equal(6);
  });
});

/** What a router says to the server when this segment is too large for the next link (RFC 792, RFC 1191). */
function fragmentationNeeded(frame: Uint8Array, mtu: number): Uint8Array {
  const quoted = frame.subarray(14, 14 + 28);
  const head = [3, 4, 0, 0, 0, 0, mtu >> 8, mtu & 255];
  const addresses = [10, 77, 0, 1, 10, 77, 0, 2];
  const packet = Uint8Array.from([0x45, 0, 0, 56, 0, 0, 0, 0, 64, 1, 0, 0, ...addresses, ...head, ...quoted]);
  writeUint16(packet, 10, ~sumOf(packet, 0, 20) & 0xffff);
  writeUint16(packet, 22, ~sumOf(packet, 20, 56) & 0xffff);
  return Uint8Array.from([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, ...packet]);
}

function sumOf(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at += 2) sum += (bytes[at]! << 8) | bytes[at + 1]!;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return sum;
}

describe('replay: FIN', () => {
  it('is acknowledged by a client that has said all, even if the recorded server closed at another moment', () => {
    const c = 1001 + REQUEST.length;
    const s = 5001 + RESPONSE.length;
    const frames = [
      ...exchange().slice(0, 6),
      segment({ from: 'server', flags: ACK | FIN, sequence: s, acknowledgment: c, timestamps: [902, 103] }),
      segment({ from: 'client', flags: ACK | FIN, sequence: c, acknowledgment: s + 1, timestamps: [104, 902] }),
      segment({ from: 'server', flags: ACK, sequence: s + 1, acknowledgment: c + 1, timestamps: [903, 104] }),
    ];
    const [report] = replayFrames(frames, { application: answering(RESPONSE) }).reports;
    expect(report).to.include({ end: 'closed in order', retransmits: 0, madeAcknowledgments: 1 });
    expect(report!.differences).to.deep.equal(['closed after the client, the recorded server before']);
  });

  it('closes when the recorded server closed', () => {
    const { SYN: s, ACK: a } = { SYN, ACK };
    const frames = [
      segment({ from: 'client', flags: s, sequence: 1000 }),
      segment({ from: 'server', flags: s | a, sequence: 5000, acknowledgment: 1001 }),
      segment({ from: 'client', flags: a, sequence: 1001, acknowledgment: 5001 }),
      segment({ from: 'server', flags: a | FIN, sequence: 5001, acknowledgment: 1001 }),
      segment({ from: 'client', flags: a, sequence: 1001, acknowledgment: 5002 }),
      segment({ from: 'client', flags: a | FIN, sequence: 1001, acknowledgment: 5002 }),
      segment({ from: 'server', flags: a, sequence: 5002, acknowledgment: 1002 }),
    ];
    const { reports } = replayFrames(frames);
    expect(reports[0]!.states).to.deep.equal([
      'LISTEN',
      'SYN-RECEIVED',
      'ESTABLISHED',
      'FIN-WAIT-1',
      'FIN-WAIT-2',
      'TIME-WAIT',
      'CLOSED',
    ]);
    expect(reports[0]!.differences).to.deep.equal([]);
  });
});
