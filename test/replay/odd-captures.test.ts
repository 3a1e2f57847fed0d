/**
 * Captures as people really have them: offload, loopback, reordering, one direction only, connections the wrong way
 * round.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { IpAddress } from '../../src/net/wire/address.js';
import { writeUint16 } from '../../src/net/wire/bytes.js';
import { SummedBytes } from '../../src/net/wire/summed-bytes.js';
import { ACK, FIN, PSH, RST, SYN } from '../../src/net/wire/tcp.js';
import { formatSummary, summarize, Totals } from '../../src/replay/report.js';
import { NoServer, replayFile } from '../../src/replay/run.js';
import { makePcap } from '../support/captures.js';
import { CLIENT, exchange, REQUEST, RESPONSE, SERVER, segment } from '../support/exchange.js';
import { ethernet, ipv4, udp } from '../support/packets.js';
import { type Replayed, replayBytes, replayFrames } from '../support/replay.js';

const [CLIENT_MAC, SERVER_MAC] = ['02:00:00:00:00:01', '02:00:00:00:00:02'];
const C = 1001 + REQUEST.length;
const S = 5001;
const BODY = 'abcdefghij'.repeat(40);
const IP_CHECKSUM = 14 + 10;

/** The exchange with an answer of four segments, in this order. */
function inPieces(order: readonly number[]): Uint8Array[] {
  const [syn, synAck, ack, request] = exchange() as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  const piece = (n: number) =>
    segment({
      from: 'server',
      flags: ACK | PSH,
      sequence: S + 100 * n,
      acknowledgment: C,
      data: BODY.slice(100 * n, 100 * n + 100),
    });
  const end = { acknowledgment: S + 400 };
  return [
    ...[syn, synAck, ack, request, ...order.map(piece)],
    segment({ from: 'client', flags: ACK, sequence: C, ...end }),
    segment({ from: 'client', flags: ACK | FIN, sequence: C, ...end }),
    segment({ from: 'server', flags: ACK | FIN, sequence: S + 400, acknowledgment: C + 1 }),
    segment({ from: 'client', flags: ACK, sequence: C + 1, acknowledgment: S + 401 }),
  ];
}

/** A program that says what it hears. */
const echo = () => (connection: { send(bytes: unknown, from: number, to: number): void; close(): void }) => ({
  received: (bytes: Uint8Array, from: number, to: number) => {
    connection.send(SummedBytes.of(bytes.slice(from, to)), 0, to - from);
    return to - from;
  },
  acknowledged: () => {},
  ended: () => connection.close(),
  timedOut: () => {},
  closed: () => {},
});

function summaryOf(replayed: Replayed) {
  const totals = new Totals(true);
  for (const report of replayed.reports) totals.add(report);
  return summarize(replayed.replay, totals);
}

describe('replay of odd captures', () => {
  it('computes an IPv4 checksum of 0, which was left to a network card or to nobody', () => {
    const frames = exchange();
    for (const frame of frames) writeUint16(frame, IP_CHECKSUM, 0);
    const { reports, replay } = replayFrames(frames);
    expect(reports[0]).to.include({ end: 'closed in order', bytesIn: REQUEST.length });
    expect(replay.stack.statistics.internet.ip.badChecksum).to.equal(0);
  });

  it('drops a checksum that is wrong, says so, and names the option that mends it', () => {
    const frames = exchange();
    for (const frame of frames) writeUint16(frame, IP_CHECKSUM, 0x1234);
    const text = formatSummary(summaryOf(replayFrames(frames)));
    expect(text).to.contain('bad IPv4 checksum').and.to.contain('--fix-checksums');
    expect(replayFrames(frames, { fixChecksums: true }).reports[0]?.end).to.equal('closed in order');
  });

  it('takes segments of the recorded server that were reordered for neither retransmissions nor extra bytes', () => {
    for (const order of [
      [0, 1, 2, 3],
      [0, 2, 1, 3],
      [3, 2, 1, 0],
      [1, 0, 3, 2],
    ]) {
      const [report] = replayFrames(inPieces(order)).reports;
      expect(report, order.join()).to.deep.include({ bytesOut: 400, differences: [] });
    }
  });

  it('takes a hole that is filled late for a retransmission, and a repeated segment too', () => {
    const late = inPieces([0, 2, 3, 1]).map((bytes, i) => ({ seconds: 1, fraction: i < 7 ? i : 4_000 + i, bytes }));
    const sentAgain = 'retransmitted 0 segments, the recorded server 1';
    expect(replayBytes(makePcap(late)).reports[0]?.differences).to.deep.equal([sentAgain]);
    expect(replayFrames(inPieces([0, 1, 1, 2, 3])).reports[0]?.differences).to.deep.equal([sentAgain]);
  });

  it('compares what is said byte for byte, although the recorded segments were reordered', () => {
    const program = () => (connection: { send(bytes: unknown, from: number, to: number): void; close(): void }) => ({
      received: (_bytes: Uint8Array, from: number, to: number) => {
        connection.send(SummedBytes.of(new TextEncoder().encode(BODY.replace('j', 'J'))), 0, 400);
        return to - from;
      },
      acknowledged: () => {},
      ended: () => connection.close(),
      timedOut: () => {},
      closed: () => {},
    });
    const [report] = replayFrames(inPieces([1, 0, 3, 2]), { application: program as never }).reports;
    expect(report?.differences).to.deep.equal([
      'what is sent differs at byte 9: recorded "j", ours "J", after "abcdefghi"',
    ]);
  });

  it('opens the connections that the chosen host opened itself (active FTP)', () => {
    const data = 'a file of 29 bytes, over here';
    const there = { clientPort: 2000, serverPort: 20 };
    const s = 7001 + data.length;
    const frames = [
      ...exchange().slice(0, 6),
      segment({ ...there, from: 'server', flags: SYN, sequence: 7000, synOptions: true, timestamps: [990, 0] }),
      segment({
        ...there,
        ...{ from: 'client', flags: SYN | ACK, sequence: 9000, acknowledgment: 7001, synOptions: true },
        timestamps: [300, 990],
      }),
      segment({ ...there, from: 'server', flags: ACK, sequence: 7001, acknowledgment: 9001, timestamps: [991, 300] }),
      segment({
        ...there,
        ...{ from: 'server', flags: ACK | PSH | FIN, sequence: 7001, acknowledgment: 9001, data },
        timestamps: [991, 300],
      }),
      segment({ ...there, from: 'client', flags: ACK, sequence: 9001, acknowledgment: s + 1, timestamps: [301, 991] }),
      segment({
        ...there,
        ...{ from: 'client', flags: ACK | FIN, sequence: 9001, acknowledgment: s + 1 },
        timestamps: [302, 991],
      }),
      segment({ ...there, from: 'server', flags: ACK, sequence: s + 1, acknowledgment: 9002, timestamps: [992, 302] }),
    ];
    const options = { servers: [String(SERVER)] };
    const report = replayFrames(frames, options).reports[1];
    expect(report).to.deep.include({ server: `${SERVER}:20`, bytesOut: data.length, bytesIn: 0, differences: [] });
    expect(report?.states[0]).to.equal('SYN-SENT');
    expect(report?.end).to.equal('closed in order');
    const served = replayFrames(frames, { ...options, application: echo as never });
    expect(served.reports[1]?.end).to.contain('not played: of a connection that the recorded server opened itself');
    expect(served.reports[1]?.differences).to.equal(undefined);
  });

  it('does not compare a connection of which nothing was given', () => {
    const onlyServer = exchange().filter((_, i) => [1, 4, 7].includes(i));
    const { reports } = replayFrames(onlyServer, { servers: [String(SERVER)] });
    expect(reports[0]?.differences).to.equal(undefined);
  });

  it('does not take the answer to a last ACK that came twice for a reset', () => {
    const frames = exchange();
    const twice = replayFrames([...frames, frames.at(-1) as Uint8Array]);
    expect(twice.reports[0]).to.deep.include({ resets: 0, differences: [] });
    const reset = segment({ from: 'server', flags: RST, sequence: S + RESPONSE.length + 1 });
    expect(replayFrames([...frames, frames.at(-1) as Uint8Array, reset]).reports[0]?.differences).to.deep.equal([]);
  });

  it('takes packets for the server out of frames for a group', () => {
    const frames = exchange();
    for (const frame of frames) frame.fill(0xff, 0, 6);
    expect(replayFrames(frames).reports[0]?.end).to.equal('closed in order');
  });

  it('plays a host that talks to its own address over the loopback interface', () => {
    const frames = exchange().map((_, i) => toItself(i));
    const { reports, replay } = replayFrames(frames);
    expect(reports[0]).to.include({ end: 'closed in order', server: `${CLIENT}:80`, client: '198.19.0.1:40000' });
    expect(replay.stack.statistics.internet.ip.badSource).to.equal(0);
  });

  it('computes a UDP checksum that was left to a network card: the datagram is answered as the server did', () => {
    const datagram = (checksum: number) =>
      ethernet(
        SERVER_MAC,
        CLIENT_MAC,
        0x0800,
        ipv4({
          source: String(CLIENT),
          destination: String(SERVER),
          protocol: 17,
          payload: udp(String(CLIENT), String(SERVER), [1, 2, 3], checksum),
        }),
      );
    // The sum of the pseudo-header alone: 10.77.0.1, 10.77.0.2, protocol 17, length 11.
    const partial = 2 * 0x0a4d + 1 + 2 + 17 + 11;
    const { replay } = replayFrames([...exchange(), datagram(partial)]);
    expect(replay.stack.statistics.internet.icmp.errorsSent).to.equal(1);
    expect(replayFrames([...exchange(), datagram(0x1234)]).replay.stack.statistics.internet.icmp.errorsSent).to.equal(
      0,
    );
  });

  it('keeps a UDP checksum right, or computes it, where loopback addresses are translated', () => {
    const payload = (checksum?: number) => udp('127.0.0.1', '127.0.0.1', [1, 2, 3], checksum);
    const partial = 2 * 0x7f00 + 2 * 1 + 17 + 11;
    for (const datagram of [payload(), payload(partial)]) {
      const packet = ipv4({ source: '127.0.0.1', destination: '127.0.0.1', protocol: 17, payload: datagram });
      const { replay } = replayFrames([ethernet(SERVER_MAC, CLIENT_MAC, 0x0800, packet)], { servers: ['127.0.0.1'] });
      expect(replay.stack.statistics.internet.icmp.errorsSent).to.equal(1);
    }
  });

  it('says so when the host whose part it shall take is in no frame', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fastpath-replay-'));
    const path = join(folder, 'exchange.pcap');
    writeFileSync(path, makePcap(exchange().map((bytes) => ({ seconds: 1, fraction: 0, bytes }))));
    const refused = await replayFile(path, { servers: [IpAddress.parse('192.0.2.7')] }).catch(
      (error: unknown) => error,
    );
    expect(refused).to.be.an.instanceof(NoServer).with.property('message', '192.0.2.7 is in none of its frames');
    expect((await replayFile(path, { servers: [SERVER] })).summary.connections).to.equal(1);
    rmSync(folder, { recursive: true });
  });

  it('gives a reason for every frame that leads to nothing', () => {
    const stranger = IpAddress.parse('10.77.0.9');
    const frames = [
      ...exchange(),
      segment({ from: 'client', flags: SYN, sequence: 1, client: stranger, server: IpAddress.parse('10.77.0.8') }),
      new Uint8Array(60).fill(0x88),
      segment({ from: 'client', flags: SYN, sequence: 1, clientPort: 41_000 }).fill(0, 36, 38),
      segment({ from: 'client', flags: SYN, sequence: 1, client: IpAddress.parse('224.0.0.1') }),
    ];
    const summary = summaryOf(replayFrames(frames, { servers: [String(SERVER)] }));
    expect(summary.ignored).to.deep.equal({ 'between other hosts': 1, 'neither IP nor ARP, or cut short': 1 });
    expect(summary.dropped).to.deep.include({ 'source address that no host can have': 1, 'bad TCP checksum': 1 });
  });
});

/** Frame `i` of the exchange, with the same address at both ends. */
function toItself(i: number): Uint8Array {
  const { client, server } = { client: CLIENT, server: CLIENT };
  const at = { client, server };
  const s = 5001 + RESPONSE.length;
  const parts = [
    { from: 'client', flags: SYN, sequence: 1000, synOptions: true },
    { from: 'server', flags: SYN | ACK, sequence: 5000, acknowledgment: 1001, synOptions: true },
    { from: 'client', flags: ACK, sequence: 1001, acknowledgment: 5001 },
    { from: 'client', flags: ACK | PSH, sequence: 1001, acknowledgment: 5001, data: REQUEST },
    { from: 'server', flags: ACK | PSH, sequence: 5001, acknowledgment: C, data: RESPONSE },
    { from: 'client', flags: ACK, sequence: C, acknowledgment: s },
    { from: 'client', flags: ACK | FIN, sequence: C, acknowledgment: s },
    { from: 'server', flags: ACK | FIN, sequence: s, acknowledgment: C + 1 },
    { from: 'client', flags: ACK, sequence: C + 1, acknowledgment: s + 1 },
  ] as const;
  return segment({ ...(parts[i] as (typeof parts)[0]), ...at });
}
