import { expect } from 'chai';
import { readBytes } from '../../src/capture/file/input.js';
import { FIELDS, type FieldKind, isProtocol } from '../../src/dissect/catalogue.js';
import { Dissector } from '../../src/dissect/dissector.js';
import { parseFilter } from '../../src/dissect/filter/parser.js';
import { FrameClock } from '../../src/dissect/frame-info.js';
import { FrameView } from '../../src/dissect/frame-view.js';
import { FilterError } from '../../src/filter/error.js';
import { ACK, PSH, RST, SYN } from '../../src/net/wire/tcp.js';
import { makePcap } from '../support/captures.js';
import { exampleFrames } from '../support/example-frames.js';
import { exchange, segment } from '../support/exchange.js';
import { dissectFrames, ethernet, hex, ipv4, ipv6, join, PING, tcp, udp } from '../support/layered-frames.js';

const FRAMES: readonly Uint8Array[] = [
  segment({ from: 'client', flags: SYN, sequence: 1000, window: 512 }), // 1
  segment({ from: 'server', flags: SYN | ACK, sequence: 5000, acknowledgment: 1001 }), // 2
  segment({
    from: 'client',
    flags: ACK | PSH,
    sequence: 1001,
    acknowledgment: 5001,
    data: 'GET /a HTTP/1.1\r\nHost: example.org\r\n\r\n',
  }), // 3
  segment({ from: 'server', flags: RST, sequence: 5001 }), // 4
  ethernet(0x0800, ipv4(17, udp(5000, 443, hex('00')), { source: '192.168.1.5', destination: '192.168.2.9' })), // 5
  ethernet(0x86dd, ipv6(17, udp(1, 2, hex('00'), '2001:db8::1', '2001:db8::2'))), // 6
  ethernet(0x8100, join(hex('0064 0800'), PING)), // 7
];

/** The numbers of the frames that pass, with a comma between. */
function passing(filter: string): string {
  const predicate = parseFilter(filter);
  const dissector = new Dissector();
  const clock = new FrameClock();
  const numbers: number[] = [];
  const records = FRAMES.map((bytes, i) => ({ seconds: 1_700_000_000, fraction: 1_000 * i, bytes }));
  readBytes(makePcap(records), (record, reader) => {
    const info = clock.info(record, reader.interfaces[0]);
    if (predicate(new FrameView(info, dissector.dissect(record)))) numbers.push(record.number);
    return true;
  });
  return numbers.join(',');
}

const CASES: readonly [filter: string, frames: string][] = [
  ['tcp', '1,2,3,4'],
  ['not tcp', '5,6,7'],
  ['!tcp and !udp', '7'],
  ['tcp.flags.syn', '1,2'],
  ['tcp.flags.syn == 1 && tcp.flags.ack == 0', '1'],
  ['tcp.flags.syn && !tcp.flags.ack', '1'],
  ['tcp.flags.syn && ip.addr == 10.0.0.0/8', '1,2'],
  ['ip.addr == 10.77.0.1', '1,2,3,4'],
  ['ip.src == 10.77.0.1', '1,3'],
  ['ip.addr != 10.77.0.1', '5,7'],
  ['ip.src in {192.168.1.1..192.168.1.9, 10.0.0.1}', '5,7'],
  ['tcp.port in {80 8000}', '1,2,3,4'],
  ['http.request.uri contains "/a"', '3'],
  ['ip.dst >= 192.168.0.0', '5'],
  ['ipv6.addr == 2001:db8::/32', '6'],
  ['ipv6.dst == 2001:db8::2', '6'],
  ['ipv6.src == 2001:db9::/32', ''],
  ['tcp.port == 80', '1,2,3,4'],
  ['tcp.srcport in {79..81}', '2,4'],
  ['tcp.port in {1, 2 40000}', '1,2,3,4'],
  ['udp.port == 0x1bb', '5'],
  ['tcp.flags & 0x12', '1,2,3'],
  ['tcp.flags & 0x12 == 0x12', '2'],
  ['tcp.flags & 4 != 0', '4'],
  ['tcp.window_size_value lt 1000', '1'],
  ['eth.addr == 02:00:00:00:00:01 and http', '3'],
  ['eth.src == 02-00-00-00-00-02', '2,4'],
  ['http.host contains "example"', '3'],
  ['http.request.uri == "/a"', '3'],
  ['http.host matches "^EX.*ORG$"', '3'],
  ['http.request.line contains "Host:"', '3'],
  ['vlan.id == 100', '7'],
  ['vlan or udp', '5,6,7'],
  ['tcp xor ip', '5,7'],
  ['(tcp or udp) and not (ip.src == 10.0.0.0/8 or ipv6)', '5'],
  ['tcp and udp or vlan', '7'],
  ['tcp.stream eq 0', '1,2,3,4'],
  ['tcp.checksum.status == "Good"', '1,2,3,4'],
  ['tcp.checksum.status == 1', '1,2,3,4'],
  ['tcp.checksum.status != good', ''],
  ['icmp.checksum.status == Bad', ''],
  ['frame.number == 3', '3'],
  ['frame.time_relative > 0.0049', '6,7'],
  ['frame.time_relative == 0.005', '6'],
  ['frame.time_epoch < 1700000000.001', '1'],
  ['frame.time_delta in {0.001..1}', '2,3,4,5,6,7'],
  ['frame.len > 60', '3,6'],
  ['frame.protocols contains "vlan:ip"', '7'],
  ['tcp.len', '1,2,3,4'],
  ['tcp.seq == 1', '3,4'],
  ['tcp.seq_raw == 5001', '4'],
];

const ERRORS: readonly [filter: string, message: RegExp, from: number, to: number][] = [
  ['tcp.prt == 80', /no field or layer tcp\.prt. Did you mean tcp\.(ort|port)\?/, 0, 7],
  ['tcp.port = 80', /Write == to compare/, 9, 10],
  ['tcp.port == x', /tcp\.port is compared with a number/, 12, 13],
  ['tcp.port ==', /tcp\.port is compared with a number/, 11, 11],
  ['ip.addr == 10.0.0.0/33', /an IPv4 address or network/, 11, 22],
  ['ip.addr == fe80::1', /ipv6\.addr holds IPv6 addresses/, 11, 18],
  ['(tcp', /closing parenthesis/, 4, 4],
  ['tcp)', /"and", "or" or the end/, 3, 4],
  ['tcp udp', /"and", "or" or the end/, 4, 7],
  ['tcp == 1', /tcp is a layer, and has no value\. Name one of its fields, such as tcp\.\w+\.$/, 0, 3],
  ['tcp contains "GET"', /tcp is a layer, and has no value/, 0, 3],
  ['http matches "a"', /Name one of its fields, such as http\.\w+/, 0, 4],
  ['tcp.port between 1', /The operators are ==, !=, >, <, >=, <=, in \{…\}, contains, matches \(or ~\) and &/, 9, 16],
  ['http.host > "a"', /has no order/, 10, 11],
  ['http.host == "a', /no closing quote/, 13, 15],
  ['http.host matches "("', /Invalid regular expression/, 18, 21],
  ['tcp.port contains 8', /is no text/, 18, 19],
  ['tcp.port in 80', /A set in braces/, 12, 14],
  ['tcp.port in {80', /tcp\.port is compared with/, 15, 15],
  ['eth.src in {a..b}', /has no order, so it has no ranges/, 12, 16],
  ['', /A field or layer is expected/, 0, 0],
  ['80 == tcp.port', /no field or layer 80/, 0, 2],
  ['ip.src & 1', /is no number: it has no bits|IPv4 address/, 9, 10],
  ['tcp && ;', /means nothing/, 7, 8],
];

describe('display filter language', () => {
  for (const [filter, frames] of CASES) {
    it(`passes ${frames === '' ? 'nothing' : frames} for ${filter}`, () => {
      expect(passing(filter)).to.equal(frames);
    });
  }

  for (const [filter, message, from, to] of ERRORS) {
    it(`says what is wrong, and where, in: ${filter}`, () => {
      let error: unknown;
      try {
        parseFilter(filter);
      } catch (caught) {
        error = caught;
      }
      expect(error).to.be.instanceOf(FilterError);
      const { message: said, from: at, to: end } = error as FilterError;
      expect(said).to.match(message);
      expect([at, end]).to.deep.equal([from, to]);
    });
  }

  it('points at the place with carets', () => {
    const error = new FilterError('Wrong.', 'tcp.port == x', 12, 13);
    expect(error.picture).to.equal('Wrong.\n  tcp.port == x\n              ^');
  });

  it('refuses what is nested beyond reason, without a stack overflow', () => {
    for (const opening of ['(', '!', 'not ']) {
      expect(() => parseFilter(`${opening.repeat(100_000)}tcp`)).to.throw(FilterError, /nested too deeply/);
    }
  });
});

const IS_OF_KIND: Readonly<Record<FieldKind, (value: unknown) => boolean>> = {
  number: (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0,
  flag: (value) => typeof value === 'boolean',
  text: (value) => typeof value === 'string',
  bytes: (value) => typeof value === 'string' && /^([0-9a-f]{2})*$/.test(value),
  mac: (value) => typeof value === 'string' && /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(value),
  ipv4: (value) => typeof value === 'string' && /^\d+\.\d+\.\d+\.\d+$/.test(value),
  ipv6: (value) => typeof value === 'string' && value.includes(':'),
  time: (value) => typeof value === 'string' && /^-?\d+\.\d{9}$/.test(value),
  verdict: (value) => ['Bad', 'Good', 'Unverified', 'Not present', 'Illegal', 'Partial'].includes(String(value)),
};

describe('catalogue of fields', () => {
  it('gives each field the kind that its values have', () => {
    for (const { layers } of dissectFrames([
      ...exampleFrames(),
      ...exchange(),
      ...FRAMES,
      ethernet(0x0800, ipv4(6, tcp(1, 2, 'x'))),
    ])) {
      for (const { protocol, fields } of layers) {
        expect(isProtocol(protocol), protocol).to.equal(true);
        for (const { name, value } of fields)
          expect(IS_OF_KIND[FIELDS[name]](value), `${name}: ${value}`).to.equal(true);
      }
    }
  });
});
