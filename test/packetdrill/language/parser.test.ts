import { expect } from 'chai';
import type { Action, Expression, Packet, Script, SystemCall, TcpBody } from '../../../src/packetdrill/language/ast.js';
import { parseScript } from '../../../src/packetdrill/language/parser.js';
import { ScriptError } from '../../../src/packetdrill/language/script-error.js';

function parse(source: string, definitions: Record<string, string> = {}): Script {
  return parseScript('t.pkt', source, new Map(Object.entries(definitions)));
}

function action(source: string): Action {
  return parse(source).events[0]!.action;
}

function tcp(text: string): TcpBody {
  return (action(`0 ${text}`) as Packet).body as TcpBody;
}

function flags(text: string): string {
  const set = tcp(`> ${text} 0:0(0) <...>`).flags;
  return Object.entries(set)
    .filter(([, value]) => value === true)
    .map(([name]) => name)
    .join(' ');
}

function call(text: string): SystemCall {
  return action(`0 ${text}`) as SystemCall;
}

function problem(source: string): string {
  try {
    parse(source);
  } catch (error) {
    expect(error).to.be.instanceOf(ScriptError);
    return (error as ScriptError).message;
  }
  throw new Error('it parsed');
}

function strip(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, item) => (key === 'at' ? undefined : item)));
}

describe('packetdrill: the parser', () => {
  it('reads options, the shell line before, events, and the shell line after', () => {
    const script = parse('--tolerance_usecs=7000\n--strict_segments\n`before`\n0 < S 0:0(0) win 5\n`after`');
    expect(strip(script.options)).to.deep.equal([
      { name: 'tolerance_usecs', value: '7000' },
      { name: 'strict_segments' },
    ]);
    expect([script.init?.text, script.cleanup?.text]).to.deep.equal(['before', 'after']);
    expect(script.events).to.have.length(1);
  });

  it('reads every form of time as microseconds', () => {
    const time = (text: string) => strip(parse(`${text} > . 1:1(0) ack 1`).events[0]!.time);
    expect(time('1.5')).to.deep.equal({ kind: 'absolute', from: 1_500_000 });
    expect(time('+.002')).to.deep.equal({ kind: 'relative', from: 2000 });
    expect(time('*')).to.deep.equal({ kind: 'any' });
    expect(time('1~2')).to.deep.equal({ kind: 'absolute range', from: 1_000_000, to: 2_000_000 });
    expect(time('+.1~+.25')).to.deep.equal({ kind: 'relative range', from: 100_000, to: 250_000 });
  });

  it('reads flags in any order, with and without the dot, and the ACE count of Accurate ECN', () => {
    expect(flags('S')).to.equal('syn');
    expect(flags('SEW')).to.equal('syn ece cwr');
    expect(flags('FP.')).to.equal('fin psh ack');
    expect(flags('F .')).to.equal('fin ack');
    expect(flags('-')).to.equal('');
    expect(flags('R.E')).to.equal('rst ack ece');
    for (const flags of ['S.5', 'S5.']) {
      const found = tcp(`> ${flags} 0:0(0) ack 1 <...>`).flags;
      expect(found, flags).to.include({ syn: true, ack: true, ece: true, cwr: false, ae: true, aceCount: 5 });
    }
    expect(tcp('> 3. 1:1(0) ack 1').flags).to.include({ psh: false, ack: true, ece: true, cwr: true, ae: false });
    expect(tcp('> P0. 1:2(1) ack 1').flags).to.include({ psh: true, ece: false, aceCount: 0 });
  });

  it('reads a whole TCP segment', () => {
    const body = tcp('< 99 > 80 PU. 1:101(100) ack 7 win 1000 urg 3 <nop,nop,TS val 5 ecr 6>');
    expect(strip(body)).to.deep.include({
      ports: { source: 99, destination: 80 },
      sequence: { first: 1, length: 100, absolute: false, any: false },
      acknowledgment: 7,
      window: 1000,
      urgentPointer: 3,
      options: [
        { kind: 'nop' },
        { kind: 'nop' },
        { kind: 'TS', value: 5, echo: 6, anyValue: false, absoluteEcho: false },
      ],
    });
  });

  it('reads the TCP options that TCP knows, and others as bytes', () => {
    const options = (text: string) => strip(tcp(`> . 1:1(0) ack 1 <${text}>`).options);
    expect(options('mss 1460,sackOK,nop,wscale 8,eol')).to.deep.equal([
      { kind: 'mss', value: 1460 },
      { kind: 'sackOK' },
      { kind: 'nop' },
      { kind: 'wscale', value: 8 },
      { kind: 'eol' },
    ]);
    expect(options('sack 1:2 5:6')).to.deep.equal([
      {
        kind: 'sack',
        blocks: [
          [1, 2],
          [5, 6],
        ],
      },
    ]);
    const raw = (text: string) => {
      const [option] = tcp(`> . 1:1(0) ack 1 <${text}>`).options!;
      return option?.kind === 'raw' ? `${option.number}:${Buffer.from(option.bytes).toString('hex')}` : option?.kind;
    };
    expect(raw('FO 0102')).to.equal('34:0102');
    expect(raw('FO')).to.equal('34:');
    expect(raw('FOEXP 0102')).to.equal('254:f9890102');
    expect(raw('md5 000102030405060708090a0b0c0d0e0f')).to.equal('19:000102030405060708090a0b0c0d0e0f');
    expect(raw('gen-200 ff')).to.equal('200:ff');
    expect(raw('ECN e1b 1 ceb 2 e0b 3')).to.equal('174:000001000002000003');
    expect(raw('AccECN0 ee0b 1')).to.equal('172:000001');
    expect(raw('0101080a')).to.equal('field');
  });

  it('tells "no options" from "any options"', () => {
    expect(tcp('> . 1:1(0) ack 1').options).to.deep.equal([]);
    expect(tcp('> . 1:1(0) ack 1 <...>').options).to.equal(undefined);
  });

  it('reads IP information in both dialects', () => {
    const ip = (text: string) => (action(`0 > ${text} . 1:1(0) ack 1`) as Packet).ip;
    expect(ip('[ect0]')).to.deep.equal({ ecn: 'ect0' });
    expect(ip('(tos 0x10)')).to.deep.equal({ trafficClass: 16 });
    expect(ip('[ttl 64, flowlabel 0x1]')).to.deep.equal({ timeToLive: 64, flowLabel: 1 });
    expect(ip('[dscp af11, ecn ce]')).to.deep.equal({ dscp: 10, ecn: 'ce' });
  });

  it('reads UDP and ICMP packets and what ICMP quotes', () => {
    expect(strip((action('0 < udp 1 > 2 (30)') as Packet).body)).to.deep.equal({
      protocol: 'udp',
      ports: { source: 1, destination: 2 },
      length: 30,
    });
    const icmp = (text: string) => strip((action(`0 < ${text}`) as Packet).body);
    const quoted = { protocol: 'tcp', sequence: { first: 1, length: 10, absolute: false, any: false } };
    expect(icmp('icmp unreachable frag_needed mtu 1200 [1:11(10)]')).to.deep.include({
      type: 'unreachable',
      code: 'frag_needed',
      mtu: 1200,
      quoted,
    });
    expect(icmp('[1:11(10)] icmp unreachable frag_needed mtu 1200')).to.deep.include({ mtu: 1200, quoted });
    expect(icmp('icmp echo_request id 7 [raw(9)]')).to.deep.include({
      identifier: 7,
      quoted: { protocol: 'raw', length: 9 },
    });
  });

  it('reads outer headers', () => {
    const packet = action('0 < ipv4 1.1.1.1 > 2.2.2.2: gre: mpls (label 0, tc 0, [S], ttl 0): udp (5)') as Packet;
    expect(packet.outer.map((header) => header.kind)).to.deep.equal(['ipv4', 'gre', 'mpls']);
  });

  it('reads system calls with results, errors, notes and end times', () => {
    expect(strip(call('...0.2 accept(3, ..., ...) = 4'))).to.deep.include({ name: 'accept', until: 200_000 });
    const failed = call('write(4, ..., 10) = -1 EPIPE (Broken pipe)');
    expect([failed.errno, failed.note]).to.deep.equal(['EPIPE', 'Broken pipe']);
    expect(call('fcntl(3, F_GETFL) = 0x2 (flags O_RDWR)').note).to.equal('flags O_RDWR');
  });

  it('reads every form of value', () => {
    const value = (text: string) => strip(call(`f(${text}) = 0`).arguments[0]) as Expression;
    expect(value('...')).to.deep.equal({ kind: 'any' });
    expect(value('-5')).to.deep.equal({ kind: 'integer', value: -5 });
    expect(value('0x1f')).to.deep.equal({ kind: 'integer', value: 31 });
    expect(value('"a" "b"')).to.deep.equal({ kind: 'string', text: 'ab', repeated: false });
    expect(value('"GET"...')).to.deep.include({ repeated: true });
    expect(value('A|B')).to.deep.include({ kind: 'or' });
    expect(value('[1, 2]')).to.deep.include({ kind: 'list' });
    expect(value('{..., 9}')).to.deep.equal({ kind: 'iovec', length: 9 });
    expect(value('inet_addr("1.2.3.4")')).to.deep.include({ kind: 'call', name: 'inet_addr' });
    const struct = value('{msg_name(...)=..., msg_iov(1)=[{..., 5}], msg_flags=0}');
    expect(struct.kind === 'struct' && struct.fields.map((field) => field.name)).to.deep.equal([
      'msg_name',
      'msg_iov',
      'msg_flags',
    ]);
  });

  it('keeps code as it is written', () => {
    expect(action('0 %{ assert a == 1 }%')).to.include({ kind: 'code', text: ' assert a == 1 ' });
    expect(action('0 %{\nassert a == {}\n}%')).to.include({ text: '\nassert a == {}\n' });
  });

  it('replaces defined words, from the outside and from --define', () => {
    expect(strip(call('f(X) = 0').arguments[0])).to.deep.include({ kind: 'word' });
    const first = (script: Script) => strip((script.events[0]!.action as SystemCall).arguments[0]);
    expect(first(parse('0 f(X) = 0', { X: '7' }))).to.deep.equal({ kind: 'integer', value: 7 });
    expect(first(parse('--define=X="text"\n0 f(X) = 0'))).to.deep.include({ kind: 'string', text: 'text' });
    expect(first(parse('--define=X=Y\n0 f(X) = 0'))).to.deep.include({ kind: 'word', name: 'Y' });
  });

  it('skips what stands between #ifdef and #endif when the name has no definition', () => {
    const source = '0 a() = 0\n#ifdef X\n1 b() = 0\n#endif\n2 c() = 0';
    expect(parse(source).events).to.have.length(2);
    expect(parse(source, { X: '1' }).events).to.have.length(3);
    expect(problem('0 a() = 0\n#ifdef X\n1 b() = 0')).to.contain('t.pkt:2:1: #ifdef without #endif');
  });

  it('names file, line and column of what is wrong, with the line and a caret', () => {
    expect(problem('0 < S 0:0(0)\n0 > S. 0:0(0) ack x')).to.equal(
      't.pkt:2:19: expected acknowledgment number, found "x"\n    0 > S. 0:0(0) ack x\n                      ^',
    );
    expect(problem('0 < S 0:5(4)')).to.contain('t.pkt:1:7: 0 + 4 is 4, not 5');
    expect(problem('\t0 < S 0:0(0) <mss 70000>')).to.contain('MSS out of range (0 to 65535)').and.contain('\n    \t');
  });

  const WRONG: readonly (readonly [string, string])[] = [
    ['', 'expected an event'],
    ['0 < P55. 1:1(0)', 'two ACE counts'],
    ['0 < E5. 1:1(0)', 'an ACE count is the flags E, W and A'],
    ['0 < P8. 1:1(0)', '"P8." are no TCP flags: "8"'],
    ['0 < Q 0:0(0)', '"Q" are no TCP flags'],
    ['* < . 1:1(0)', 'the time * is for outbound packets only'],
    ['1~2 < . 1:1(0)', 'a time range is for outbound packets only'],
    ['2~1 > . 1:1(0)', 'the time range is backwards'],
    ['0 < . 1:1(0) <...>', '<...> is for outbound packets only'],
    ['0 < [ect01] . 1:1(0)', '[ect01] is for outbound packets only'],
    ['0 < . 1:1(0) <frob 3>', 'no TCP option is called "frob"'],
    ['0 < . 1:1(0) <sack 1:2 3:4 5:6 7:8 9:10>', 'TCP options of 42 bytes, there is room for 40'],
    ['0 `ls', 'a shell command without its closing backquote'],
    ['0 %{ assert 1', 'code without its closing }%'],
    ['0 f("a) = 0', 'a string without its closing quote'],
    ['0 f() = 0 /* never', 'a comment without its closing */'],
    ['0 f({fd=1, evnts=2}) = 0', 'no field "evnts" beside "fd"'],
    ['0 f({zzz=1}) = 0', 'no structure has a field "zzz"'],
    ['0 f() 0', 'expected "="'],
    ['0 f() = 0 extra', 'expected what extra means'],
    ['0 < sctp: INIT[]', 'SCTP packets are not supported'],
    ['-1 f() = 0', 'a time is not negative'],
    ['0 f() = 0\nf() = 0', 'expected the time of the next event'],
  ];
  for (const [source, expected] of WRONG) {
    it(`refuses ${JSON.stringify(source)}`, () => expect(problem(source)).to.contain(expected));
  }
});
