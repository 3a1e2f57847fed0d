/** RFC 9293 section 3.7.1: how large a segment may be. */
import { expect } from 'chai';
import { type PeerSegment, ScriptedPeer } from '../../../support/scripted-peer.js';

/** The payload of the first full segment after this SYN. */
function sendSize(syn: PeerSegment, ipv6 = false): number {
  const peer = new ScriptedPeer({ ipv6 });
  peer.establish(syn);
  peer.write(20_000);
  return peer.expect('.', { seq: 1 }).data.length;
}

describe('tcp: maximum segment size', () => {
  it('what the peer takes is obeyed [9293-MUST-14]', () => {
    expect(sendSize({ mss: 900 })).to.equal(900);
  });

  it('no option: 536 over IPv4, 1220 over IPv6 [9293-MUST-15]', () => {
    expect(sendSize({})).to.equal(536);
    expect(sendSize({}, true)).to.equal(1220);
  });

  it('the path takes less than the peer: the path counts [9293-MUST-16]', () => {
    expect(sendSize({ mss: 9000 })).to.equal(1460);
    expect(sendSize({ mss: 9000 }, true)).to.equal(1440);
  });

  it('less the options that every segment has [9293-MUST-16]', () => {
    expect(sendSize({ mss: 1460, ts: [1, 0] })).to.equal(1448);
    expect(sendSize({ mss: 536, ts: [1, 0] })).to.equal(524);
  });

  it('and less the SACK blocks of this one [9293-MUST-16]', () => {
    const peer = new ScriptedPeer();
    peer.establish({ mss: 1460, sackOk: true, ts: [1, 0] });
    peer.send('.', { seq: 101, data: 100 });
    peer.expect('.', { sack: [[101, 201]] });
    peer.write(5000);
    peer.expect('.', { seq: 1, length: 1436, sack: [[101, 201]] });
  });

  it('over IPv6 it is what the link takes, less 60, options not subtracted [6691-1] [9293-SHLD-6]', () => {
    for (const mtu of [1280, 1500]) {
      const peer = new ScriptedPeer({ mtu, ipv6: true });
      peer.send('S', { mss: 536, ts: [1, 0], sackOk: true });
      peer.expect('S.', { mss: mtu - 60 });
    }
  });

  it('what we offer is what the link takes, less 40, whatever the peer offers [9293-MUST-67] [9293-SHLD-6] [9293-MAY-3]', () => {
    for (const mtu of [576, 1500, 9000]) {
      for (const mss of [88, 536, 65_535]) {
        const peer = new ScriptedPeer({ mtu });
        peer.send('S', { mss });
        peer.expect('S.', { mss: mtu - 40 });
      }
    }
  });

  it('a listener may offer less [9293-SHLD-5]', () => {
    const peer = new ScriptedPeer({ listen: { maxSegment: 1000 } });
    peer.send('S', { mss: 1460 });
    peer.expect('S.', { mss: 1000 });
  });

  it('an MSS that is absurdly small counts as 48, so that a peer cannot make us send crumbs', () => {
    expect(sendSize({ mss: 0 })).to.equal(48);
    expect(sendSize({ mss: 1, ts: [1, 0] })).to.equal(36);
  });

  for (const mss of [88, 536, 1459]) {
    it(`an answer in segments of ${mss} arrives whole [9293-MUST-16]`, () => {
      const peer = new ScriptedPeer();
      peer.establish({ mss });
      peer.write(3 * mss + 7);
      const segments = peer.takeAll();
      expect(segments.map(({ data }) => data.length)).to.deep.equal([mss, mss, mss, 7]);
      expect(segments.map(({ flags }) => flags)).to.deep.equal(['.', '.', '.', 'P.']);
    });
  }
});
