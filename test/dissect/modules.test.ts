/** FTP and LDAP in a capture: what belongs together over several frames, and what is damaged. */
import { expect } from 'chai';
import { readBytes } from '../../src/capture/file/input.js';
import { Dissector, type TrackedDissection } from '../../src/dissect/dissector.js';
import { ACK, PSH, SYN } from '../../src/net/wire/tcp.js';
import { equal, messageOf, searchOf } from '../ldap/support.js';
import { makePcap } from '../support/captures.js';
import { segment } from '../support/exchange.js';

type Frames = readonly Parameters<typeof segment>[0][];

function dissect(frames: Frames): TrackedDissection[] {
  const dissector = new Dissector();
  const all: TrackedDissection[] = [];
  const records = frames.map((frame, i) => ({ seconds: i, fraction: 0, bytes: segment(frame) }));
  readBytes(makePcap(records), (record) => void all.push(dissector.dissect(record)));
  return all;
}

const values = ({ layers }: TrackedDissection, name: string) =>
  layers.flatMap(({ fields }) => fields.filter((field) => field.name === name).map(({ value }) => value));
const text = (content: string) => Buffer.from(content, 'latin1');

/** Data of the client's stream, cut into segments of this size. */
function cut(data: Uint8Array, size: number, serverPort: number): Frames {
  const frames: Parameters<typeof segment>[0][] = [];
  for (let at = 0; at < data.length; at += size) {
    const part = data.subarray(at, at + size);
    frames.push({ from: 'client', flags: ACK | PSH, sequence: 1 + at, data: part, serverPort });
  }
  return frames;
}

describe('dissector: LDAP', () => {
  const search = searchOf(300, { filter: equal('cn', 'a*(b)\\ü\0', 0xa8), attributes: ['cn', 'sn'] });

  it('reads a message however it is cut into segments, and places its fields where its last part is', () => {
    const data = Buffer.concat([search, searchOf(301, { scope: 1 }), search]);
    for (const size of [7, 40, 90, data.length]) {
      const all = dissect(cut(data, size, 389));
      expect(
        all.flatMap((each) => values(each, 'ldap.messageID')),
        `${size} bytes`,
      ).to.deep.equal([300, 301, 300]);
      expect(all.flatMap(({ layers }) => layers.flatMap(({ problems }) => problems))).to.deep.equal([]);
      const filters = all.flatMap((each) => values(each, 'ldap.filter_text'));
      expect(filters).to.deep.equal([
        '(cn~=a\\2a\\28b\\29\\5cü\\00)',
        '(objectClass=*)',
        '(cn~=a\\2a\\28b\\29\\5cü\\00)',
      ]);
      for (const { layers } of all) {
        for (const { from, to } of layers.flatMap(({ fields }) => fields)) expect(to).to.be.at.least(from);
      }
    }
  });

  it('says what is wrong with a damaged message, and goes on behind it', () => {
    const damaged = Uint8Array.from(search);
    damaged[8] = 0x31; // the search begins with a set
    const [only] = dissect(cut(Buffer.concat([damaged, search]), 2_000, 389));
    expect(only?.layers.flatMap(({ problems }) => problems)).to.have.lengthOf(1);
    expect(only && values(only, 'ldap.messageID')).to.deep.equal([300, 300]);
    expect(only?.summary).to.match(/LDAP: \[malformed\], search 300 "dc=example,dc=org" sub \(cn~=/);
  });

  it('leaves what is no LDAP on its port to others, and counts messages that find no layer', () => {
    const [hello] = dissect(cut(text('\x16\x03\x01\0\x05hello'), 100, 389));
    expect(hello?.layers.at(-1)?.protocol).to.not.equal('ldap');
    const abandon = messageOf(2, (writer) => writer.integer(1, 0x50));
    const [many] = dissect(cut(Buffer.concat(Array(40).fill(abandon)), 2_000, 389));
    expect(many?.summary).to.match(/LDAP: abandon 2 1, .*, …, \d+ more that have no layer$/);
  });
});

describe('dissector: FTP', () => {
  it('finds the data connection that a reply or a command speaks of', () => {
    const control = (data: Uint8Array, from: 'client' | 'server', sequence: number) =>
      ({ from, flags: ACK | PSH, sequence, data, serverPort: 21 }) as const;
    const endOf = (frame: Frames[number]) => segment(frame).subarray(30, 34).join('.');
    const sent: Frames = [
      control(text('RETR docs/a.txt\r\n'), 'client', 1),
      { from: 'client', flags: SYN, sequence: 0, serverPort: 40_000 },
      { from: 'server', flags: ACK, sequence: 1, data: text('GET / HTTP/1.1\r\n\r\n'), serverPort: 40_000 },
    ];
    const address = endOf(sent[1]!); // the test's server has an address of its own
    const own = text(`227 Entering Passive Mode (${address.replaceAll('.', ',')},156,64).\r\n`);
    const all = dissect([control(own, 'server', 1), ...sent]);
    expect(values(all[0]!, 'ftp.passive.port')).to.deep.equal([40_000]);
    const data = all[3]!;
    expect(data.layers.map(({ protocol }) => protocol).slice(-2)).to.deep.equal(['ftp-data', 'data']);
    expect(values(data, 'ftp-data.command')).to.deep.equal(['RETR docs/a.txt']);
    expect([values(data, 'ftp-data.setup-frame'), values(data, 'ftp-data.command-frame')]).to.deep.equal([[1], [2]]);
    expect(data.summary).to.match(/: FTP data: RETR docs\/a\.txt$/);
  });

  it('reads commands behind the bytes of Telnet, replies of many lines, and ends that make no sense', () => {
    const lines = '\xff\xf4\xff\xf2ABOR\r\nEPRT |2|2001:db8::1|40000|\r\nEPRT |1|x|1|\r\nPORT 1,2,3,4,5,600\r\n';
    const [commands] = dissect(cut(text(lines), 500, 21));
    expect(commands && values(commands, 'ftp.request.command')).to.deep.equal(['ABOR', 'EPRT', 'EPRT', 'PORT']);
    expect(commands && values(commands, 'ftp.eprt.ipv6')).to.deep.equal(['2001:db8::1']);
    expect(commands && values(commands, 'ftp.active.port')).to.deep.equal([]);
    const reply = text('211-Features\r\n SIZE\r\n211 End\r\n');
    const [answer] = dissect([{ from: 'server', flags: ACK, sequence: 1, data: reply, serverPort: 21 }]);
    expect(answer && values(answer, 'ftp.response.code')).to.deep.equal([211, 211]);
    expect(answer && values(answer, 'ftp.response.arg')).to.deep.equal(['Features', ' SIZE', 'End']);
  });
});
