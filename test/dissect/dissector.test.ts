import { expect } from 'chai';
import { readBytes } from '../../src/capture/file/input.js';
import { Dissector } from '../../src/dissect/dissector.js';
import { type Dissection, fieldValue } from '../../src/dissect/field.js';
import type { FrameInfo } from '../../src/dissect/frame-info.js';
import { FrameView } from '../../src/dissect/frame-view.js';
import { isLinkUnderstood } from '../../src/dissect/layers/link/link.js';
import { toJson } from '../../src/dissect/print/json.js';
import { formatLine } from '../../src/dissect/print/line.js';
import { PLAIN } from '../../src/dissect/print/style.js';
import { formatTree } from '../../src/dissect/print/tree.js';
import { jsonReport, lineReport, treeReport } from '../../src/dissect/report/frames.js';
import { dissectFile } from '../../src/dissect/run.js';
import { passes, type Selection } from '../../src/dissect/selection.js';
import { timestamp } from '../../src/dissect/time.js';
import { ACK, FIN, PSH, RST, SYN } from '../../src/net/wire/tcp.js';
import { makePcap, needSharedCaptures } from '../support/captures.js';
import { exampleFrames } from '../support/example-frames.js';
import { exchange, REQUEST, RESPONSE, segment } from '../support/exchange.js';

function dissectFrames(frames: readonly Uint8Array[], absolute = false, linkType = 1): Dissection[] {
  const dissector = new Dissector({ absolute });
  const list: Dissection[] = [];
  const records = frames.map((bytes, i) => ({ seconds: i, fraction: 0, bytes }));
  readBytes(makePcap(records, { linkType }), (record) => void list.push(dissector.dissect(record)));
  return list;
}

const INFO: FrameInfo = {
  number: 7,
  time: { microseconds: 1_700_000_000_123_456, nanoseconds: 789 },
  relative: { microseconds: 123_456, nanoseconds: 789 },
  delta: { microseconds: 3, nanoseconds: 1 },
  deltaShown: { microseconds: 4, nanoseconds: 1 },
  digits: 6,
  length: 60,
  captured: 60,
  interfaceId: 0,
  interfaceName: 'fp0',
  direction: 'in',
  comment: undefined,
};

describe('dissector', () => {
  it('gives every field a label, a meaning, a section and its bytes', () => {
    for (const dissection of dissectFrames([...exampleFrames(), ...exchange()])) {
      for (const layer of dissection.layers) {
        if (layer.protocol === 'data') continue;
        for (const field of layer.fields) {
          expect(field.label, field.name).not.to.equal('');
          expect(field.meaning, field.name).not.to.equal('');
          expect(field.section, field.name).to.match(/^(RFC \d+|IEEE 802|libpcap)/);
          expect(field.to, field.name).to.be.at.least(field.from);
        }
      }
    }
  });

  it('finds nothing wrong in good frames', () => {
    for (const { layers } of dissectFrames(exchange()))
      expect(layers.flatMap((layer) => layer.problems)).to.deep.equal([]);
  });

  it('reads HTTP where a segment begins with a message', () => {
    const list = dissectFrames(exchange());
    expect(fieldValue(list[3]!, 'http.request.method')).to.equal('GET');
    expect(fieldValue(list[3]!, 'http.request.uri')).to.equal('/index.html');
    expect(fieldValue(list[4]!, 'http.response.code')).to.equal(200);
    expect(fieldValue(list[4]!, 'http.response.line')).to.equal('Content-Length: 5');
  });

  it('says of a wrong checksum what would be right, and knows one that was left to the network card', () => {
    const [syn] = exchange();
    const wrong = syn!.slice();
    wrong[51]! ^= 1;
    const [bad] = dissectFrames([wrong]);
    const right = fieldValue(dissectFrames([syn!])[0]!, 'tcp.checksum') as number;
    expect(bad!.layers[2]!.problems).to.deep.equal([
      `TCP checksum wrong, should be 0x${right.toString(16).padStart(4, '0')}`,
    ]);
  });

  it('reads what is there of a frame cut at any byte', () => {
    for (const frame of [...exampleFrames(), exchange()[0]!, exchange()[3]!]) {
      for (let length = 0; length <= frame.length; length++) {
        const [dissection] = dissectFrames([frame.slice(0, length)]);
        expect(dissection!.summary).to.be.a('string');
      }
    }
  });

  it('names a link type that it does not know', () => {
    const [dissection] = dissectFrames([Uint8Array.of(1, 2, 3)], false, 147);
    expect(dissection!.layers[0]!.problems).to.deep.equal(['link type 147 is not understood']);
    const [wireless] = dissectFrames([Uint8Array.of(1, 2, 3)], false, 105);
    expect(wireless!.summary).to.equal('link type 105 (IEEE 802.11), not understood, length 3');
  });

  it('takes apart each link of which it says so', () => {
    for (let linkType = 0; linkType < 300; linkType++) {
      const [dissection] = dissectFrames([Uint8Array.of(1, 2, 3)], false, linkType);
      const isUnknown = dissection!.layers[0]?.problems[0]?.endsWith(' is not understood') === true;
      expect(isLinkUnderstood(linkType), `link type ${linkType}`).to.equal(!isUnknown);
    }
  });
});

describe('dissector: connections', () => {
  it('numbers them in the order in which they begin, a port used again included', () => {
    const other = segment({ from: 'client', flags: SYN, sequence: 9, clientPort: 40_001 });
    const again = segment({ from: 'client', flags: SYN, sequence: 70_000 });
    const list = dissectFrames([...exchange(), other, again]);
    expect(list.map((each) => each.connection)).to.deep.equal([...exchange().map(() => 1), 2, 3]);
  });

  it('counts sequence numbers from the start of the connection, or leaves them as they are', () => {
    expect(dissectFrames(exchange())[4]!.summary).to.contain(
      `seq 1:${1 + RESPONSE.length}, ack ${1 + REQUEST.length},`,
    );
    expect(dissectFrames(exchange(), true)[4]!.summary).to.contain(`seq 5001:${5001 + RESPONSE.length},`);
  });

  it('notes retransmissions, holes, duplicate acknowledgments, keep-alives and zero windows', () => {
    const ack = (more: object) =>
      segment({ from: 'client', flags: ACK, sequence: 1001, acknowledgment: 5001, ...more });
    const data = (sequence: number, length: number) =>
      segment({ from: 'server', flags: ACK | PSH, sequence, acknowledgment: 1001, data: 'x'.repeat(length) });
    const list = dissectFrames([
      segment({ from: 'client', flags: SYN, sequence: 1000 }),
      segment({ from: 'server', flags: SYN | ACK, sequence: 5000, acknowledgment: 1001 }),
      ack({}),
      data(5001, 100),
      ack({}),
      data(5001, 100),
      data(5301, 10),
      data(5290, 30),
      ack({ window: 0 }),
      segment({ from: 'server', flags: ACK, sequence: 5319, acknowledgment: 1001, data: 'x' }),
    ]);
    expect(list.map((each) => each.notes.join('; '))).to.deep.equal([
      '',
      '',
      '',
      '',
      'duplicate acknowledgment 1',
      'retransmission',
      '200 bytes before it not seen',
      'out of order',
      'zero window',
      'zero-window probe',
    ]);
  });

  it('takes a FIN that comes again for a retransmission, and no RST for anything', () => {
    const fin = segment({ from: 'client', flags: ACK | FIN, sequence: 1001, acknowledgment: 5001 });
    const rst = segment({ from: 'client', flags: RST, sequence: 1 });
    const list = dissectFrames([segment({ from: 'client', flags: SYN, sequence: 1000 }), fin, fin, rst]);
    expect(list.map((each) => each.notes)).to.deep.equal([[], [], ['retransmission'], []]);
  });
});

describe('display filter', () => {
  const list = dissectFrames([...exampleFrames(), ...exchange()]);
  const shown = (selection: Selection) =>
    list.filter((dissection) => passes(new FrameView(INFO, dissection), selection)).length;

  it('shows all without conditions', () => {
    expect(shown({})).to.equal(list.length);
  });

  it('selects by address, port, connection and protocol, of either direction', () => {
    expect(shown({ addresses: ['10.77.0.1'], ports: [40_000] })).to.equal(exchange().length);
    expect(shown({ ports: [5353] })).to.equal(2);
    expect(shown({ protocols: ['arp'] })).to.equal(1);
    expect(shown({ protocols: ['http'] })).to.equal(2);
    expect(shown({ addresses: ['2001:db8::1'], protocols: ['icmpv6'] })).to.equal(7);
    const connection = list.at(-1)!.connection!;
    expect(shown({ connections: [connection] })).to.equal(exchange().length);
    expect(shown({ connections: [connection], protocols: ['arp'] })).to.equal(0);
  });
});

describe('dissection in print', () => {
  const [dissection] = dissectFrames([
    segment({ from: 'client', flags: ACK | PSH, sequence: 1, data: 'GET /\x1b[31m HTTP/1.1\r\nX: \x07\r\n\r\n' }),
  ]);

  it('does not let a packet steer the terminal', () => {
    for (const text of [formatLine(INFO, dissection!), formatTree(INFO, dissection!)]) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that is the point
      expect(text).not.to.match(/[\x00-\x09\x0b-\x1f\x7f]/);
    }
  });

  it('shows time, connection, notes and problems in a line', () => {
    const line = formatLine({ ...INFO, comment: 'look here' }, dissection!);
    expect(line).to.match(
      /^ {5}7 {4}0\.123456 #1 IP 10\.77\.0\.1\.40000 > 10\.77\.0\.2\.80: Flags \[P\.\].*\(look here\)$/,
    );
  });

  it('writes JSON in which a field that occurs more than once is a list', () => {
    const json = JSON.parse(JSON.stringify(toJson(INFO, dissectFrames([exchange()[0]!])[0]!)));
    expect(json.time).to.equal('2023-11-14T22:13:20.123456789Z');
    const tcp = json.layers.find((layer: { protocol: string }) => layer.protocol === 'tcp');
    expect(tcp.fields['tcp.option_kind']).to.be.an('array');
    expect(tcp.fields['tcp.flags.syn']).to.equal(true);
  });

  it('writes times beyond the calendar as numbers', () => {
    expect(timestamp({ microseconds: 1e19, nanoseconds: 0 })).to.equal('10000000000000000000 us');
    expect(timestamp({ microseconds: 0, nanoseconds: 0 })).to.equal('1970-01-01T00:00:00.000000Z');
  });
});

describe('dissection of ../shared/captures', () => {
  it('is the same twice, in each form, damaged captures included', async function () {
    for (const [name, path] of needSharedCaptures(this)) {
      for (const make of [lineReport, treeReport, jsonReport]) {
        const run = async () => {
          const lines: string[] = [];
          await dissectFile(path, { report: make((line) => lines.push(line), PLAIN) });
          return lines.join('\n');
        };
        const once = await run();
        expect(once === (await run()), `${name}, ${make.name}`).to.equal(true);
      }
    }
  });
});
