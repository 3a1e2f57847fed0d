/** Which segments take the early path, and that it can be switched off. That it does the same is oracle.test.ts. */
import { expect } from 'chai';
import { ExpectedPath } from '../../../src/net/expected/receive.js';
import { type PeerOptions, type PeerSegment, ScriptedPeer } from '../../support/scripted-peer.js';

/** An established connection, with or without timestamps. */
function established(options: PeerOptions = {}, ts: readonly [number, number] | null = [1000, 0]): ScriptedPeer {
  const peer = new ScriptedPeer(options);
  peer.establish({ mss: 1460, ts });
  return peer;
}

/** How many frames the early path takes while `action` runs. */
function takenEarly(peer: ScriptedPeer, action: () => void): number {
  const before = peer.stack.expectedSegments;
  action();
  return peer.stack.expectedSegments - before;
}

describe('the early path for expected segments', () => {
  for (const ipv6 of [false, true]) {
    for (const [name, ts] of [
      ['timestamps', [1000, 0]],
      ['no options', null],
    ] as const) {
      it(`takes a request, and the ACK of the answer, over ${ipv6 ? 'IPv6' : 'IPv4'} with ${name}`, () => {
        const peer = established({ ipv6 }, ts);
        const taken = takenEarly(peer, () => {
          peer.send('P.', { data: 100 });
          peer.expect('.', { ack: 101 });
          peer.write(500);
          peer.expect('P.', { length: 500 });
          peer.send('.');
        });
        expect(taken).to.equal(2);
      });
    }
  }

  const OTHERS: Record<string, [string, PeerSegment]> = {
    'a FIN': ['F.', {}],
    'data beyond a gap': ['P.', { seq: 50, data: 10 }],
    'an ACK of what was never sent': ['.', { ack: 500 }],
    'a segment without the agreed timestamps': ['P.', { data: 10, ts: null }],
    'an old timestamp': ['P.', { data: 10, ts: [1, 0] }],
    'another layout of options': ['P.', { data: 10, options: [1, 1, 1, 1] }],
    'urgent data': ['PU.', { data: 10, urg: 5 }],
    'a reset that is not exact': ['R.', { seq: 50 }],
    'options of IP': ['P.', { data: 10, ipOptions: [1, 1, 1, 1] }],
    'a wrong checksum': ['P.', { data: 10, checksum: 1 }],
    'a reserved bit': ['P.', { data: 10, reserved: 4 }],
  };
  for (const [name, [flags, fields]] of Object.entries(OTHERS)) {
    it(`leaves ${name} to the textbook path`, () => {
      const peer = established();
      expect(takenEarly(peer, () => peer.send(flags, fields))).to.equal(0);
    });
  }

  it('takes segments of a connection with ECN while none is marked', () => {
    const peer = new ScriptedPeer();
    peer.send('SEW', { seq: 0, mss: 1460 });
    peer.expect('SE.');
    peer.send('.', { seq: 1, ack: 1 });
    expect(
      takenEarly(peer, () => peer.send('P.', { data: 10, tos: 2 })),
      'ECT',
    ).to.equal(1);
    expect(
      takenEarly(peer, () => peer.send('P.', { data: 10, tos: 3 })),
      'CE',
    ).to.equal(0);
    expect(
      takenEarly(peer, () => peer.send('P.', { data: 10, tos: 2 })),
      'afterwards',
    ).to.equal(0);
  });

  it('takes nothing in a virtual LAN, where every frame has a tag', () => {
    const peer = established();
    const { parts } = peer.stack.internet;
    const context = { ...parts.context, options: { ...parts.context.options, vlan: 5 } };
    expect(ExpectedPath.of({ ...parts, context }, peer.stack.tcp.host)).to.equal(null);
  });

  it('takes nothing when it is switched off', () => {
    const peer = established({ tcp: { expectedSegments: false } });
    peer.send('P.', { data: 100 });
    peer.expect('.', { ack: 101 });
    expect(peer.stack.expectedSegments).to.equal(0);
  });
});
