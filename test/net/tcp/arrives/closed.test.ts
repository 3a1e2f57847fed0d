/** RFC 9293 section 3.10.7.1: nobody is there. */
import { expect } from 'chai';
import { ScriptedPeer } from '../../../support/scripted-peer.js';

const NOBODY = 81;

describe('tcp: a segment arrives in CLOSED', () => {
  it('with ACK: RST, with that ACK as its number and none of its own [9293-E1]', () => {
    const peer = new ScriptedPeer();
    peer.send('.', { port: NOBODY, seq: 7, ack: 500 });
    peer.expect('R', { seq: 500, length: 0 });
    peer.expectNothing();
  });

  it('without ACK: RST from 0 that acknowledges all of the segment [9293-E1]', () => {
    const peer = new ScriptedPeer();
    peer.send('S', { port: NOBODY, seq: 0, mss: 1460 });
    expect(peer.expect('R.', { ack: 1 }).sequence).to.equal(0);
    peer.send('FP', { port: NOBODY, seq: 10, data: 100 });
    expect(peer.expect('R.', { ack: 111 }).sequence).to.equal(0);
    peer.send('-', { port: NOBODY, seq: 10 });
    peer.expect('R.', { ack: 10 });
  });

  it('a RST: nothing [9293-E1]', () => {
    const peer = new ScriptedPeer();
    peer.send('R', { port: NOBODY, seq: 0 });
    peer.send('R.', { port: NOBODY, seq: 0, ack: 500 });
    peer.expectNothing();
  });

  it('from an address that cannot be one host: nothing [9293-MUST-63]', () => {
    const peer = new ScriptedPeer();
    for (const source of ['224.0.0.1', '255.255.255.255', '10.0.0.255', '0.0.0.0', '127.0.0.1', '240.0.0.1']) {
      peer.send('S', { source, seq: 0, mss: 1460 });
      peer.send('S', { source, port: NOBODY, seq: 0, mss: 1460 });
    }
    peer.expectNothing();
    expect(peer.stack.connectionCount).to.equal(0);
  });

  it('to a broadcast or multicast address, of IP or of the link: nothing [9293-MUST-57] [1122-3]', () => {
    const peer = new ScriptedPeer();
    for (const destination of ['10.0.0.255', '255.255.255.255', '224.0.0.1']) {
      peer.send('S', { destination, seq: 0, mss: 1460 });
    }
    peer.send('S', { destinationMac: 'ff:ff:ff:ff:ff:ff', seq: 0, mss: 1460 });
    peer.send('S', { destinationMac: '01:00:5e:00:00:01', seq: 0, mss: 1460 });
    peer.expectNothing();
    expect(peer.stack.connectionCount).to.equal(0);
  });
});
