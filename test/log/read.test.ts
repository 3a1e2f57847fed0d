/** Logs read back: every format gives the same requests, and filters choose among them. */
import { expect } from 'chai';
import { FilterError } from '../../src/filter/error.js';
import { LOG_FORMATS } from '../../src/log/format/formats.js';
import { type LogEntry, LogParser } from '../../src/log/read/entry.js';
import { parseLogFilter } from '../../src/log/read/filter.js';
import { describeTransaction } from '../../src/log/read/transaction.js';
import { get } from '../support/http-bench.js';
import { makeLogBench, makeWriter } from './support.js';

const AGENT = 'odd "agent" \\ with\xff bytes';

async function written(format: (typeof LOG_FORMATS)[number]): Promise<LogEntry[]> {
  const { bench, reader } = await makeLogBench();
  const { writer, sink } = makeWriter([reader], 64, 'drop', format);
  bench.feed([get('/a?b=c', `User-Agent: ${AGENT}`), get('/none', 'Referer: http://x/')]);
  bench.feed(['nonsense\r\n\r\n']);
  writer.turn(784_115_377_000);
  const parser = new LogParser();
  return sink.lines.map((line) => parser.parse(line)).filter((entry) => entry !== undefined);
}

describe('access log: reading', () => {
  for (const format of LOG_FORMATS) {
    it(`${format} gives back what was written`, async () => {
      const [first, second, third, ...others] = await written(format);
      expect(others).to.deep.equal([]);
      expect(first).to.include({ client: '192.0.2.2', method: 'GET', target: '/a?b=c', path: '/a', status: 200 });
      expect(first).to.include({ bytes: 26, ...(format !== 'w3c' && { version: '1.1' }) });
      expect(Date.parse(String(first?.time))).to.equal(784_115_377_000);
      if (format !== 'common') expect(first?.agent).to.equal(AGENT);
      if (format === 'json' || format === 'w3c') expect(first?.taken).to.equal(0);
      if (format !== 'common') expect(second?.referer).to.equal('http://x/');
      expect(second).to.include({ path: '/none', status: 404 });
      expect(third).to.include({ status: 400 }).and.not.have.property('target');
    });
  }

  it('takes no line for a request that is none', () => {
    const parser = new LogParser();
    for (const line of ['', '#Version: 1.0', '{"missed":3}', '{', 'hello', 'a - - [now] "x" 200 1']) {
      expect(parser.parse(line), line).to.equal(undefined);
    }
  });
});

describe('access log: filters', () => {
  const entry: LogEntry = { status: 404, path: '/api/x', client: '10.0.0.1', bytes: 14, last: 0.25 };
  const passing = [
    'status>=400 && path~"/api"',
    'status == 404 and not closed',
    '(status < 300 || bytes > 10) && last <= 0.25',
    'client == 10.0.0.1',
    'path contains "api"',
    'closed != "reset"',
    '!(status == 200)',
    'last',
    'status ge 400 xor bytes eq 14 or last le 1',
  ];
  const failing = ['status < 400', 'closed', 'closed == "reset"', 'path ~ "^x"', 'port > 1', 'status == "many"'];
  for (const text of passing) it(`${text} passes`, () => expect(parseLogFilter(text)(entry)).to.equal(true));
  for (const text of failing) it(`${text} does not`, () => expect(parseLogFilter(text)(entry)).to.equal(false));

  const wrong = ['', 'status >=', 'stat == 1', 'status == 1 path', '(status', 'path ~ "("', '(('.repeat(200)];
  for (const text of wrong) {
    it(`${text.slice(0, 20)} is an error that says where`, () => {
      expect(() => parseLogFilter(text)).to.throw(FilterError);
    });
  }
});

describe('access log: one transaction', () => {
  it('is told from request to acknowledgment', async () => {
    const [first] = await written('json');
    const lines = describeTransaction(first as LogEntry);
    expect(lines[0]).to.equal('transaction 0-1-1');
    expect(lines.join('\n')).to.include('hit: object 2, generation 1').and.include('sequence numbers 4294967276 to');
    expect(lines.at(-1)).to.include("--filter 'ip.addr == 192.0.2.2 && tcp.port == 40000'");
  });
});
