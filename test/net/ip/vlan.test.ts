import { expect } from 'chai';
import { parseMac } from '../../../src/net/wire/address.js';
import { OUR_MAC } from '../../support/fake-device.js';
import { InternetWorld, OURS, OURS_6, PEER, PEER_6 } from '../../support/internet-world.js';
import {
  arp,
  BROADCAST_MAC,
  concat,
  ethernet,
  icmp,
  icmpv6,
  ipv4,
  ipv6,
  PEER_MAC,
  pattern,
  readArp,
  readIcmp,
  word16,
} from '../../support/packets.js';
import { pattern as bulk, sendAll, TcpWorld } from '../../support/tcp-world.js';

/** The frame with a tag: `control` is priority (3 bits), drop eligible (1), id (12). */
function tagged(frame: Uint8Array, control: number): Uint8Array {
  return concat(frame.subarray(0, 12), [0x81, 0x00], word16(control), frame.subarray(12));
}

/** The frame without its tag, and the tag's control field; undefined if it has none. */
function untagged(frame: Uint8Array): { control: number | undefined; bytes: Uint8Array } {
  if (frame[12] !== 0x81 || frame[13] !== 0x00) return { control: undefined, bytes: frame };
  const control = (frame[14]! << 8) | frame[15]!;
  return { control, bytes: concat(frame.subarray(0, 12), frame.subarray(16)) };
}

const ping = ethernet(
  OUR_MAC,
  PEER_MAC,
  0x0800,
  ipv4({ source: PEER, destination: OURS, protocol: 1, payload: icmp(8, 0, 7, pattern(56)) }),
);
const ping6 = ethernet(
  OUR_MAC,
  PEER_MAC,
  0x86dd,
  ipv6({ source: PEER_6, destination: OURS_6, next: 58, payload: icmpv6(PEER_6, OURS_6, 128, 0, 7, pattern(56)) }),
);
const whoHas = ethernet(
  BROADCAST_MAC,
  PEER_MAC,
  0x0806,
  arp({ operation: 1, senderMac: PEER_MAC, sender: PEER, target: OURS }),
);

describe('VLAN tags', () => {
  function start(vlan?: number): InternetWorld {
    return new InternetWorld({ addresses: [`${OURS}/24`, `${OURS_6}/64`], vlan }).started();
  }

  describe('without a VLAN of our own', () => {
    it('a frame with only a priority (id 0) is taken, as Linux does, and answered without a tag', () => {
      for (const control of [0x0000, 0xa000, 0xf000]) {
        const world = start();
        const [reply] = world.frame(tagged(whoHas, control));
        expect(readArp(reply!)).to.include({ operation: 2, sender: OURS, ethernetTo: PEER_MAC });
        expect(readIcmp(world.frame(tagged(ping, control))[0]!)).to.include({ type: 0, sumIsGood: true });
        expect(readIcmp(world.frame(tagged(ping6, control))[0]!)).to.include({ type: 129, sumIsGood: true });
        expect(world.statistics.ethernet).to.include({ otherVlan: 0, unknownType: 0 });
      }
    });

    it('a neighbour is learnt from a frame with a priority: the right six bytes', () => {
      const world = start();
      world.onReceive = (packet) => world.layer.routeBack(packet);
      const segment = ipv4({ source: PEER, destination: OURS, protocol: 6, payload: new Uint8Array(20) });
      world.frame(tagged(ethernet(OUR_MAC, PEER_MAC, 0x0800, segment), 0xe000));
      expect(world.received).to.have.length(1);
      expect(world.route(PEER).neighbor.mac).to.deep.equal(parseMac(PEER_MAC));
    });

    it('a frame of any VLAN is dropped and counted', () => {
      const world = start();
      for (const id of [1, 5, 4095]) expect(world.frame(tagged(ping, id))).to.have.length(0);
      expect(world.statistics.ethernet.otherVlan).to.equal(3);
    });

    it('two tags are one too many', () => {
      const world = start();
      expect(world.frame(tagged(tagged(ping, 0), 0))).to.have.length(0);
      expect(world.statistics.ethernet.unknownType).to.equal(1);
    });

    it('a tag that is cut short is dropped', () => {
      const world = start();
      for (let length = 14; length < 18; length++) world.frame(tagged(ping, 0).slice(0, length));
      expect(world.statistics.ethernet.otherVlan).to.equal(4);
    });
  });

  describe('with a VLAN of our own', () => {
    it('its frames are answered with its tag; untagged ones, other ids and bare priorities are not for us', () => {
      const world = start(5);
      for (const frame of [whoHas, ping, ping6]) {
        const [answer] = world.frame(tagged(frame, 0x6005)).map(untagged);
        expect(answer!.control).to.equal(5);
        expect(answer!.bytes[13]).to.equal(frame[13]);
        for (const other of [frame, tagged(frame, 0), tagged(frame, 6)]) expect(world.frame(other)).to.have.length(0);
      }
      expect(world.statistics.ethernet.otherVlan).to.equal(9);
    });

    it('probes, announcements and neighbour discovery have the tag', () => {
      const world = new InternetWorld({
        addresses: [`${OURS}/24`, `${OURS_6}/64`],
        vlan: 4094,
        duplicateDetection: 'strict',
      });
      world.layer.start();
      const sent = [...world.device.takeSent(), ...world.advance(30).map(({ bytes }) => bytes)];
      expect(sent.length).to.be.greaterThan(10);
      for (const frame of sent) expect(untagged(frame).control).to.equal(4094);
    });

    it('an id that no VLAN can have is refused', () => {
      for (const vlan of [-1, 4095, 1.5, Number.NaN]) {
        expect(() => new InternetWorld({ vlan }), String(vlan)).to.throw(RangeError, 'not the id of a VLAN');
      }
    });

    for (const offload of ['none', 'whole', 'cut'] as const) {
      for (const ipv6 of [false, true]) {
        it(`two stacks in it exchange a megabyte over ${ipv6 ? 'IPv6' : 'IPv4'}, offload ${offload}`, () => {
          const world = new TcpWorld({ link: { offload }, ipv6, internet: { vlan: 77 } });
          const [client, server] = world.open();
          const down = bulk(1_000_000, 5);
          sendAll(server, down);
          world.network.runUntil(() => client.bytes === down.length);
          expect(client.data.equals(down)).to.equal(true);
          expect(world.server.statistics.tcp.retransmits).to.equal(0);
          expect(world.client.statistics.internet.ethernet.otherVlan).to.equal(0);
        });
      }
    }

    it('a full segment with its tag still fits the MTU of the link, which does not count the tag', () => {
      const world = new TcpWorld({ internet: { vlan: 77 } });
      const [client, server] = world.open();
      sendAll(server, bulk(14_600));
      world.network.runUntil(() => client.bytes === 14_600);
      expect(client.chunks.some((chunk) => chunk.length >= 1440)).to.equal(true);
    });
  });
});
