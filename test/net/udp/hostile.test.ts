/**
 * Datagrams that no honest host sends, to open, connected, shared and closed ports; nothing may crash, grow or
 * multiply.
 */
import { expect } from 'chai';
import { SeededRandom } from '../../../src/net/random.js';
import { OUR_MAC } from '../../support/fake-device.js';
import { OURS, OURS_6, PEER, PEER_6 } from '../../support/internet-world.js';
import { ethernet, icmp, ipv4, ipv6, PEER_MAC, pattern, readIp } from '../../support/packets.js';
import { address, datagram, readDatagram, UdpWorld } from '../../support/udp-world.js';

const DATAGRAMS = 3_000;

describe('hostile datagrams', () => {
  for (const seed of [1, 2]) {
    it(`${DATAGRAMS} of them do no harm, and no answer is larger than its question (seed ${seed})`, () => {
      const udp = new UdpWorld({ seed });
      const random = new SeededRandom(seed);
      const below = (limit: number) => Math.floor(random.nextFraction() * limit);
      udp.bind(53);
      udp.bind(54, { remote: { address: address(PEER), port: 5353 } });
      for (let i = 0; i < 3; i++) udp.bind(55, { isShared: true });
      udp.bind(56, { family: 6, requiresChecksum: true, minimumTimeToLive: 64 });
      udp.onReceived = (got, port) =>
        void port.reply(port.compose().head(got.bytes, got.from, Math.min(got.to, got.from + 72)), got);
      for (let i = 0; i < DATAGRAMS; i++) {
        const isV6 = below(2) === 0;
        const [source, destination] = isV6 ? [PEER_6, OURS_6] : [PEER, OURS];
        const odd = below(3) === 0 ? { length: below(0x10000) } : below(5) === 0 ? { checksum: below(0x10000) } : {};
        const payload = datagram(source, destination, [below(3) * 5353, 52 + below(6)], pattern(below(120)), odd);
        if (below(3) === 0) payload[below(payload.length)]! ^= 1 << below(8);
        const cut = payload.slice(0, below(4) === 0 ? below(payload.length + 1) : payload.length);
        const quote = ipv4({ source: OURS, destination: PEER, protocol: 17, payload: cut });
        const packet = isV6
          ? ipv6({ source, destination, next: 17, payload: cut, hopLimit: below(256) })
          : below(8) === 0
            ? ipv4({ source, destination, protocol: 1, payload: icmp(3, below(6), below(2000), quote) })
            : ipv4({
                source,
                destination,
                protocol: 17,
                payload: cut,
                more: below(10) === 0,
                offset: below(20) === 0 ? 64 : 0,
              });
        const frame = ethernet(OUR_MAC, PEER_MAC, isV6 ? 0x86dd : 0x0800, packet);
        if (below(4) === 0) frame[14 + below(frame.length - 14)]! ^= 1 << below(8);
        const sent = udp.world.frame(frame);
        expect(sent.length).to.be.at.most(1);
        for (const each of sent) {
          const ip = readIp(each);
          expect(ip.headerIsGood).to.equal(true);
          if (ip.protocol !== 17) continue;
          expect(readDatagram(each).sumIsGood).to.equal(true);
          expect(each.length).to.be.at.most(frame.length);
        }
        udp.got.length = 0;
        if (i % 100 === 0) udp.world.advance(1);
      }
      expect(udp.statistics.delivered).to.be.above(DATAGRAMS / 20);
      expect(udp.statistics.malformed).to.be.above(0);
      expect(udp.statistics.badChecksum).to.be.above(0);
      expect(udp.udp.host.ports.values()).to.have.length(6);
      expect(readDatagram(udp.arrives(53, [7])[0]!).sumIsGood).to.equal(true);
    });
  }
});
