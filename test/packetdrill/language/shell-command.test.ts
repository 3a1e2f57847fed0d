import { expect } from 'chai';
import { shellEffects } from '../../../src/packetdrill/language/shell-command.js';
import { ProfileSettings } from '../../../src/packetdrill/run/profile.js';

const none = () => undefined;
const effects = (text: string, read: (name: string) => string | undefined = none) => shellEffects(text, read);

describe('packetdrill: shell lines', () => {
  it('take settings from sysctl in every way of writing', () => {
    expect(effects('sysctl -q net.ipv4.tcp_sack=1 net.ipv4.tcp_timestamps=0')).to.deep.equal([
      { kind: 'setting', name: 'net.ipv4.tcp_sack', value: '1' },
      { kind: 'setting', name: 'net.ipv4.tcp_timestamps', value: '0' },
    ]);
    expect(
      effects('set.py /proc/sys/net/ipv4/tcp_mtu_probing=2 \\\n  /proc/sys/net/ipv4/tcp_base_mss=512'),
    ).to.have.length(2);
    expect(effects('sysctl -q net/ipv4/tcp_ecn=2 > /dev/null 2>&1')).to.deep.equal([
      { kind: 'setting', name: 'net.ipv4.tcp_ecn', value: '2' },
    ]);
  });

  it('work out what a shell would', () => {
    expect(effects('sysctl -q net.ipv4.tcp_rmem="4096 540000 $((15*1024*1024))"')).to.deep.equal([
      { kind: 'setting', name: 'net.ipv4.tcp_rmem', value: '4096 540000 15728640' },
    ]);
  });

  it('are cut at newlines and semicolons, without comments', () => {
    const text = '# net.ipv4.tcp_ecn=1\nsysctl -q net.ipv4.tcp_sack=0 # off\nsysctl a; sysctl -q net.ipv4.tcp_frto=2';
    expect(effects(text).filter(({ kind }) => kind === 'setting')).to.have.length(2);
  });

  it('read a file of settings beside the script', () => {
    const read = (name: string) =>
      name === '../common/defaults.sh' ? '#!/bin/bash\nsysctl -q net.ipv4.tcp_ecn=0' : undefined;
    expect(effects('../common/defaults.sh', read)).to.deep.equal([
      { kind: 'setting', name: 'net.ipv4.tcp_ecn', value: '0' },
    ]);
  });

  it('do not follow a file that names itself for ever', () => {
    expect(() => shellEffects('./again.sh', () => './again.sh\n./again.sh')).not.to.throw();
  });

  it('close and open the link', () => {
    expect(effects('tc qdisc replace dev tun0 root pfifo limit 0')).to.deep.equal([{ kind: 'link', up: false }]);
    expect(effects('tc qdisc replace dev tun0 root pfifo')).to.deep.equal([{ kind: 'link', up: true }]);
  });

  it('say what they leave out', () => {
    expect(effects('ip route change 192.0.2.1 advmss 600')).to.deep.equal([
      { kind: 'ignored', text: 'ip route change 192.0.2.1 advmss 600' },
    ]);
    expect(effects('nstat > /dev/null')).to.deep.equal([]);
    for (const text of ['nstat | grep -q " 3 "', 'grep ":01BB" /proc/net/tcp']) {
      expect(effects(text)).to.deep.equal([{ kind: 'check', text }]);
    }
  });
});

describe('packetdrill: profiles', () => {
  it('turn settings into those of the stack', () => {
    const linux = new ProfileSettings('linux');
    linux.set('net.ipv4.tcp_timestamps', '0');
    linux.set('net.ipv4.tcp_rmem', '4096 131072 1000000');
    linux.set('net.ipv4.tcp_congestion_control', 'reno');
    linux.set('net.ipv4.tcp_fin_timeout', '30');
    linux.set('net.ipv4.tcp_ecn', '1');
    expect(linux.tcp).to.include({
      timestamps: false,
      receiveBufferBytes: 1_000_000,
      congestionControl: 'newreno',
      finWait2: 30_000_000,
      ecn: 'request',
    });
    expect(linux.ignored).to.deep.equal([]);
    const freebsd = new ProfileSettings('freebsd');
    freebsd.set('net.inet.tcp.sack.enable', '0');
    freebsd.set('net.inet.tcp.delacktime', '100');
    expect(freebsd.tcp).to.include({ sack: false, delayedAck: 100_000 });
  });

  it('name what has no meaning here, once', () => {
    const settings = new ProfileSettings('linux');
    settings.set('net.ipv4.tcp_tso_win_divisor', '3');
    settings.set('net.ipv4.tcp_tso_win_divisor', '3');
    settings.set('net.ipv4.tcp_congestion_control', 'bbr');
    expect(settings.ignored).to.deep.equal(['net.ipv4.tcp_tso_win_divisor=3', 'net.ipv4.tcp_congestion_control=bbr']);
  });
});
