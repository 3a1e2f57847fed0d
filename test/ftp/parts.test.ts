import { expect } from 'chai';
import { formatPassive, parseExtendedPort, parsePort } from '../../src/ftp/ends.js';
import { LineReader, LONGEST_LINE } from '../../src/ftp/lines.js';
import { FACTS, type Found, factLine, inOrder, listLine, timeValue } from '../../src/ftp/listing.js';
import { quoted, resolvePath } from '../../src/ftp/path.js';
import { EVENT_NAMES, type FtpState, nextState, STATE_NAMES } from '../../src/ftp/state.js';
import { IpAddress } from '../../src/net/wire/address.js';

describe('ftp/path', () => {
  it('never leaves the root', () => {
    const cases = [
      ['', '/a/b', '/a/b'],
      ['/a', 'b', '/a/b'],
      ['/a', '..', ''],
      ['', '../../etc', '/etc'],
      ['/a/b', './/c/./', '/a/b/c'],
      ['/a', '/', ''],
    ] as const;
    for (const [folder, argument, path] of cases) expect(resolvePath(folder, argument), argument).to.equal(path);
  });

  it('refuses a NUL, a line end and what is longer than a path can be', () => {
    expect(resolvePath('', 'a\r226 b')).to.equal(undefined);
    expect([resolvePath('', 'a\0b'), resolvePath('/a', 'x'.repeat(5_000))]).to.deep.equal([undefined, undefined]);
  });

  it('doubles quotes in a reply', () => {
    expect([quoted(''), quoted('/a "b"')]).to.deep.equal(['"/"', '"/a ""b"""']);
  });
});

describe('ftp/lines', () => {
  const read = (bytes: Uint8Array): (string | null)[] => {
    const reader = new LineReader();
    const lines: (string | null)[] = [];
    for (let at = 0; at < bytes.length; ) {
      at = reader.read(bytes, at, bytes.length);
      if (reader.line !== undefined) lines.push(reader.line);
    }
    return lines;
  };

  it('end with CRLF or LF, wherever they are cut', () => {
    expect(read(Buffer.from('NOOP\r\nPWD\nCWD a\rb\r\nrest'))).to.deep.equal(['NOOP', 'PWD', 'CWD a\rb']);
  });

  it('have no Telnet commands, and a doubled IAC is a byte', () => {
    expect(
      read(
        Buffer.from(
          'ff f4 ff f2 41 ff fb 01 42 ff ff 0d 0a'
            .split(' ')
            .map((hex) => Number.parseInt(hex, 16))
            .map(Number),
        ),
      ),
    ).to.deep.equal(['AB\xff']);
  });

  it('that are too long are answered with an error, and the next one is read', () => {
    expect(read(Buffer.from(`${'x'.repeat(LONGEST_LINE + 1)}\r\nNOOP\r\n`))).to.deep.equal([null, 'NOOP']);
  });
});

describe('ftp/ends', () => {
  it('reads PORT and EPRT, and writes PASV', () => {
    const end = parsePort('192,0,2,1,156,64');
    expect([String(end?.address), end?.port]).to.deep.equal(['192.0.2.1', 40_000]);
    const v6 = parseExtendedPort('|2|2001:db8::1|40000|');
    expect(v6 !== undefined && v6 !== 'family' && [String(v6.address), v6.port]).to.deep.equal(['2001:db8::1', 40_000]);
    expect(formatPassive(IpAddress.parse('192.0.2.1'), 40_000)).to.equal('(192,0,2,1,156,64)');
  });

  it('refuses what makes no sense', () => {
    for (const wrong of ['', '1,2,3', '256,0,0,1,0,0', '1,2,3,4,5,6,7', 'a,b,c,d,e,f']) {
      expect(parsePort(wrong), wrong).to.equal(undefined);
    }
    for (const wrong of [
      '',
      '|1|2001:db8::1|1|',
      '|2|192.0.2.1|1|',
      '|1|192.0.2.1|70000|',
      '|1|x|1|',
      '|1|192.0.2.1|1',
    ]) {
      expect(parseExtendedPort(wrong), wrong).to.equal(undefined);
    }
    expect(parseExtendedPort('|3|x|1|')).to.equal('family');
  });
});

describe('ftp/listing', () => {
  const NOW = Date.UTC(2026, 10, 30, 12);
  const file: Found = { name: 'a b', isFolder: false, size: 1_234, modifiedMs: Date.UTC(2026, 10, 9, 8, 5, 7) };
  const folder: Found = { name: 'docs', isFolder: true, size: 0, modifiedMs: Date.UTC(2025, 0, 2) };

  it('writes lines as ls does, with the year of what is old', () => {
    expect(listLine(file, NOW)).to.equal('-r--r--r-- 1 ftp ftp         1234 Nov  9 08:05 a b\r\n');
    expect(listLine(folder, NOW)).to.equal('dr-xr-xr-x 1 ftp ftp            0 Jan  2  2025 docs\r\n');
  });

  it('writes the facts that were chosen', () => {
    expect(factLine(file, new Set(FACTS), 'a b')).to.equal('type=file;size=1234;modify=20261109080507;perm=r; a b');
    expect(factLine(folder, new Set(['type', 'size']), '/docs')).to.equal('type=dir; /docs');
    expect(timeValue(file.modifiedMs)).to.equal('20261109080507');
  });

  it('leaves out a name that would end the line', () => {
    const names = inOrder([file, { ...file, name: 'x\r\n226 done' }, { ...file, name: 'B' }]).map(({ name }) => name);
    expect(names).to.deep.equal(['B', 'a b']);
  });
});

describe('ftp/state', () => {
  it('says for every state and event what follows, or that it cannot be', () => {
    const rows = EVENT_NAMES.map((event) =>
      STATE_NAMES.map((_, state) => {
        try {
          return STATE_NAMES[nextState(state as FtpState, event)];
        } catch {
          return '-';
        }
      }).join(' '),
    );
    expect(rows).to.deep.equal([
      'named named named - - -',
      '- ready - - - -',
      'stranger stranger stranger - - -',
      '- - asking - - -',
      '- - - ready - gone',
      '- - transfer transfer - -',
      '- - - - ready gone',
      'gone gone gone gone gone gone',
    ]);
  });
});
