import { expect } from 'chai';
import { OutgoingFrame } from '../../../src/net/device/frame.js';
import { MAX_PENDING_FRAMES } from '../../../src/net/ip/pending-frames.js';
import { SummedBytes } from '../../../src/net/wire/summed-bytes.js';
import { OUR_MAC } from '../../support/fake-device.js';
import { FAR, GATEWAY, GATEWAY_MAC, InternetWorld, OURS, PEER } from '../../support/internet-world.js';
import {
  type ArpFields,
  arp,
  BROADCAST_MAC,
  concat,
  ethernet,
  OTHER_MAC,
  PEER_MAC,
  pattern,
  readArp,
  readFrame,
  readIp,
} from '../../support/packets.js';

const REQUEST = { operation: 1, senderMac: PEER_MAC, sender: PEER, target: OURS };

describe('ARP', () => {
  let world: InternetWorld;

  beforeEach(() => {
    world = new InternetWorld({ gateway: GATEWAY }).started();
  });

  function hear(fields: ArpFields, to = BROADCAST_MAC): Uint8Array[] {
    return world.frame(ethernet(to, fields.senderMac, 0x0806, arp(fields)));
  }

  /** Where the next frame to `remote` goes: an Ethernet address, or 'asks' if ARP is needed first. */
  function whereTo(remote: string): string {
    const frame = world.send(world.route(remote), pattern(30))[0];
    if (frame === undefined) return 'waits';
    return readFrame(frame).type === 0x0806 ? 'asks' : readFrame(frame).to;
  }

  describe('requests', () => {
    it('one for us is answered to the asker (826-1)', () => {
      const [answer, ...more] = hear(REQUEST).map(readArp);
      expect(more).to.have.length(0);
      expect(answer).to.deep.equal({
        operation: 2,
        senderMac: OUR_MAC,
        sender: OURS,
        targetMac: PEER_MAC,
        target: PEER,
        ethernetTo: PEER_MAC,
      });
    });

    it('one in a padded frame is answered too (826-1)', () => {
      const frame = concat(ethernet(BROADCAST_MAC, PEER_MAC, 0x0806, arp(REQUEST)), new Uint8Array(18));
      expect(world.frame(frame)).to.have.length(1);
    });

    it('one for another host is not answered (826-1)', () => {
      expect(hear({ ...REQUEST, target: '10.77.0.3' })).to.have.length(0);
    });

    for (const [what, fields] of [
      ['hardware length 5', { hardwareLength: 5 }],
      ['protocol length 16', { protocolLength: 16 }],
      ['hardware type 6', { hardwareType: 6 }],
      ['protocol type IPv6', { protocolType: 0x86dd }],
      ['operation 3', { operation: 3 }],
      ['operation 257', { operation: 257 }],
    ] as [string, Partial<ArpFields>][]) {
      it(`one with ${what} is dropped and counted (826-1)`, () => {
        expect(hear({ ...REQUEST, ...fields })).to.have.length(0);
        expect(world.statistics.arp.malformed).to.equal(1);
        expect(whereTo(PEER)).to.equal('asks');
      });
    }

    it('one that is cut short is dropped (826-1)', () => {
      expect(world.frame(ethernet(BROADCAST_MAC, PEER_MAC, 0x0806, arp(REQUEST).slice(0, 27)))).to.have.length(0);
      expect(world.statistics.arp.malformed).to.equal(1);
    });

    it("another host's probe for our address is answered (5227-1)", () => {
      const answer = readArp(hear({ ...REQUEST, sender: '0.0.0.0' })[0]!);
      expect(answer).to.include({ operation: 2, sender: OURS, target: '0.0.0.0', ethernetTo: PEER_MAC });
    });
  });

  describe('learning', () => {
    it('whoever asks for us is known afterwards (826-2)', () => {
      hear(REQUEST);
      expect(whereTo(PEER)).to.equal(PEER_MAC);
    });

    it('a gratuitous ARP or a reply from a stranger teaches nothing (826-2)', () => {
      hear({ ...REQUEST, target: PEER });
      hear({ ...REQUEST, operation: 2, target: PEER });
      hear({ ...REQUEST, operation: 2, target: OURS }, OUR_MAC);
      expect(whereTo(PEER)).to.equal('asks');
    });

    it('a known neighbour that announces another Ethernet address is followed (826-2)', () => {
      hear(REQUEST);
      hear({ ...REQUEST, senderMac: OTHER_MAC, target: PEER });
      expect(whereTo(PEER)).to.equal(OTHER_MAC);
    });

    it('nothing is learnt of 0.0.0.0, of group Ethernet addresses, or of addresses off the link (826-2)', () => {
      hear({ ...REQUEST, sender: '0.0.0.0' });
      hear({ ...REQUEST, senderMac: '03:fa:57:00:00:01' });
      expect(whereTo(PEER)).to.equal('asks');
      hear({ ...REQUEST, sender: FAR });
      expect(whereTo(FAR)).to.equal('asks');
    });

    it('a gateway outside our network is learnt like a neighbour', () => {
      world = new InternetWorld({ gateway: '172.16.0.1' }).started();
      hear({ ...REQUEST, sender: '172.16.0.1' });
      expect(whereTo(FAR)).to.equal(PEER_MAC);
    });

    it('a frame of our own that comes back is not a conflict and teaches nothing', () => {
      hear({ operation: 1, senderMac: OUR_MAC, sender: OURS, target: OURS });
      expect(world.statistics.arp.conflicts).to.equal(0);
    });

    it('a SYN from an unknown neighbour is answered without asking; the entry is then verified by unicast', () => {
      world.onReceive = (packet) => world.layer.routeBack(packet);
      world.ip({ source: PEER });
      expect(whereTo(PEER)).to.equal(PEER_MAC);
      const sent = world.advance(20).map(({ at, bytes }) => ({ at: Math.round(at - 20), ...readArp(bytes) }));
      expect(sent.map(({ at, ethernetTo, target }) => [at, ethernetTo, target])).to.deep.equal([
        [5, PEER_MAC, PEER],
        [6, PEER_MAC, PEER],
        [7, PEER_MAC, PEER],
      ]);
      expect(whereTo(PEER)).to.equal('asks');
    });

    it('a connection whose neighbour fell silent goes on as soon as that one speaks', () => {
      const route = world.route(PEER);
      expect(world.send(route, pattern(40))).to.have.length(1);
      world.advance(5);
      expect(world.send(route, pattern(40)).map(readArp)[0]).to.include({ target: PEER });
      let answers: Uint8Array[] = [];
      world.onReceive = () => {
        answers = world.send(route, pattern(40));
      };
      world.ip({ source: PEER });
      expect(answers.map((bytes) => readIp(bytes).ethernetTo)).to.deep.equal([PEER_MAC, PEER_MAC]);
    });

    it('traffic never changes an entry, and teaches nothing from afar, by broadcast, or when switched off', () => {
      world.onReceive = (packet) => world.layer.routeBack(packet);
      hear(REQUEST);
      world.ip({ source: PEER }, { from: OTHER_MAC });
      expect(whereTo(PEER)).to.equal(PEER_MAC);
      world.ip({ source: FAR }, { from: OTHER_MAC });
      expect(whereTo(FAR)).to.equal('asks');
      world.ip({ source: '10.77.0.33', destination: '10.77.0.255' }, { from: OTHER_MAC, to: BROADCAST_MAC });
      expect(whereTo('10.77.0.33')).to.equal('asks');
      world = new InternetWorld({ learnFromTraffic: false }).started();
      world.onReceive = (packet) => world.layer.routeBack(packet);
      world.ip({ source: PEER });
      expect(whereTo(PEER)).to.equal('asks');
    });
  });

  describe('resolution', () => {
    it('asks everybody, keeps the frame, and sends it when the answer comes (1122-8)', () => {
      const [question, ...more] = world.send(world.route(PEER), pattern(700));
      expect(more).to.have.length(0);
      expect(readArp(question!)).to.deep.equal({
        operation: 1,
        senderMac: OUR_MAC,
        sender: OURS,
        targetMac: '00:00:00:00:00:00',
        target: PEER,
        ethernetTo: BROADCAST_MAC,
      });
      const sent = world.answerArp(PEER, PEER_MAC).map(readIp);
      expect(sent).to.have.length(1);
      expect(sent[0]).to.include({ ethernetTo: PEER_MAC, destination: PEER, headerIsGood: true });
      expect(sent[0]!.payload).to.deep.equal(pattern(700));
    });

    it('asks once a second, three times, whatever is sent; then the transport is told 3/1 (1122-8)', () => {
      const route = world.route(PEER);
      const times: number[] = [];
      const start = 20;
      const note = (frames: Uint8Array[]) => {
        for (const frame of frames) if (readFrame(frame).type === 0x0806) times.push(world.clock.now / 1e6 - start);
      };
      for (let i = 0; i < 29; i++) {
        note(world.send(route, pattern(40)));
        for (const { bytes } of world.advance(0.1)) note([bytes]);
      }
      expect(times).to.have.length(3);
      expect(times.slice(1).map((at, i) => at - times[i]!)).to.satisfy((gaps: number[]) =>
        gaps.every((gap) => gap >= 0.99),
      );
      world.advance(1);
      expect(world.errors).to.have.length(29);
      expect(world.errors[0]).to.include({ type: 3, code: 1, local: OURS, remote: PEER, kind: 0 });
    });

    it('an off-link destination is asked for at the gateway, which carries it', () => {
      const question = readArp(world.send(world.route(FAR), pattern(40))[0]!);
      expect(question.target).to.equal(GATEWAY);
      expect(readIp(world.answerArp(GATEWAY, GATEWAY_MAC)[0]!)).to.include({
        destination: FAR,
        ethernetTo: GATEWAY_MAC,
      });
    });

    it('a full waiting room drops the oldest: the latest packets go out (1122-8)', () => {
      const route = world.route(PEER);
      for (let i = 0; i < MAX_PENDING_FRAMES + 3; i++) world.send(route, pattern(40, i));
      const sent = world.answerArp(PEER, PEER_MAC).map(readIp);
      expect(sent).to.have.length(MAX_PENDING_FRAMES);
      expect(sent.at(-1)!.payload).to.deep.equal(pattern(40, MAX_PENDING_FRAMES + 2));
      expect(world.statistics.ip.pendingDropped).to.equal(3);
    });

    it('a super-segment that waits keeps what it asks of the device; one larger than the room is dropped', () => {
      const frame = new OutgoingFrame();
      const sendLarge = (length: number) => {
        frame.reset();
        frame.end = frame.start + 20;
        frame.segmentBytes = 1448;
        frame.checksumFrom = frame.start;
        frame.checksumOffset = 16;
        for (let i = 0; i < 4; i++) frame.addFragment(SummedBytes.plain(pattern(length, i)), 8, length - 8);
        world.layer.send(frame, world.route(PEER), 6, 0);
        frame.header.fill(0);
      };
      sendLarge(15_008);
      sendLarge(60_008);
      world.device.takeSent();
      const sent = world.answerArp(PEER, PEER_MAC).map(readIp);
      expect(sent).to.have.length(1);
      expect(world.device.lastOffload).to.deep.equal({ segmentBytes: 1448, checksumFrom: 80, checksumOffset: 16 });
      expect(sent[0]).to.include({ headerIsGood: true, totalLength: 60_040 });
      expect(sent[0]!.payload.slice(20 + 30_000, 20 + 45_000)).to.deep.equal(pattern(15_008, 2).slice(8));
      expect(world.statistics.ip.pendingDropped).to.equal(1);
    });

    it("somebody's answer that we did not ask for does not fill an entry that waits for another", () => {
      world.send(world.route(PEER), pattern(40));
      expect(world.answerArp('10.77.0.9', OTHER_MAC)).to.have.length(0);
      expect(whereTo('10.77.0.9')).to.equal('asks');
    });
  });

  describe('ageing', () => {
    it('an entry not confirmed for long is used, verified by unicast and dropped without answer (1122-8)', () => {
      world.send(world.route(PEER), pattern(40));
      world.answerArp(PEER, PEER_MAC);
      world.advance(60);
      expect(whereTo(PEER)).to.equal(PEER_MAC);
      const asked = world.advance(20).map(({ bytes }) => readArp(bytes).ethernetTo);
      expect(asked).to.deep.equal([PEER_MAC, PEER_MAC, PEER_MAC]);
      expect(whereTo(PEER)).to.equal('asks');
    });

    it('an answer to the unicast question keeps it', () => {
      world.send(world.route(PEER), pattern(40));
      world.answerArp(PEER, PEER_MAC);
      world.advance(60);
      whereTo(PEER);
      world.advance(5.5);
      world.answerArp(PEER, PEER_MAC);
      expect(world.advance(10)).to.have.length(0);
      expect(whereTo(PEER)).to.equal(PEER_MAC);
    });

    it('forward progress of TCP confirms it: no question is asked while data flows (1122-8)', () => {
      const route = world.route(PEER);
      world.send(route, pattern(40));
      world.answerArp(PEER, PEER_MAC);
      let sent = 0;
      for (let i = 0; i < 200; i++) {
        world.send(route, pattern(40));
        route.neighbor.confirm();
        sent += world.advance(1).length;
      }
      expect(sent).to.equal(0);
      expect(world.layer.nextDeadline()).to.equal(Number.POSITIVE_INFINITY);
    });

    it('progress brings no dead entry back to life', () => {
      const route = world.route(PEER);
      world.send(route, pattern(40));
      route.neighbor.confirm();
      expect(whereTo(PEER)).to.equal('waits');
      world.advance(10);
      route.neighbor.confirm();
      expect(whereTo(PEER)).to.equal('asks');
    });

    it('the table is bounded: 10,000 neighbours leave 64, and those in use stay', () => {
      world = new InternetWorld({ addresses: ['10.0.0.2/8'], neighbors: 64 }).started();
      const introduce = (ip: string) =>
        world.frame(ethernet(BROADCAST_MAC, PEER_MAC, 0x0806, arp({ ...REQUEST, sender: ip, target: '10.0.0.2' })));
      introduce('10.9.9.9');
      for (let i = 0; i < 10_000; i++) {
        introduce(`10.1.${i >> 8}.${i & 255}`);
        if (i % 16 === 0) expect(whereTo('10.9.9.9')).to.equal(PEER_MAC);
      }
      expect(whereTo('10.1.0.0')).to.equal('asks');
    });
  });
});
