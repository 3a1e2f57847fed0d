/**
 * What the settings of a script's shell lines do.
 */
import { expect } from 'chai';
import { MILLISECOND, SECOND } from '../../../src/net/clock.js';
import { type Profile, ProfileSettings } from '../../../src/packetdrill/run/profile.js';
import { runSource } from '../../../src/packetdrill/run/script-files.js';

function settings(profile: Profile, ...lines: string[]): ProfileSettings {
  const made = new ProfileSettings(profile);
  for (const line of lines) {
    const [name, value] = line.split('=');
    made.set(name!, value!);
  }
  return made;
}

function verdict(source: string, profile: Profile): string {
  const run = { profile, ipVersions: ['ipv4'], definitions: new Map(), overrides: {}, seed: 1 } as const;
  const { verdict: given, failure } = runSource('t.pkt', source, 'ipv4', run);
  return failure === undefined ? given : `${given}: ${failure.problem}`;
}

const SOCKET = '+0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n';

describe('packetdrill: settings', () => {
  it("understands Linux's names", () => {
    const { tcp, ignored } = settings(
      'linux',
      'net.ipv4.tcp_sack=0',
      'net.ipv4.tcp_rmem=4096 540000 15728640',
      'net.ipv4.tcp_ecn=1',
      'net.ipv4.tcp_fin_timeout=7',
      'net.ipv4.tcp_rto_min_us=5000',
      'net.ipv4.tcp_syncookies=2',
    );
    expect(ignored).to.deep.equal([]);
    expect(tcp).to.include({
      sack: false,
      receiveBufferBytes: 15_728_640,
      ecn: 'request',
      finWait2: 7 * SECOND,
      minimumRto: 5 * MILLISECOND,
      synCookies: 'always',
    });
  });

  it("understands FreeBSD's names", () => {
    const { tcp, ignored } = settings(
      'freebsd',
      'net.inet.tcp.rfc1323=0',
      'net.inet.tcp.msl=1000',
      'net.inet.tcp.delayed_ack=0',
      'net.inet.tcp.cc.algorithm=newreno',
    );
    expect(ignored).to.deep.equal([]);
    expect(tcp).to.include({
      timestamps: false,
      windowScaling: false,
      timeWait: 2 * SECOND,
      quickAcks: Number.MAX_SAFE_INTEGER,
      congestionControl: 'newreno',
    });
  });

  it('lists what has no meaning here, once', () => {
    const { ignored } = settings('linux', 'net.ipv4.tcp_autocorking=1', 'net.core.somaxconn=9', 'net.core.somaxconn=9');
    expect(ignored).to.deep.equal(['net.ipv4.tcp_autocorking=1', 'net.core.somaxconn=9']);
  });

  it('lists a value that the stack cannot have', () => {
    const wrong = ['net.ipv4.tcp_congestion_control=bbr', 'net.ipv4.tcp_dsack=0', 'net.ipv4.tcp_syncookies=3'];
    const { tcp, ignored } = settings('linux', ...wrong);
    expect(ignored).to.deep.equal(wrong);
    expect(tcp).not.to.have.property('synCookies');
    expect(tcp).not.to.have.property('congestionControl');
  });

  it("lets the largest buffer of FreeBSD's sockets decide the window scale", () => {
    const syn = (scale: number) => `0 \`sysctl -w kern.ipc.maxsockbuf=${scale === 1 ? 131071 : 4294967295}\`
      ${SOCKET}+0 fcntl(3, F_SETFL, O_RDWR | O_NONBLOCK) = 0
      +0 connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)
      +0 > S 0:0(0) win 65535 <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale ${scale}>`;
    expect(verdict(syn(1), 'freebsd')).to.equal('passed');
    expect(verdict(syn(14), 'freebsd')).to.equal('passed');
  });

  it('gives the keep-alive times of the machine to each socket made after they were set', () => {
    const asked = (idle: number, interval: number, count: number) =>
      `${SOCKET}+0 getsockopt(3, SOL_TCP, TCP_KEEPIDLE, [${idle}], [4]) = 0
      +0 getsockopt(3, SOL_TCP, TCP_KEEPINTVL, [${interval}], [4]) = 0
      +0 getsockopt(3, SOL_TCP, TCP_KEEPCNT, [${count}], [4]) = 0
      +0 close(3) = 0\n`;
    const set = (idle: number) =>
      `+0 \`sysctl -q net.ipv4.tcp_keepalive_time=${idle} ` +
      'net.ipv4.tcp_keepalive_intvl=4 net.ipv4.tcp_keepalive_probes=2`\n';
    expect(verdict(`${asked(7200, 75, 9)}${set(5)}${asked(5, 4, 2)}`, 'linux')).to.equal('passed');
    expect(verdict(`${set(6)}${asked(6, 4, 2)}`, 'linux')).to.equal('passed');
    expect(verdict(asked(7200, 75, 8), 'freebsd')).to.equal('passed');
  });

  it('says that the stack itself does not change while it runs', () => {
    const result = runSource('t.pkt', `${SOCKET}+0 \`sysctl -q net.ipv4.tcp_sack=0\``, 'ipv4', {
      profile: 'linux',
      ipVersions: ['ipv4'],
      definitions: new Map(),
      overrides: {},
      seed: 1,
    });
    expect(result.ignored).to.deep.equal(['net.ipv4.tcp_sack=0 (after the start)']);
  });
});
