import { expect } from 'chai';
import { describeFrame } from '../../../src/net/wire/describe.js';
import { describeOptions, flagLetters } from '../../../src/net/wire/describe-tcp.js';
import { exampleFrames } from '../../support/example-frames.js';
import { exchange } from '../../support/exchange.js';

const line = (frame: Uint8Array) => describeFrame(frame, 0, frame.length);
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const V6_ADDRESSES = '20010db8000000000000000000000001 20010db8000000000000000000000002';
const ARP = 'ffffffffffff 020000000001 0806 0001 0800 06 04';

describe('describe: a frame as one line', () => {
  it('has the words of tcpdump for each protocol', () => {
    expect([...exampleFrames(), exchange()[0]!].map(line)).to.deep.equal([
      'IP 10.77.0.1.5353 > 10.77.0.2.5353: UDP, length 4',
      'IP6 2001:db8::1.41672 > 2001:db8::2.80: Flags [.], ack 2000, win 65535, options [nop,wscale 8,mss 1440], length 0',
      'IP6 2001:db8::1.41672 > 2001:db8::2.80: Flags [.], ack 2000, win 256, options [nop,nop,sack 2 {4000:5000}{6000:7000},nop,nop,nop,nop,nop,nop,nop,nop], length 0',
      'IP6 2001:db8::1.41672 > 2001:db8::2.80: Flags [P.], ack 2000, win 1, options [unknown-253 0xf0f0,tfo  (invalid)], length 0',
      'IP6 2001:db8::1 > 2001:db8::2: ICMP6, echo request, id 1, seq 2, length 12',
      'IP6 2001:db8::1 > 2001:db8::2: ICMP6, neighbor solicitation, who has 2001:db8::2, length 32',
      'IP6 2001:db8::1 > 2001:db8::2: ICMP6, neighbor advertisement, tgt is 2001:db8::2, length 32',
      'IP6 2001:db8::1 > 2001:db8::2: ICMP6, router advertisement, length 56',
      'IP6 2001:db8::1 > 2001:db8::2: ICMP6, multicast listener query, length 44',
      'IP6 2001:db8::1 > 2001:db8::2: ICMP6, multicast listener report v2, length 64',
      'IP6 2001:db8::1 > 2001:db8::2: ICMP6, packet too big, mtu 1280, length 56',
      'IP6 2001:db8::1.41672 > 2001:db8::2.80: Flags [S], seq 1000, win 65535, length 0',
      'IP6 2001:db8::1 > 2001:db8::2: TCP (frag 20@80+)',
      'vlan 100, IP 10.77.0.1.5353 > 10.77.0.2.5353: UDP, length 4',
      'ARP, Probe 10.77.0.2, length 28',
      'IP 10.77.0.1.40000 > 10.77.0.2.80: Flags [S], seq 1000, win 64240, options [mss 1460,sackOK,nop,nop,nop,wscale 7,nop,nop,TS val 100 ecr 0], length 0',
    ]);
  });

  it('tells ARP requests, replies and announcements apart', () => {
    const asks = `${ARP} 0001 020000000001 0a4d0001 000000000000 0a4d0002`;
    const tells = `${ARP} 0002 020000000001 0a4d0001 020000000002 0a4d0002`;
    const announces = `${ARP} 0001 020000000001 0a4d0001 000000000000 0a4d0001`;
    expect([asks, tells, announces].map((text) => line(bytes(text)))).to.deep.equal([
      'ARP, Request who-has 10.77.0.2 tell 10.77.0.1, length 28',
      'ARP, Reply 10.77.0.1 is-at 02:00:00:00:00:01, length 28',
      'ARP, Announcement 10.77.0.1, length 28',
    ]);
  });

  it('says what an ICMP error is about', () => {
    const ip = '020000000002 020000000001 0800 4500 0038 0000 4000 4001 0000 0a4d0001 0a4d0002';
    const quoted = '4500 05dc 0000 4000 4006 0000 0a4d0002 0a4d0001 0050 9c40 00000001';
    expect(line(bytes(`${ip} 03 04 0000 0000 0578 ${quoted}`))).to.equal(
      'IP 10.77.0.1 > 10.77.0.2: ICMP 10.77.0.1 unreachable - need to frag (mtu 1400), length 36',
    );
    expect(line(bytes(`${ip} 03 03 0000 0000 0000 ${quoted}`))).to.contain('ICMP 10.77.0.1 tcp port 40000 unreachable');
  });

  it('says of each fragment which part of the datagram it has, of the first one too', () => {
    const ip = `020000000002 020000000001 86dd 60000000 0018 2c 40 ${V6_ADDRESSES}`;
    const piece = (offset: string) => line(bytes(`${ip} 1100 ${offset} 00000007 0001 0002 0fa8 0000 6162636465666768`));
    expect(piece('0001')).to.equal('IP6 2001:db8::1.1 > 2001:db8::2.2: UDP, length 4000 (frag 16@0+)');
    expect(piece('0010')).to.equal('IP6 2001:db8::1 > 2001:db8::2: UDP (frag 16@16)');
    expect(piece('0000'), 'a lone fragment is whole').to.equal('IP6 2001:db8::1.1 > 2001:db8::2.2: UDP, length 4000');
  });

  it('says what an ICMPv6 error is about', () => {
    const ip = `020000000002 020000000001 86dd 60000000 0038 3a 40 ${V6_ADDRESSES}`;
    const quoted = `60000000 000c 11 40 ${V6_ADDRESSES} 9c40 0009 000c 0000`;
    expect(line(bytes(`${ip} 01 04 0000 00000000 ${quoted}`))).to.contain(
      'ICMP6, destination unreachable, unreachable port, 2001:db8::2 udp port 9, length 56',
    );
    expect(line(bytes(`${ip} 01 03 0000 00000000 ${quoted}`))).to.contain(
      'unreachable address, 2001:db8::2, length 56',
    );
    expect(line(bytes(`${ip} 01 07 0000 00000000`))).to.contain('destination unreachable, code 7, length 56');
  });

  it('counts sequence numbers from a base', () => {
    const frame = exchange()[4]!;
    const text = describeFrame(frame, 0, frame.length, { sequence: 5000, acknowledgment: 1000 });
    expect(text).to.match(/seq 1:\d+, ack \d\d,/);
  });

  it('reads only what is there of a frame cut at any byte', () => {
    for (const frame of [...exampleFrames(), exchange()[3]!]) {
      for (let length = 0; length < frame.length; length++) {
        // Behind the end there is other memory: it must not be shown.
        const cut = new Uint8Array(frame.length + 50).fill(0xa5);
        cut.set(frame.subarray(0, length));
        expect(describeFrame(cut, 0, length)).to.equal(describeFrame(frame.slice(0, length), 0, length));
      }
    }
  });

  it('writes flags in the order of their bits, options as far as their lengths are true', () => {
    expect(flagLetters(0xc2)).to.equal('SEW');
    expect(flagLetters(0x38)).to.equal('P.U');
    expect(flagLetters(0)).to.equal('none');
    expect(describeOptions(bytes('0101 0204'), 0, 4)).to.equal('nop,nop,bad option 2');
    expect(describeOptions(bytes('220605dc1234 00 ff'), 0, 8)).to.equal('tfo  cookie 05dc1234,eol');
  });
});
