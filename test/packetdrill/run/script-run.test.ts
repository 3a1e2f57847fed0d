/**
 * Scripts that must fail, and how they say so. (Those that must pass are in test/packets.)
 */
import { expect } from 'chai';
import type { Profile } from '../../../src/packetdrill/run/profile.js';
import { describeResult, summarize, summaryTable } from '../../../src/packetdrill/run/report.js';
import type { ScriptResult } from '../../../src/packetdrill/run/result.js';
import type { IpVersion, ScriptConfig } from '../../../src/packetdrill/run/script-config.js';
import { runSource } from '../../../src/packetdrill/run/script-files.js';

const LISTEN = `    0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
   +0 bind(3, ..., ...) = 0
   +0 listen(3, 1) = 0
   +0 < S 0:0(0) win 32792 <mss 1000>
   +0 > S. 0:0(0) ack 1 <mss 1460>
  +.1 < . 1:1(0) ack 1 win 32792
   +0 accept(3, ..., ...) = 4
`;

function run(source: string, overrides: Partial<ScriptConfig> = {}, version: IpVersion = 'ipv4'): ScriptResult {
  return runSource('folder/t.pkt', source, version, {
    profile: 'linux',
    ipVersions: [version],
    definitions: new Map(),
    overrides,
    seed: 1,
  });
}

function problem(events: string, overrides?: Partial<ScriptConfig>): string {
  const result = run(`${LISTEN}${events}`, overrides);
  return `${result.verdict}: ${result.failure?.problem ?? ''}`;
}

function differences(events: string, overrides?: Partial<ScriptConfig>): string[] {
  const { failure } = run(`${LISTEN}${events}`, overrides);
  return failure?.differences.map(({ field, expected, actual }) => `${field}: ${expected}/${actual}`) ?? [];
}

const WRITE = '   +0 write(4, ..., 1000) = 1000\n';

describe('packetdrill: running a script', () => {
  it('passes what is as expected, in all three IP versions', () => {
    for (const version of ['ipv4', 'ipv6', 'ipv4-mapped-ipv6'] as const) {
      expect(
        run(`${LISTEN}${WRITE}   +0 > P. 1:1001(1000) ack 1`, { mtu: version === 'ipv6' ? 1520 : 1500 }, version),
      ).to.include({
        verdict: 'passed',
        ipVersion: version,
      });
    }
  });

  it('shows every field that differs', () => {
    expect(differences(`${WRITE}   +0 > F. 1:901(900) ack 2 win 5 urg 3 <nop>`)).to.deep.equal([
      'flags: F./P.',
      'payload length: 900/1000',
      'acknowledgment: 2/1',
      'window: 5/65535',
      'urgent pointer: 3/0',
      'TCP options: nop/none',
    ]);
    expect(differences('   +0 < P. 1:2(1) ack 1 win 9\n   +0 > [ect0, ttl 9] . 5:5(0) ack 2 <mss 5>')).to.deep.equal([
      'ECN: ect0/noecn',
      'TTL: 9/64',
      'sequence number: 5/1',
      'TCP options: mss 5/none',
    ]);
  });

  it('compares options in order, and by content in scripts for FreeBSD unless strict', () => {
    const handshake = (options: string) => `    0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
   +0 bind(3, ..., ...) = 0
   +0 listen(3, 1) = 0
   +0 < S 0:0(0) win 32792 <mss 1000,sackOK,nop,wscale 2>
   +0 > S. 0:0(0) ack 1 <${options}>`;
    const verdict = (options: string, profile: Profile, strict = false) =>
      runSource('t.pkt', handshake(options), 'ipv4', {
        profile,
        ipVersions: ['ipv4'],
        definitions: new Map(),
        overrides: strict ? { strict } : {},
        seed: 1,
      }).verdict;
    expect(verdict('mss 1460,nop,nop,sackOK,nop,wscale 7', 'linux')).to.equal('passed');
    expect(verdict('nop,wscale 7,sackOK,mss 1460', 'linux')).to.equal('failed');
    expect(verdict('mss 1460,sackOK,nop,wscale 7', 'linux'), 'padding').to.equal('failed');
    expect(verdict('nop,wscale 6,sackOK,mss 1460', 'freebsd')).to.equal('passed');
    expect(verdict('nop,wscale 6,sackOK,mss 1460', 'freebsd', true)).to.equal('failed');
    expect(verdict('wscale 5,sackOK,mss 1460', 'freebsd')).to.equal('failed');
    expect(verdict('...', 'linux', true)).to.equal('passed');
  });

  it('finds no packet for an ICMP type or code that does not exist', () => {
    const echo = (answer: string) => run(`0 < icmp echo_request id 7 [raw(8)]\n+0 > icmp ${answer}\n`);
    expect(echo('echo_reply').verdict).to.equal('passed');
    for (const name of ['echo_reply nonsense', 'nonsense', 'unreachable nonsense']) {
      const { verdict, failure } = echo(name);
      expect(verdict, name).to.equal('failed');
      expect(failure?.differences, name).to.deep.equal([
        { field: 'ICMP message', expected: `${name}, which there is not`, actual: 'echo_reply' },
      ]);
    }
  });

  it('holds the number of a SYN against that of the same SYN sent again', () => {
    const again = (first: number, second: number, overrides: Partial<ScriptConfig> = {}) => {
      const source = `    0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
   +0 bind(3, ..., ...) = 0
   +0 listen(3, 1) = 0
   +0 < S 0:0(0) win 32792 <mss 1000>
   +0 > S. ${first}:${first}(0) ack 1 <mss 1460>
   +1 > S. ${second}:${second}(0) ack 1 <mss 1460>
   +0 < . 1:1(0) ack 1 win 32792`;
      return run(source, overrides).failure?.differences.map(({ field }) => field);
    };
    expect(again(0, 0)).to.equal(undefined);
    expect(again(777, 777)).to.equal(undefined);
    expect(again(777, 778)).to.deep.equal(['sequence number']);
    expect(again(0, 777)).to.deep.equal(['sequence number']);
    // What follows counts from the SYN, so in a strict run the SYN of the stack is number 0.
    expect(again(777, 777, { strict: true })).to.deep.equal(['sequence number']);
    expect(again(0, 0, { strict: true })).to.equal(undefined);
  });

  it("holds the SYN-ACK against the number of the peer's SYN", () => {
    const open = (ack: number) => `    0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
   +0 bind(3, ..., ...) = 0
   +0 listen(3, 1) = 0
   +0 < S 777:777(0) win 32792 <mss 1000>
   +0 > S. 0:0(0) ack ${ack} <mss 1460>
   +0 < . 1:11(10) ack 1 win 32792
   +0 > . 1:1(0) ack 11`;
    expect(run(open(778), { strict: true }).verdict).to.equal('passed');
    expect(run(open(1)).failure?.differences).to.deep.equal([
      { field: 'acknowledgment', expected: '1', actual: '778' },
    ]);
  });

  it('joins segments to the longer packet that a script has, but not when told not to', () => {
    const events = '   +0 write(4, ..., 2500) = 2500\n   +0 > P. 1:2501(2500) ack 1';
    expect(problem(events)).to.equal('passed: ');
    expect(problem(events, { strictSegments: true })).to.contain('failed');
    expect(problem(events.replace('P. 1:2501', '. 1:2501'))).to.contain('the packet is not the one expected');
  });

  it('asks for PSH where the written data ends', () => {
    expect(differences(`${WRITE}   +0 > . 1:1001(1000) ack 1`)).to.deep.equal(['flags: ./P.']);
    const two = '   +0 write(4, ..., 2000) = 2000\n';
    // Linux sets it on super-segments too: a script may have it there.
    expect(problem(`${two}   +0 > P. 1:1001(1000) ack 1`)).to.equal('passed: ');
    expect(problem(`${two}   +0 > P. 1:1001(1000) ack 1`, { strict: true })).to.contain('failed');
  });

  it('tells what came at the wrong time', () => {
    expect(problem(`${WRITE}  +.5 > P. 1:1001(1000) ack 1`)).to.match(
      /^failed: the packet came at 0\.100000 s, expected between/,
    );
    expect(problem(`${WRITE}+.004 > P. 1:1001(1000) ack 1`)).to.equal('passed: ');
    expect(problem(`${WRITE}+.005 > P. 1:1001(1000) ack 1`, { tolerancePercent: 0 })).to.contain('failed');
    expect(problem(`${WRITE}   * > P. 1:1001(1000) ack 1`)).to.equal('passed: ');
  });

  it('tells what never came', () => {
    expect(problem('   +0 > . 1:1(0) ack 1')).to.match(/^failed: no packet came until 2\.\d+ s/);
  });

  it('tells what came and was not expected', () => {
    expect(problem(`${WRITE}   +0 write(4, ..., 10) = 10`, { strict: true })).to.contain(
      'has sent what it does not mention',
    );
    expect(problem(`${WRITE}   +0 write(4, ..., 10) = 10`)).to.equal('passed: ');
  });

  it('tells what a call gave back', () => {
    const failure = run(`${LISTEN}   +0 read(4, ..., 10) = 5`).failure;
    expect(failure?.problem).to.equal('read() would wait, and the script gives no end time');
    expect(problem('   +0 fcntl(4, F_SETFL, O_RDWR|O_NONBLOCK) = 0\n   +0 read(4, ..., 10) = 5')).to.contain(
      'another result',
    );
    expect(problem('   +0 getsockopt(4, SOL_SOCKET, SO_SNDBUF, [7], [4]) = 0')).to.contain(
      'SO_SNDBUF is 524288, expected 7',
    );
    expect(problem('   +0 ioctl(4, SIOCINQ, [5]) = 0')).to.contain('SIOCINQ gives 0');
  });

  it('lets one call wait, and checks when it ends', () => {
    const data = '  +.1 < P. 1:11(10) ack 1 win 32792\n   +0 > . 1:1(0) ack 11\n';
    expect(problem(`   +0...0.1 read(4, ..., 10) = 10\n${data}`)).to.equal('passed: ');
    expect(problem(`   +0...0.3 read(4, ..., 10) = 10\n${data}`)).to.contain(
      'read() returned at 0.200000 s, expected at 0.400000 s',
    );
    expect(problem('   +0...0.3 read(4, ..., 10) = 10')).to.contain('read() still waits');
  });

  it('checks what code asserts, and lists what it could not', () => {
    expect(problem('   +0 %{ assert tcpi_snd_cwnd == 11, tcpi_snd_cwnd }%')).to.equal(
      'failed: assert tcpi_snd_cwnd == 11, tcpi_snd_cwnd: tcpi_snd_cwnd is 10',
    );
    const result = run(`${LISTEN}   +0 %{ assert tcpi_snd_cwnd == 10; assert tcpi_pacing_rate > 0 }%`);
    expect(result).to.include({ verdict: 'passed', checksPassed: 1 });
    expect(result.notChecked).to.deep.equal([
      { line: 8, statement: 'assert tcpi_pacing_rate > 0', reason: 'no value for tcpi_pacing_rate' },
    ]);
  });

  it('lists what a shell command should have found as not checked', () => {
    expect(run(`${LISTEN}   +0 \`nstat | grep -q " 3 "\`\n${WRITE}`).notChecked).to.deep.equal([
      { line: 8, statement: 'nstat | grep -q " 3 "', reason: 'shell commands are not run' },
    ]);
  });

  it('calls what has no meaning here unsupported, and what makes no sense broken', () => {
    expect(problem('   +0 sendfile(4, 5, [0], 10) = 10')).to.equal(
      'unsupported: the system call sendfile() is not supported',
    );
    expect(problem('   +0 < gre: . 1:1(0) ack 1 win 5')).to.equal('unsupported: packets inside gre are not supported');
    expect(run('0 socket(..., SOCK_DGRAM, IPPROTO_UDP) = 3')).to.include({ verdict: 'unsupported' });
    expect(problem('   +0 close(9) = 0')).to.equal('broken: there is no socket 9');
    expect(run('0 nonsense')).to.include({ verdict: 'broken' });
    expect(run('--frob=1\n0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3').failure?.problem).to.contain(
      'unknown option --frob',
    );
    expect(run('--mtu=many\n0 close(3) = 0').failure?.problem).to.contain('--mtu');
  });

  it('ends a script that never ends', () => {
    const lines = Array.from({ length: 40 }, () => '+1000000 write(4, ..., 1) = 1');
    const result = run(`${LISTEN}   +0 setsockopt(4, SOL_SOCKET, SO_KEEPALIVE, [1], 4) = 0
   +0 setsockopt(4, SOL_TCP, TCP_KEEPIDLE, [1], 4) = 0
   +0 setsockopt(4, SOL_TCP, TCP_KEEPINTVL, [1], 4) = 0
   +0 setsockopt(4, SOL_TCP, TCP_KEEPCNT, [1000000000], 4) = 0
${lines.join('\n')}`);
    expect(result.verdict).to.equal('broken');
    expect(result.failure?.problem).to.match(/^gave up after \d+ (timers|packets)/);
  });

  it('gives the same result each time, and with another seed other numbers but the same verdict', () => {
    const script = `${LISTEN}${WRITE}   +0 > P. 1:1001(1000) ack 1`;
    expect(run(script)).to.deep.equal(run(script));
  });

  it('loses nothing when the link is down', () => {
    expect(
      problem(
        [
          '   +0 `tc qdisc replace dev tun0 root pfifo limit 0`',
          '   +0 write(4, ..., 10) = 10',
          '   +1 `tc qdisc replace dev tun0 root pfifo`',
          '   * > P. 1:11(10) ack 1',
        ].join('\n'),
      ),
    ).to.equal('passed: ');
  });

  it('reports with the line, what was expected, what came, what went before and the connection', () => {
    const report = describeResult(run(`${LISTEN}${WRITE}   +0 > P. 1:901(900) ack 1`));
    expect(report).to.contain('folder/t.pkt:9:7: the packet is not the one expected (ipv4)');
    expect(report).to.contain('expected  P. 1:901(900) ack 1');
    expect(report).to.contain('came      P. 1:1001(1000) ack 1 win 65535');
    expect(report).to.contain('payload length: expected 900, came 1000');
    expect(report).to.match(/0\.100000 +6 +< \. 1:1\(0\) ack 1 win 32792/);
    expect(report).to.contain('state ESTABLISHED');
  });

  it('is broken whatever words are in it, and unsupported for what this stack has not', () => {
    expect(problem('+0 "not supported"\n')).to.match(/^broken: /);
    expect(problem('+0 < sctp: INIT[]\n')).to.equal('unsupported: SCTP packets are not supported');
    expect(problem('+0 setsockopt(4, IPPROTO_SCTP, SCTP_INITMSG, {sinit_num_ostreams=1}, 8) = 0\n')).to.equal(
      'unsupported: structures of SCTP are not supported',
    );
  });

  it('goes on with its connection after a datagram with ports of its own', () => {
    expect(
      problem(`+0 < udp 5000 > 9 (20)\n+0 > icmp unreachable port_unreachable\n${WRITE}+0 > P. 1:1001(1000) ack 1\n`),
    ).to.equal('passed: ');
  });

  it('binds its own address, and no other', () => {
    const bind = (address: string, result: string) =>
      problem(
        '+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 5\n' +
          `+0 bind(5, {sa_family=AF_INET, sin_port=htons(99), sin_addr=inet_addr("${address}")}, ...) = ${result}\n`,
      );
    expect(bind('192.168.0.1', '0')).to.equal('passed: ');
    expect(bind('0.0.0.0', '0')).to.equal('passed: ');
    expect(bind('192.0.2.77', '-1 EADDRNOTAVAIL (Cannot assign requested address)')).to.equal('passed: ');
    const own = LISTEN.replace(
      'bind(3, ..., ...)',
      'bind(3, {sa_family=AF_INET, sin_port=htons(8080), sin_addr=inet_addr("192.168.0.1")}, ...)',
    );
    expect(run(own).verdict).to.equal('passed');
  });

  it('has one listener on a port', () => {
    const another = '+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 5\n+0 bind(5, ..., ...) = 0\n';
    expect(problem(`${another}+0 listen(5, 1) = -1 EADDRINUSE (Address already in use)\n`)).to.equal('passed: ');
  });

  it('calls a script empty that has nothing but settings', () => {
    expect(run('0 `sysctl -q net.ipv4.tcp_sack=0`\n').verdict).to.equal('empty');
  });

  it('calls a script empty whose branches were all left out', () => {
    const branch = (name: string) =>
      `#ifdef ${name}\n   +0 write(4, ..., 10) = 10\n   +0 > P. 1:11(10) ack 1\n#endif\n`;
    expect(problem(branch('STANDARD'))).to.equal('empty: ');
    expect(problem(branch('STANDARD') + branch('FreeBSD'))).to.equal('empty: ');
    expect(problem(branch('STANDARD') + branch('Linux'))).to.equal('passed: ');
    expect(problem(branch('Linux').replace('1:11(10)', '1:12(11)'))).to.match(/^failed: /);
    expect(describeResult(run(`${LISTEN}${branch('STANDARD')}`))).to.equal(
      'folder/t.pkt (ipv4): nothing in it was checked',
    );
  });

  it('refuses an MTU that no link has', () => {
    const withMtu = (mtu: string, version: IpVersion) => run(`--mtu=${mtu}\n${LISTEN}`, {}, version).failure?.problem;
    for (const mtu of ['0', '67', '65536', '1e9', '1500.5', '-1']) {
      expect(run(`--mtu=${mtu}\n${LISTEN}`).verdict, mtu).to.equal('broken');
    }
    expect(withMtu('67', 'ipv4')).to.equal('an MTU over IPv4 is a whole number from 68 to 65535, not 67');
    expect(withMtu('1279', 'ipv6')).to.equal('an MTU over IPv6 is a whole number from 1280 to 65535, not 1279');
    expect(withMtu('1280', 'ipv6')).to.match(/^the packet is not the one expected/); // an MSS of 1220
  });

  it('refuses ports and ticks out of range', () => {
    for (const option of ['--bind_port=0', '--connect_port=65536', '--tcp_ts_tick_usecs=1000001']) {
      expect(run(`${option}\n${LISTEN}`).verdict, option).to.equal('broken');
    }
  });

  it('takes the MTU of the link from a shell line before the first packet', () => {
    const script = `0 \`ip link set dev tun0 mtu 1400\`\n${LISTEN}`.replace('mss 1460', 'mss 1360');
    expect(run(script).verdict).to.equal('passed');
    expect(run(script.replace('1400', '40')).verdict).to.equal('broken');
    expect(problem('+0 `ip link set dev tun0 mtu 1400`\n')).to.equal(
      'unsupported: a change of the MTU after the start is not supported',
    );
  });

  it('takes no name of JavaScript for one of its own', () => {
    expect(problem('+0 constructor(4) = 0\n')).to.equal('unsupported: the system call constructor() is not supported');
    expect(problem('+0 setsockopt(4, SOL_SOCKET, constructor, [1], 4) = 0\n')).to.equal(
      'unsupported: the socket option constructor is not supported',
    );
    expect(problem('+0 read(4, ..., toString) = 0\n')).to.equal('unsupported: no number is known for toString');
    expect(problem('+0 < icmp constructor name [1:101(100)]\n')).to.equal('broken: ICMP has no "constructor name"');
  });

  it('is not troubled by brackets in brackets', () => {
    const deep = 20_000;
    expect(problem(`+0 read(4, ${'['.repeat(deep)}1${']'.repeat(deep)}, 1) = 0\n`)).to.match(
      /^broken: brackets nested too deeply/,
    );
  });

  it('compares what SO_LINGER and TCP_CONGESTION are', () => {
    const linger = '+0 setsockopt(4, SOL_SOCKET, SO_LINGER, [{onoff=1, linger=5}], 8) = 0\n';
    const read = (seconds: number) =>
      `+0 getsockopt(4, SOL_SOCKET, SO_LINGER, [{onoff=1, linger=${seconds}}], [8]) = 0\n`;
    expect(problem(`${linger}${read(5)}`)).to.equal('passed: ');
    expect(problem(`${linger}${read(6)}`)).to.match(/^failed: /);
    expect(problem('+0 setsockopt(4, SOL_TCP, TCP_CONGESTION, "cubic", 5) = 0\n')).to.equal('passed: ');
    expect(problem('+0 setsockopt(4, SOL_TCP, TCP_CONGESTION, "reno", 4) = 0\n')).to.match(/^unsupported: /);
    expect(problem('+0 getsockopt(4, SOL_TCP, TCP_CONGESTION, "cubic", [5]) = 0\n')).to.equal('passed: ');
    expect(problem('+0 getsockopt(4, SOL_TCP, TCP_CONGESTION, "reno", [4]) = 0\n')).to.match(/^failed: /);
  });

  it('knows a code point, a hop limit and an ICMP code by all their names', () => {
    expect(
      problem(
        '+0 setsockopt(4, IPPROTO_IP, IP_TOS, [IPTOS_DSCP_AF11], 4) = 0\n' +
          '+0 write(4, ..., 9) = 9\n+0 > [dscp af11] P. 1:10(9) ack 1\n',
      ),
    ).to.equal('passed: ');
    expect(
      problem(
        '+0 setsockopt(4, IPPROTO_IP, IP_TOS, [IPTOS_DSCP_EF], 4) = 0\n' +
          '+0 getsockopt(4, IPPROTO_IP, IP_TOS, [0xb8], [4]) = 0\n',
      ),
    ).to.equal('passed: ');
    const hops =
      '+0 setsockopt(4, IPPROTO_IPV6, IPV6_UNICAST_HOPS, [4], 4) = 0\n' +
      '+0 write(4, ..., 9) = 9\n+0 > [hlim 4] P. 1:10(9) ack 1\n';
    expect(run(`--mtu=1520\n${LISTEN}${hops}`, {}, 'ipv6').verdict).to.equal('passed');
    for (const code of ['ttl_exceeded', 'ttl_exceeded_in_transit', 'frag_reass_exceeded']) {
      expect(problem(`+0 < icmp time_exceeded ${code} [1:1(0)]\n`), code).to.equal('passed: ');
    }
  });

  it('never takes an option that it does not obey for obeyed', () => {
    const set = (option: string, value: number) => problem(`+0 setsockopt(4, SOL_TCP, ${option}, [${value}], 4) = 0\n`);
    expect(set('TCP_QUICKACK', 1)).to.equal('unsupported: the socket option TCP_QUICKACK is not supported');
    expect(set('TCP_DEFER_ACCEPT', 1)).to.equal('unsupported: TCP_DEFER_ACCEPT of 1 is not supported: here it is 0');
    expect(set('TCP_SYNCNT', 1)).to.match(/^unsupported: /);
    expect(set('TCP_SYNCNT', 6)).to.equal('passed: ');
    expect(set('TCP_LINGER2', 5)).to.match(/^unsupported: /);
    expect(set('TCP_LINGER2', 60)).to.equal('passed: ');
    expect(set('SO_OOBINLINE', 0)).to.match(/^unsupported: /);
    expect(set('IP_MTU_DISCOVER', 0)).to.match(/^unsupported: /);
    expect(set('IP_MTU_DISCOVER', 2)).to.equal('passed: ');
  });

  it('never takes a control message for compared', () => {
    const receive = (fields: string) =>
      problem(
        `+0 < P. 1:11(10) ack 1 win 999\n+0 recvmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 10}]${fields}}, 0) = 10\n`,
      );
    expect(receive('')).to.equal('passed: ');
    expect(receive(', msg_flags=0')).to.equal('passed: ');
    expect(receive(', msg_flags=MSG_CTRUNC')).to.match(/^unsupported: /);
    expect(receive(', msg_control=[{cmsg_level=SOL_TCP, cmsg_type=5, cmsg_data=0}]')).to.equal(
      'unsupported: control messages are not supported',
    );
    expect(problem('+0 send(4, ..., 10, MSG_EOR) = 10\n')).to.match(/^unsupported: /);
  });

  it('waits for SO_RCVLOWAT bytes, and with MSG_WAITALL for all', () => {
    const data = (from: number) => `+.1 < P. ${from}:${from + 10}(10) ack 1 win 999\n+0 > . 1:1(0) ack ${from + 10}\n`;
    const low = '+0 setsockopt(4, SOL_SOCKET, SO_RCVLOWAT, [15], 4) = 0\n';
    const poll = (count: number) =>
      `+0 poll([{fd=4, events=POLLIN, revents=${count === 0 ? 0 : 'POLLIN'}}], 1, 0) = ${count}\n`;
    expect(problem(`${low}${data(1)}${poll(0)}${data(11)}${poll(1)}`)).to.equal('passed: ');
    expect(problem(`${low}+0...0.2 read(4, ..., 100) = 20\n${data(1)}${data(11)}`)).to.equal('passed: ');
    expect(problem(`+0...0.1 read(4, ..., 100) = 10\n${data(1)}${data(11)}`)).to.equal('passed: ');
    expect(problem(`+0...0.2 recv(4, ..., 20, MSG_WAITALL) = 20\n${data(1)}${data(11)}`)).to.equal('passed: ');
    expect(problem(`${low}${data(1)}+0 recv(4, ..., 20, MSG_DONTWAIT) = 10\n`)).to.equal('passed: ');
  });

  it('changes the options of a listening socket without losing a handshake', () => {
    const script = (option: string) => `    0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
   +0 bind(3, ..., ...) = 0
   +0 listen(3, 1) = 0
   +0 < 40000 > 8080 S 0:0(0) win 32792 <mss 1000>
   +0 > 8080 > 40000 S. 0:0(0) ack 1 <mss 1460>
   +0 ${option}
  +.1 < 40000 > 8080 . 1:1(0) ack 1 win 32792
   +0 accept(3, ..., ...) = 4
   +0 < 40001 > 8080 S 0:0(0) win 32792 <mss 1000>
   +0 > 8080 > 40001 S. 0:0(0) ack 1 <mss ${option.includes('MAXSEG') ? 1000 : 1460}>`;
    for (const option of ['setsockopt(3, SOL_TCP, TCP_MAXSEG, [1000], 4) = 0', 'listen(3, 5) = 0']) {
      expect(run(script(option)).failure?.problem, option).to.equal(undefined);
    }
  });

  it('sums up by folder', () => {
    const results = [run('0 nonsense'), run(`${LISTEN}${WRITE}   +0 > P. 1:1001(1000) ack 1`)];
    expect(summarize(results)).to.deep.equal([
      { folder: 'folder', passed: 1, failed: 0, empty: 0, broken: 1, unsupported: 0, notChecked: 0 },
    ]);
    expect(summaryTable(summarize(results)).split('\n')).to.have.length(2);
  });
});
