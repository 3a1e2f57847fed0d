/** Lines to a syslog daemon: what it gets, and what becomes of lines while it is away. */
import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { SyslogSink } from '../../src/log/sink/syslog.js';
import { SystemError } from '../../src/net/device/libc.js';
import { DatagramSocket } from '../support/datagram-socket.js';
import { freePort } from '../support/free-port.js';
import { get } from '../support/http-bench.js';
import { until } from '../support/until.js';
import { makeLogBench, makeWriter } from './support.js';

/** RFC 5424 section 6: header, structured data, message. */
const RFC_5424 =
  /^<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}Z) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,32}) - (.*)$/s;
/** What syslog(3) of the C library sends to /dev/log: RFC 3164 without the host. */
const LOCAL = /^<(\d{1,3})>([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) (\w+)\[(\d+)\]: (.*)$/s;
const LOCAL7_INFO = '190';
const LINES = ['192.0.2.2 - - [x] "GET / HTTP/1.1" 200 26', 'second \\"line\\" \\x0a'];

const folder = mkdtempSync(join(tmpdir(), 'fastpath-syslog-'));
after(() => rmSync(folder, { recursive: true }));

/** Writes whole lines as the log thread does it. */
function write(sink: SyslogSink, lines: readonly string[]): void {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1');
  sink.prepare();
  for (let from = 0; from < bytes.length; ) from += sink.write(bytes, from, bytes.length);
}

describe('access log: syslog on this machine', () => {
  const path = join(folder, 'dev-log');

  it('gets each line as syslog(3) would send it', () => {
    const daemon = new DatagramSocket(path);
    const sink = new SyslogSink({ path });
    write(sink, LINES);
    for (const line of LINES) {
      const [, priority, time = '', tag, pid, text] = LOCAL.exec(daemon.read() ?? '') ?? [];
      expect([priority, tag, pid, text]).to.deep.equal([LOCAL7_INFO, 'fastpath', `${process.pid}`, line]);
      const age = Date.now() - Date.parse(`${time} ${new Date().getFullYear()}`);
      expect(age, `${time} in local time`).to.be.within(-2_000, 60_000);
    }
    expect(daemon.read()).to.equal(undefined);
    sink.close();
    daemon.close();
  });

  it('that is started again gets the lines that it has not taken', async () => {
    const { bench, reader } = await makeLogBench();
    let daemon = new DatagramSocket(path);
    const sink = new SyslogSink({ path });
    const { writer, warnings } = makeWriter([reader], 64, 'drop', 'common', sink);
    const ask = (name: string) => bench.feed([get(name)]);
    ask('/one');
    writer.turn(0);
    expect(daemon.read()).to.include('GET /one');
    daemon.close();
    ask('/two');
    ask('/three');
    writer.turn(1_000);
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.include('cannot write to syslog:');
    daemon = new DatagramSocket(path);
    writer.turn(2_000);
    expect([daemon.read(), daemon.read()].map((text) => /GET \S+/.exec(text ?? '')?.[0])).to.deep.equal([
      'GET /two',
      'GET /three',
    ]);
    expect(warnings[1]).to.include('can be written again, nothing was lost');
    writer.close();
    daemon.close();
  });

  it('that is not there is an error at the start', () => {
    expect(() => new SyslogSink({ path: join(folder, 'nowhere') })).to.throw(SystemError, 'ENOENT');
    expect(() => new SyslogSink({ path: `/${'x'.repeat(200)}` })).to.throw(RangeError);
  });
});

describe('access log: syslog over UDP', () => {
  for (const [type, address] of [
    ['udp4', '127.0.0.1'],
    ['udp6', '::1'],
  ] as const) {
    it(`gets each line in the form of RFC 5424: ${address}`, async function () {
      const daemon = createSocket(type);
      daemon.bind(0, address);
      const [problem] = await Promise.race([once(daemon, 'listening'), once(daemon, 'error')]);
      if (problem !== undefined) return this.skip();
      const { port } = daemon.address() as AddressInfo;
      const sink = new SyslogSink({ address, port });
      const texts: string[] = [];
      const all = new Promise<void>((resolve) => {
        daemon.on('message', (bytes) => {
          texts.push(bytes.toString('latin1'));
          if (texts.length === LINES.length) resolve();
        });
      });
      write(sink, LINES);
      await all;
      for (const [i, text] of texts.entries()) {
        const [, priority, time = '', host, name, pid, id, message] = RFC_5424.exec(text) ?? [];
        const header = [LOCAL7_INFO, hostname(), 'fastpath', `${process.pid}`, 'access'];
        expect([priority, host, name, pid, id]).to.deep.equal(header);
        expect(message).to.equal(LINES[i]);
        expect(Date.now() - Date.parse(time)).to.be.within(0, 60_000);
      }
      sink.close();
      daemon.close();
    });
  }
});

describe('access log: a real rsyslogd', () => {
  it('takes apart what comes over its socket and over UDP', async function () {
    if (spawnSync('rsyslogd', ['-v']).error !== undefined) {
      this.test!.title += ' (rsyslogd is not installed)';
      return this.skip();
    }
    const [path, out, port] = [join(folder, 'rsyslog'), join(folder, 'out'), await freePort('udp')];
    const pidFile = join(folder, 'pid');
    writeFileSync(join(folder, 'rsyslog.conf'), rsyslogConfiguration(path, out, port));
    const daemon = spawn('rsyslogd', ['-n', '-i', pidFile, '-f', join(folder, 'rsyslog.conf')], { stdio: 'ignore' });
    try {
      await until(() => existsSync(path) && existsSync(pidFile));
      const sinks = [new SyslogSink({ path }), new SyslogSink({ address: '127.0.0.1', port })];
      for (const [i, sink] of sinks.entries()) write(sink, [`from sink ${i} "quoted"`]);
      const lines = () => (existsSync(out) ? readFileSync(out, 'utf8').split('\n').slice(0, -1) : []);
      await until(() => lines().length === 2);
      const common = ['local7', 'info', 'fastpath', `${process.pid}`];
      expect(lines().sort()).to.deep.equal([
        [...common, '-', ' from sink 0 "quoted"'].join('|'), // rsyslog keeps the space behind the tag
        [...common, 'access', 'from sink 1 "quoted"'].join('|'),
      ]);
      for (const sink of sinks) sink.close();
    } finally {
      daemon.kill();
      await once(daemon, 'exit');
    }
  });
});

function rsyslogConfiguration(path: string, out: string, port: number): string {
  const names = ['syslogfacility-text', 'syslogseverity-text', 'app-name', 'procid', 'msgid', 'msg'];
  const fields = names.map((name) => `%${name}%`);
  return `
module(load="imuxsock" SysSock.Use="off")
module(load="imudp")
template(name="fields" type="string" string="${fields.join('|')}\\n")
input(type="imuxsock" Socket="${path}")
input(type="imudp" address="127.0.0.1" port="${port}")
action(type="omfile" file="${out}" template="fields")
`;
}
