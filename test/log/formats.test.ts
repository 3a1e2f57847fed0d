/** The formats of the access log, byte by byte; and that no client can write a line of its own. */
import { expect } from 'chai';
import { AddressTexts } from '../../src/log/format/addresses.js';
import { createFormat, LOG_FORMATS } from '../../src/log/format/formats.js';
import { Line } from '../../src/log/format/line.js';
import { parseCommonTime } from '../../src/log/format/time.js';
import { get } from '../support/http-bench.js';
import { makeLogBench, makeWriter } from './support.js';

const FIELDS = ['User-Agent: curl "8"\\', 'Referer: http://example.org/?a=b c'];

describe('access log: formats', () => {
  it('common', async () => {
    const { bench, lines } = await makeLogBench();
    bench.feed([get('/a?b', ...FIELDS), get('/empty')]);
    expect(lines('common')).to.deep.equal([
      '192.0.2.2 - - [06/Nov/1994:09:49:37 +0000] "GET /a?b HTTP/1.1" 200 26',
      '192.0.2.2 - - [06/Nov/1994:09:49:37 +0000] "GET /empty HTTP/1.1" 200 -',
    ]);
  });

  it('combined, with quotes and backslashes escaped', async () => {
    const { bench, lines } = await makeLogBench();
    bench.feed([get('/a', ...FIELDS), get('/none')]);
    expect(lines('combined')).to.deep.equal([
      '192.0.2.2 - - [06/Nov/1994:09:49:37 +0000] "GET /a HTTP/1.1" 200 26 ' +
        '"http://example.org/?a=b c" "curl \\"8\\"\\\\"',
      '192.0.2.2 - - [06/Nov/1994:09:49:37 +0000] "GET /none HTTP/1.1" 404 14 "-" "-"',
    ]);
  });

  it('W3C, with its directives in front of an empty file', async () => {
    const { bench, reader } = await makeLogBench();
    const { writer, sink } = makeWriter([reader], 64, 'drop', 'w3c');
    bench.feed([get('/a?b=c', ...FIELDS), get('/none'), '\x16\x03\x01 nonsense\r\n']);
    writer.turn(784_115_377_000);
    expect(sink.lines).to.deep.equal([
      '#Version: 1.0',
      '#Software: fastpath',
      '#Date: 1994-11-06 09:49:37',
      '#Fields: date time c-ip c-port cs-method cs-uri-stem cs-uri-query cs-version cs-host sc-status sc-bytes ' +
        'time-taken cs(User-Agent) cs(Referer) x-site x-cache x-coding x-reason x-closed x-transaction',
      '1994-11-06 09:49:37 192.0.2.2 40000 GET /a b=c HTTP/1.1 example.org 200 26 0.000000 curl+%228%22\\ ' +
        'http://example.org/?a=b+c 0 hit identity target - 0-1-1',
      '1994-11-06 09:49:37 192.0.2.2 40000 GET /none - HTTP/1.1 example.org 404 14 0.000000 - - ' +
        '0 miss identity no-object - 0-1-2',
      '1994-11-06 09:49:37 192.0.2.2 40000 - %16 - - - 400 16 0.000000 - - 0 - identity refused - 0-1-3',
    ]);
  });

  it('call a site by its name from when they are told, and by its number before', async () => {
    const { bench, reader } = await makeLogBench();
    const sites = new Map([[0, 'Bücher "1"']]);
    for (const [name, before, after] of [
      ['json', '"site":0,', '"site":"B\\u00fccher \\"1\\"",'],
      ['w3c', ' 0 hit ', ' B+cher+"1" hit '],
    ] as const) {
      const format = createFormat(name);
      const { writer, sink } = makeWriter([reader], 64, 'drop', format);
      bench.feed([get('/a')]);
      writer.turn(784_115_377_000);
      expect(sink.lines.at(-1)).to.contain(before);
      format.name?.(sites);
      bench.feed([get('/a')]);
      writer.turn(784_115_378_000);
      expect(sink.lines.at(-1)).to.contain(after);
    }
  });

  for (const format of LOG_FORMATS) {
    it(`${format}: every byte that a client can send stays within its line`, async () => {
      const { bench, lines } = await makeLogBench(1_024);
      for (let byte = 0; byte < 256; byte++) {
        const raw = String.fromCharCode(byte);
        bench.feed([`GET /${raw}evil HTTP/1.1\r\nHost: x\r\n\r\n`]).end();
        bench.feed([get('/a', `User-Agent: a${raw}b`, `Referer: c${raw}d`)]).end();
      }
      const found = lines(format);
      expect(found.length).to.be.at.least(512);
      for (const line of found) expect(line).to.match(/^[\x20-\x7e]+$/);
      if (format === 'json') for (const line of found) JSON.parse(line);
    });
  }

  it('an escape stands where its byte stood, at any place of a text of any length', async () => {
    const { bench, objects, lines } = await makeLogBench();
    for (let length = 1; length <= 9; length++) {
      for (let place = 0; place < length; place++) {
        const agent = [...'abcdefghi'.slice(0, length)].map((letter, i) => (i === place ? '"' : letter)).join('');
        bench.feed([get('/a', `User-Agent: ${agent}`)]);
        expect(objects()[0]).to.include({ agent });
        bench.feed([get('/a', `User-Agent: ${agent}`)]);
        expect(lines('combined')[0])
          .to.match(/ "([^"]|\\")*"$/)
          .and.to.include(`"${agent.replace('"', '\\"')}"`);
      }
    }
  });

  it('an address has its own text also where two share a place in memory', async () => {
    const texts = new AddressTexts();
    const textOf = (word: number) => {
      const line = new Line(64);
      line.put(texts.of(word));
      return Buffer.from(line.bytes.subarray(0, line.at)).toString();
    };
    for (const word of [0, 0x0a00_0001, 0x0a00_0401 ^ 1, 0xc000_02ff | 0, 0x0a00_0001, 0, -1]) {
      const bytes = [24, 16, 8, 0].map((shift) => (word >>> shift) & 0xff);
      expect(textOf(word)).to.equal(bytes.join('.'));
    }
  });

  it('JSON gives back the very bytes that came', async () => {
    const { bench, objects } = await makeLogBench();
    bench.feed([get('/a', 'User-Agent: gr\xfcn "\\\t\xff')]);
    expect(objects()[0]).to.include({ agent: 'gr\xfcn "\\\t\xff' });
  });

  it('numbers of all lengths', () => {
    for (const value of [0, 9, 10, 99, 100, 65_535, 999_999_999, 1_000_000_000, 4_294_967_295, 2 ** 40]) {
      const line = new Line(64);
      line.number(value);
      expect(Buffer.from(line.bytes.subarray(0, line.at)).toString()).to.equal(String(value));
    }
    const line = new Line(64);
    line.seconds(61_000_042);
    expect(Buffer.from(line.bytes.subarray(0, line.at)).toString()).to.equal('61.000042');
  });

  it('the time of Common can be read back', () => {
    expect(parseCommonTime('06/Nov/1994:09:49:37 +0000')).to.equal(784_115_377_000);
    expect(parseCommonTime('06/Nov/1994:10:49:37 +0100')).to.equal(784_115_377_000);
    expect(parseCommonTime('yesterday')).to.be.NaN;
  });
});
