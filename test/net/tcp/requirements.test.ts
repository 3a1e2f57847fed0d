/** Requirements of RFC 9293 that no other test shows: docs/tcp-requirements.md has them all. */
import { expect } from 'chai';
import { concat, ethernet, ipv4 } from '../../support/packets.js';
import { ScriptedPeer } from '../../support/scripted-peer.js';
import { PEER, PEER_MAC, STACK, STACK_MAC, StackBench } from '../../support/stack-bench.js';
import { pseudoHeader, tcpOptions, tcpSegment } from '../../support/tcp-segment.js';

const OTHER = '10.0.0.3';

/** A SYN for port 80 in a packet with these IP options. */
function synWithIpOptions(options: number[]): Uint8Array {
  const fields = { sourcePort: 40_000, destinationPort: 80, flags: 'S', sequence: 7, window: 65_535 };
  const segment = tcpSegment({ ...fields, options: tcpOptions({ mss: 1460 }) }, pseudoHeader(PEER, STACK));
  const packet = ipv4({ source: PEER, destination: STACK, protocol: 6, payload: segment, options });
  return ethernet(STACK_MAC, PEER_MAC, 0x0800, packet);
}

describe('what else RFC 9293 asks', () => {
  for (const length of [1, 2, 999, 1000, 1459, 1460, 1461, 4321]) {
    it(`${length} bytes leave with a right checksum in each segment [9293-MUST-2]`, () => {
      const peer = new ScriptedPeer();
      peer.establish();
      peer.write(length);
      // Each segment that leaves the bench has its checksum looked at; one that is wrong fails the test there.
      const sent = peer.takeAll();
      expect(concat(...sent.map(({ data }) => data))).to.have.length(length);
    });
  }

  it('what lies beyond a window that was shrunk goes again when it is the earliest [9293-MAY-7]', () => {
    const peer = new ScriptedPeer();
    peer.establish({ mss: 1000 });
    peer.write(3000);
    expect(peer.takeAll()).to.have.length(3);
    peer.send('.', { ack: 1001, win: 0 });
    peer.expectAfter(200, '.', { seq: 1001, length: 1000 }, 1100);
  });

  for (const [what, options] of [
    ['router alert', [148, 4, 0, 0]],
    ['a time stamp', [68, 12, 13, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['record route', [7, 7, 4, 0, 0, 0, 0]],
    ['an option that nobody knows', [222, 6, 1, 2, 3, 4]],
  ] as [string, number[]][]) {
    it(`${what} in the IP header does not disturb a handshake [9293-MUST-50]`, () => {
      const bench = new StackBench();
      bench.inject(synWithIpOptions(options));
      expect(bench.departed.map(({ segment }) => segment.flags)).to.deep.equal(['S.']);
    });
  }

  for (const kind of [131, 137]) {
    it(`a SYN with a source route (option ${kind}) is dropped, and the next one without is answered [9293-MUST-52]`, () => {
      const bench = new StackBench();
      bench.inject(synWithIpOptions([kind, 7, 4, 10, 0, 0, 99]));
      expect(bench.departed).to.have.length(0);
      bench.inject(synWithIpOptions([]));
      expect(bench.departed.map(({ segment }) => segment.flags)).to.deep.equal(['S.']);
    });
  }

  it('a connection keeps its local address in all that it sends, whichever the host has besides [9293-MUST-45]', () => {
    const bench = new StackBench({ addresses: [STACK, OTHER] });
    bench.connect(80, 40_000, OTHER);
    const { segment } = bench.departed[0]!;
    const fields = { sourcePort: 80, destinationPort: 40_000, window: 65_535 };
    const answer = (flags: string, sequence: number) =>
      tcpSegment({ ...fields, flags, sequence, acknowledgment: segment.sequence + 1 }, pseudoHeader(PEER, OTHER));
    for (const payload of [answer('S.', 7), answer('F.', 8)]) {
      const packet = ipv4({ source: PEER, destination: OTHER, protocol: 6, payload });
      bench.inject(ethernet(STACK_MAC, PEER_MAC, 0x0800, packet));
    }
    bench.programs[0]!.connection.close();
    bench.run();
    expect(bench.departed.map(({ segment: { flags }, source }) => [flags, source])).to.deep.equal([
      ['S', OTHER],
      ['.', OTHER],
      ['.', OTHER],
      ['F.', OTHER],
    ]);
  });

  it('a connection that the peer has half closed still carries data ten minutes later [9293-E9]', () => {
    const peer = new ScriptedPeer();
    peer.establish();
    peer.send('F.', { seq: 1 });
    peer.expect('.', { ack: 2 });
    peer.expectNothing(600_000);
    expect(peer.state).to.equal('CLOSE-WAIT');
    peer.write(100);
    peer.expect('P.', { seq: 1, length: 100 });
    peer.send('.', { ack: 101 });
    peer.close();
    peer.expect('F.', { seq: 101 });
    peer.send('.', { ack: 102 });
    expect(peer.state).to.equal('CLOSED');
  });

  it('a connection that we have half closed still takes data ten minutes later [9293-E9]', () => {
    const peer = new ScriptedPeer();
    const program = peer.establish();
    peer.close();
    peer.expect('F.', { seq: 1 });
    peer.send('.', { ack: 2 });
    peer.expectNothing(600_000);
    expect(peer.state).to.equal('FIN-WAIT-2');
    peer.send('P.', { data: 'late' });
    peer.expect('.', { ack: 5 });
    expect(program.data.toString()).to.equal('late');
    peer.send('F.');
    peer.expect('.', { ack: 6 });
    expect(peer.state).to.equal('TIME-WAIT');
  });
});
