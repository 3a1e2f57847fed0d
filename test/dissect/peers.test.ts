/**
 * The dissector and `describe` held to others: tcpdump's lines, tshark's fields, the stack's own accessors. Over the
 * captures of ../shared/captures and over frames of our own (IPv6, neighbour discovery, odd options), where there.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readCapture } from '../../src/capture/file/input.js';
import { LinkView } from '../../src/capture/format/link-layer.js';
import type { CaptureRecord } from '../../src/capture/format/record.js';
import { VERDICTS } from '../../src/dissect/catalogue.js';
import { Dissector } from '../../src/dissect/dissector.js';
import { type Dissection, type FieldValue, fieldValue } from '../../src/dissect/field.js';
import { FrameWriter } from '../../src/dissect/report/write.js';
import * as arp from '../../src/net/wire/arp.js';
import * as icmp from '../../src/net/wire/icmp.js';
import * as ipv4 from '../../src/net/wire/ipv4.js';
import * as tcp from '../../src/net/wire/tcp.js';
import { TcpOptions } from '../../src/net/wire/tcp-options.js';
import { makePcap, recordedCaptures, sharedCaptures } from '../support/captures.js';
import { dhcpFrames } from '../support/dhcp-frames.js';
import { exampleFrames } from '../support/example-frames.js';

function installed(program: string): boolean {
  return spawnSync(program, ['--version']).error === undefined;
}

async function dissectAll(path: string, absolute: boolean): Promise<Dissection[]> {
  const dissector = new Dissector({ absolute });
  const list: Dissection[] = [];
  await readCapture(path, (record) => void list.push(dissector.dissect(record)));
  return list;
}

describe('dissection agrees with', () => {
  let folder: string;
  let captures: [name: string, path: string][];
  /** tcpdump says less of these, and in other words. */
  let forTshark: [name: string, path: string][];

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'fastpath-dissect-'));
    const file = (name: string, frames: readonly Uint8Array[]) => {
      const path = join(folder, name);
      writeFileSync(path, makePcap(frames.map((bytes, i) => ({ seconds: 1_700_000_000 + i, fraction: i, bytes }))));
      return path;
    };
    captures = [...sharedCaptures(), ...recordedCaptures(), ['own frames', file('own.pcap', exampleFrames())]];
    forTshark = [...captures, ['DHCP frames', file('dhcp.pcap', dhcpFrames())]];
    if (sharedCaptures().length === 0)
      console.log('      (without the captures of ../shared/captures: not on this machine)');
  });
  after(() => rmSync(folder, { recursive: true }));

  /** All captures one behind the other in one file: tshark takes half a second to start. */
  async function together() {
    const path = join(folder, 'together.pcapng');
    const file = openSync(path, 'w');
    const writer = new FrameWriter((bytes) => writeSync(file, bytes));
    const places: { name: string; number: number }[] = [];
    for (const [name, source] of forTshark) {
      await readCapture(source, (record, { interfaces }) => {
        writer.write(record, interfaces[record.interfaceIndex], undefined);
        places.push({ name, number: record.number });
        return true;
      });
    }
    writer.close();
    closeSync(file);
    return { path, places };
  }

  it('tcpdump, line by line: absolute and relative sequence numbers, options, lengths', async function () {
    if (!installed('tcpdump')) {
      console.log('      (skipped: no tcpdump on this machine)');
      this.skip();
    }
    let compared = 0;
    for (const absolute of [true, false]) {
      for (const [name, path] of captures) {
        if (!absolute && name === 'own frames') continue; // they are not one conversation
        const output = execFileSync('tcpdump', ['-nn', '-t', '-#', ...(absolute ? ['-S'] : []), '-r', path], {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
        });
        const ours = await dissectAll(path, absolute);
        for (const [, number, line] of output.matchAll(/^ *(\d+) {2}(IP6? .*Flags .*length \d+|ARP.*)/gm)) {
          const mine = ours[Number(number) - 1]!;
          // Without ACK tcpdump shows the number as it is.
          if (isBeyondTcpdump(line!, mine) || (!absolute && line!.includes('Flags [R],'))) continue;
          const own = absolute ? mine.summary : withRawWindow(mine, `${name}, frame ${number}`);
          expect(plain(own), `${name}, frame ${number}`).to.equal(plain(line!));
          compared++;
        }
      }
    }
    expect(compared).to.be.greaterThan(captures.length > 1 ? 20 : 2);
  });

  it('tshark, field by field, and its TCP analysis: duplicate acknowledgments, windows, keep-alives', async function () {
    if (!installed('tshark')) {
      console.log('      (skipped: no tshark on this machine)');
      this.skip();
    }
    let [compared, analysed] = [0, 0];
    const { path, places } = await together();
    const theirs = tshark(path);
    const ours = await dissectAll(path, true);
    expect(theirs.length).to.equal(ours.length);
    const sent = new Sent();
    for (const [i, dissection] of ours.entries()) {
      const { name, number } = places[i]!;
      const where = `${name}, frame ${number}`;
      const values = theirs[i]!;
      compared += compareFields(dissection, values, where);
      const isOut = sent.isOut(values);
      sent.note(values);
      if (name === 'own frames') continue; // they are not one conversation
      for (const field of ANALYSIS) {
        const has = values.has(field) && (field !== 'tcp.analysis.duplicate_ack_num' || isOut);
        expect(fieldValue(dissection, field) !== undefined, `${where}: ${field}`).to.equal(has);
        if (has) analysed++;
      }
    }
    expect(analysed).to.be.greaterThan(10);
    expect(compared).to.be.greaterThan(captures.length > 1 ? 500 : 300);
  });

  it("the stack's own accessors, on every frame that they accept", async () => {
    for (const [name, path] of captures) {
      const dissector = new Dissector({ absolute: true });
      await readCapture(path, (record) => {
        compareViews(record, dissector.dissect(record), `${name}, frame ${record.number}`);
        return true;
      });
    }
  });
});

/** Where tcpdump says something else on purpose: a probe's name, fragments, what it tells by more than one frame. */
function isBeyondTcpdump(line: string, mine: Dissection): boolean {
  if (/: (HBH|frag|DSTOPT|RTHDR)/.test(line)) return true; // it writes ports in another way behind extension headers
  return line.startsWith('ARP') && /Announcement|Probe|unknown/.test(mine.summary);
}

/** Without what is said about the payload, and about lengths that lie (ours says it beside the line). */
/** Our line with the window as it stands in the header, as tcpdump shows it. Ours has to be the scaled one. */
function withRawWindow(dissection: Dissection, where: string): string {
  return dissection.summary.replace(/\bwin (\d+)(?: \(scale unknown\))?/, (_, window) => {
    expect(Number(window), where).to.equal(fieldValue(dissection, 'tcp.window_size'));
    return `win ${fieldValue(dissection, 'tcp.window_size_value')}`;
  });
}

function plain(line: string): string {
  return line.replace(/length (\d+): .*/, 'length $1').replace(/truncated-ip - \d+ bytes missing[! ]+/, '');
}

/**
 * Where both must agree frame by frame. Retransmissions and reordering are not among them: tshark goes by time alone
 * where we know what the capture has seen.
 */
const ANALYSIS = [
  'tcp.analysis.duplicate_ack_num',
  'tcp.analysis.window_update',
  'tcp.analysis.window_full',
  'tcp.analysis.zero_window',
  'tcp.analysis.zero_window_probe',
  'tcp.analysis.keep_alive',
  'tcp.analysis.keep_alive_ack',
];

/**
 * What each side has sent, by tshark's own fields: tshark takes an ACK for a duplicate although nothing is out (RFC
 * 5681 section 2, condition a).
 */
class Sent {
  readonly #next = new Map<string, number>();

  note(values: Map<string, string[]>): void {
    const key = this.#key(values, 'tcp.srcport');
    const next = Number(values.get('tcp.nxtseq')?.[0] ?? values.get('tcp.seq')?.[0]);
    const before = this.#next.get(key) ?? next;
    this.#next.set(key, ((next - before) | 0) > 0 ? next : before);
  }

  /** True if the receiver of this ACK has sent more than it acknowledges. */
  isOut(values: Map<string, string[]>): boolean {
    const next = this.#next.get(this.#key(values, 'tcp.dstport'));
    return next !== undefined && ((next - Number(values.get('tcp.ack')?.[0])) | 0) > 0;
  }

  #key(values: Map<string, string[]>, port: string): string {
    return `${values.get('tcp.stream')?.[0]} ${values.get(port)?.[0]}`;
  }
}

/** Each frame's fields as name → all its values, whatever the nesting. */
function tshark(path: string): Map<string, string[]>[] {
  const preferences = [
    'tcp.relative_sequence_numbers:FALSE',
    'tcp.desegment_tcp_streams:FALSE',
    'ip.defragment:FALSE',
    'ipv6.defragment:FALSE',
    'tcp.check_checksum:TRUE',
    'ip.check_checksum:TRUE',
    'udp.check_checksum:TRUE',
    'tcp.analyze_sequence_numbers:TRUE',
  ].flatMap((preference) => ['-o', preference]);
  const json = execFileSync('tshark', ['-n', ...preferences, '-T', 'json', '--no-duplicate-keys', '-r', path], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return (JSON.parse(json) as { _source: { layers: object } }[]).map((packet) => {
    const values = new Map<string, string[]>();
    gather(packet._source.layers, values, true);
    return values;
  });
}

function gather(node: object, values: Map<string, string[]>, isTop: boolean): void {
  for (const [key, value] of Object.entries(node)) {
    if (isTop && key === 'icmp') continue; // it quotes another packet: its fields have the names of the outer ones
    if (isTop && key === 'icmpv6' && JSON.stringify(value).includes('"ipv6"')) continue;
    for (const each of Array.isArray(value) ? value : [value]) {
      if (typeof each === 'object' && each !== null) gather(each, values, false);
      else values.set(key, [...(values.get(key) ?? []), String(each)]);
    }
  }
}

/** Fields that tshark fills from other frames, or whose name means something else there. */
const NOT_COMPARED = new Set([
  'tcp.option_kind', // there only for options it decodes
  'http.request.line',
  'http.response.line',
  'data.len',
  'ipv6.ext.nxt',
  'icmpv6.opt.type',
  'ip.opt.type',
  'dhcp.option.type', // tshark 4.0 shows the end, 255, as 0
]);

/** Compares what both know; returns how many fields that were. */
function compareFields(dissection: Dissection, theirs: Map<string, string[]>, where: string): number {
  let compared = 0;
  const outer = dissection.layers.filter(
    (_, i, all) => !all.slice(0, i).some((layer) => layer.protocol.startsWith('icmp')),
  );
  const ours = new Map<string, FieldValue[]>();
  for (const field of outer.flatMap((layer) => layer.fields))
    ours.set(field.name, [...(ours.get(field.name) ?? []), field.value]);
  for (const [name, values] of ours) {
    const other = theirs.get(name);
    if (other === undefined || NOT_COMPARED.has(name) || name.startsWith('tcp.analysis.')) continue;
    if (values.includes('Partial')) continue; // tshark 4.0 says Bad
    // One of our frames has a window scale option without SYN, which RFC 7323 section 2.2 ignores and tshark does not.
    if (name === 'tcp.window_size' && where.startsWith('own frames')) continue;
    // Where a length lies, they count and check what is there.
    if ((name === 'tcp.len' || name.endsWith('.status')) && outer.some((layer) => layer.problems.length > 0)) continue;
    expect(values.map(canonical), `${where}: ${name}`).to.deep.equal(other.slice(0, values.length).map(canonical));
    compared++;
  }
  return compared;
}

/** Numbers in any base, booleans and text to one form. */
function canonical(value: FieldValue): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  const verdict = (VERDICTS as readonly FieldValue[]).indexOf(value);
  if (verdict >= 0) return String(verdict);
  if (typeof value === 'number') return String(value);
  const text = /^[0-9a-f]{2}(:[0-9a-f]{2})+$/.test(value) ? value.replaceAll(':', '') : value;
  return /^(0x[0-9a-f]+|\d+)$/.test(text) ? String(Number(text)) : text;
}

/** The in-place accessors of src/net/wire on the same bytes. */
function compareViews(record: CaptureRecord, dissection: Dissection, where: string): void {
  const link = new LinkView();
  if (!link.read(record.linkType, record.bytes, record.from, record.to)) return;
  const { bytes } = record;
  const at = link.networkFrom;
  const equal = (name: string, value: FieldValue) =>
    expect(fieldValue(dissection, name), `${where}: ${name}`).to.equal(value);
  if (link.etherType === 0x0806 && arp.check(bytes, at, link.to)) equal('arp.opcode', arp.operation(bytes, at));
  if (link.etherType !== 0x0800 || ipv4.check(bytes, at, link.to) !== ipv4.OK) return;
  equal('ip.hdr_len', ipv4.headerLength(bytes, at));
  equal('ip.len', ipv4.totalLength(bytes, at));
  equal('ip.id', ipv4.identification(bytes, at));
  equal('ip.flags.df', ipv4.dontFragment(bytes, at));
  equal('ip.flags.mf', ipv4.moreFragments(bytes, at));
  equal('ip.frag_offset', ipv4.fragmentOffset(bytes, at) / 8);
  equal('ip.ttl', ipv4.ttl(bytes, at));
  equal('ip.proto', ipv4.protocol(bytes, at));
  const next = at + ipv4.headerLength(bytes, at);
  const end = Math.min(link.to, at + ipv4.totalLength(bytes, at));
  if (ipv4.fragmentOffset(bytes, at) > 0) return;
  if (ipv4.protocol(bytes, at) === 1 && icmp.check(next, end)) equal('icmp.type', icmp.type(bytes, next));
  if (ipv4.protocol(bytes, at) !== 6 || end - next < tcp.TCP_HEADER_BYTES) return;
  compareTcp(bytes, next, end, dissection, equal);
}

function compareTcp(
  bytes: Uint8Array,
  at: number,
  end: number,
  dissection: Dissection,
  equal: (name: string, value: FieldValue) => void,
): void {
  equal('tcp.srcport', tcp.sourcePort(bytes, at));
  equal('tcp.seq', tcp.sequenceNumber(bytes, at) >>> 0);
  equal('tcp.ack', tcp.acknowledgmentNumber(bytes, at) >>> 0);
  equal('tcp.hdr_len', tcp.headerBytes(bytes, at));
  equal('tcp.window_size_value', tcp.window(bytes, at));
  equal('tcp.flags.syn', (tcp.flags(bytes, at) & tcp.SYN) !== 0);
  equal('tcp.urgent_pointer', tcp.urgentPointer(bytes, at));
  const header = tcp.headerBytes(bytes, at);
  if (header < tcp.TCP_HEADER_BYTES || at + header > end) return;
  const options = new TcpOptions();
  options.read(bytes, at + tcp.TCP_HEADER_BYTES, at + header);
  expect(fieldValue(dissection, 'tcp.options.timestamp.tsval') !== undefined).to.equal(options.hasTimestamps);
  if (options.hasTimestamps) equal('tcp.options.timestamp.tsval', options.timestampValue >>> 0);
  if (options.mss >= 0) equal('tcp.options.mss_val', options.mss);
}
