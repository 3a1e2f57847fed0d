import { expect } from 'chai';
import { IncomingFrame } from '../../../src/net/device/frame.js';
import { MAX_DATAGRAMS } from '../../../src/net/ip/reassembly.js';
import { OUR_MAC } from '../../support/fake-device.js';
import { InternetWorld, OURS, PEER } from '../../support/internet-world.js';
import { ethernet, icmp, ipv4, PEER_MAC, pattern, readIcmp, readIp } from '../../support/packets.js';

const ping = (length: number) => icmp(8, 0, 0x00070001, pattern(length));

describe('reassembly of IPv4 fragments', () => {
  let world: InternetWorld;

  beforeEach(() => {
    world = new InternetWorld().started();
    world.introduce();
  });

  /** One fragment [from, to) of a whole datagram. */
  function fragment(whole: Uint8Array, from: number, to: number, extra = {}): Uint8Array[] {
    const payload = whole.slice(from, to);
    return world.ip({ protocol: 1, payload, offset: from, more: to < whole.length, ...extra });
  }

  it('three fragments of a ping in any order are answered once whole (1122-6)', () => {
    const whole = ping(2000);
    const pieces: [number, number][] = [
      [0, 800],
      [800, 1600],
      [1600, whole.length],
    ];
    for (const [n, order] of [
      [2, 1, 0],
      [0, 1, 2],
      [1, 2, 0],
      [2, 0, 1],
    ].entries()) {
      const answers = order.map((i) => fragment(whole, ...pieces[i]!, { id: n }));
      expect(answers.slice(0, 2).flat()).to.have.length(0);
      const reply = answers[2]!.map(readIp);
      expect(reply.map((part) => part.payload.length).reduce((a, b) => a + b)).to.equal(whole.length);
    }
    expect(world.statistics.reassembly.completed).to.equal(4);
  });

  it('the whole datagram reaches the transport byte for byte, up to 65,535 bytes (1122-6)', () => {
    const whole = pattern(65515);
    for (let from = 0; from < whole.length; from += 1480) {
      fragment(whole, from, Math.min(from + 1480, whole.length), { protocol: 6 });
    }
    expect(world.received).to.have.length(1);
    expect(world.received[0]!.payload).to.deep.equal(whole);
    expect(world.layer.nextDeadline()).to.equal(Number.POSITIVE_INFINITY);
  });

  it('datagrams with another id, protocol or source are kept apart', () => {
    const whole = pattern(64);
    fragment(whole, 0, 32, { protocol: 6, id: 1 });
    fragment(whole, 32, 64, { protocol: 6, id: 2 });
    fragment(whole, 32, 64, { protocol: 6, id: 1, source: '10.77.0.5' });
    fragment(whole, 32, 64, { protocol: 17, id: 1 });
    expect(world.received).to.have.length(0);
    fragment(whole, 32, 64, { protocol: 6, id: 1 });
    expect(world.received).to.have.length(1);
  });

  it('the first fragment alone: after 60 s time exceeded code 1, quoting it (1122-7)', () => {
    const whole = pattern(2000);
    fragment(whole, 0, 800, { protocol: 17, id: 99 });
    expect(world.advance(59.9)).to.have.length(0);
    const sent = world.advance(60).filter(({ bytes }) => bytes[13] === 0);
    expect(sent).to.have.length(1);
    expect(sent[0]!.at).to.be.within(60, 120);
    const error = readIcmp(sent[0]!.bytes);
    expect(error).to.include({ type: 11, code: 1, sumIsGood: true });
    expect(error.data.slice(20, 28)).to.deep.equal(whole.slice(0, 8));
    expect(error.data.length).to.equal(576 - 28);
  });

  it('the time does not start again with each fragment (1122-7)', () => {
    const whole = pattern(2000);
    fragment(whole, 0, 800, { protocol: 17 });
    world.advance(50);
    fragment(whole, 800, 1600, { protocol: 17 });
    expect(world.advance(11)).to.have.length(1);
  });

  it('the error goes to the Ethernet address of the fragments, though their memory has been used again', () => {
    world = new InternetWorld().started(); // it knows no neighbour
    const payload = ping(100).slice(0, 64);
    const packet = ipv4({ source: PEER, destination: OURS, protocol: 1, payload, more: true });
    const frame = new IncomingFrame(ethernet(OUR_MAC, PEER_MAC, 0x0800, packet));
    frame.to = frame.bytes.length;
    world.layer.receive(frame);
    frame.bytes.fill(0x42);
    const [sent] = world.advance(61).map(({ bytes }) => readIcmp(bytes));
    expect(sent).to.include({ type: 11, code: 1 });
    expect(sent!.ip.ethernetTo).to.equal(PEER_MAC);
  });

  it('the least TTL of all fragments counts (RFC 5082)', () => {
    const whole = pattern(64);
    for (const ttls of [
      [255, 254],
      [254, 255],
    ]) {
      fragment(whole, 0, 32, { protocol: 6, id: ttls[0], ttl: ttls[0] });
      fragment(whole, 32, 64, { protocol: 6, id: ttls[0], ttl: ttls[1] });
    }
    expect(world.received.map(({ ttl }) => ttl)).to.deep.equal([254, 254]);
  });

  it('the last fragment alone: nothing is sent when its time is over (1122-7)', () => {
    fragment(pattern(2000), 1600, 2000, { protocol: 17 });
    expect(world.advance(200)).to.have.length(0);
    expect(world.statistics.reassembly.timedOut).to.equal(1);
  });

  it('exact duplicates are harmless (791-3)', () => {
    const whole = pattern(96);
    for (const [from, to] of [
      [0, 32],
      [0, 32],
      [64, 96],
      [64, 96],
      [32, 64],
    ] as [number, number][]) {
      fragment(whole, from, to, { protocol: 6 });
    }
    expect(world.received.map((packet) => packet.payload)).to.deep.equal([whole]);
  });

  for (const [what, pieces] of [
    [
      'a later fragment inside an earlier one (teardrop)',
      [
        [0, 64],
        [24, 40],
      ],
    ],
    [
      'a fragment that covers another',
      [
        [16, 32],
        [0, 64],
      ],
    ],
    [
      'two fragments that share eight bytes',
      [
        [0, 32],
        [24, 64],
      ],
    ],
    [
      'the same start with another length',
      [
        [0, 32],
        [0, 40],
      ],
    ],
  ] as [string, [number, number][]][]) {
    it(`${what} condemns the datagram, and what comes later of it (791-3)`, () => {
      const whole = pattern(96);
      for (const [from, to] of pieces) fragment(whole, from, to, { protocol: 6 });
      for (const [from, to] of [
        [0, 32],
        [32, 64],
        [64, 96],
      ] as [number, number][]) {
        expect(fragment(whole, from, to, { protocol: 6 })).to.have.length(0);
      }
      expect(world.received).to.have.length(0);
      expect(world.statistics.reassembly.invalid).to.equal(1);
    });
  }

  it('two different ends, or data behind the end, condemn the datagram (791-3)', () => {
    const whole = pattern(96);
    world.ip({ payload: whole.slice(64), offset: 64, more: false, id: 1 });
    world.ip({ payload: whole.slice(0, 32), offset: 96, more: true, id: 1 });
    world.ip({ payload: whole.slice(0, 64), offset: 0, more: true, id: 1 });
    world.ip({ payload: whole.slice(64), offset: 64, more: false, id: 2 });
    world.ip({ payload: whole.slice(32, 48), offset: 32, more: false, id: 2 });
    world.ip({ payload: whole.slice(0, 32), offset: 0, more: true, id: 2 });
    expect(world.received).to.have.length(0);
    expect(world.statistics.reassembly.invalid).to.equal(2);
  });

  it('a fragment past 65,535 bytes is dropped (ping of death) (791-3)', () => {
    expect(world.ip({ protocol: 1, payload: pattern(100), offset: 65_480, more: false })).to.have.length(0);
    expect(world.statistics.reassembly.invalid).to.equal(1);
    expect(world.layer.nextDeadline()).to.equal(Number.POSITIVE_INFINITY);
  });

  it('a fragment that is not the last with a length that is no multiple of 8 is dropped', () => {
    world.ip({ payload: pattern(30), offset: 0, more: true });
    world.ip({ payload: pattern(8), offset: 32, more: false });
    expect(world.received).to.have.length(0);
    expect(world.statistics.reassembly.invalid).to.equal(1);
  });

  it('20,000 first fragments leave memory bounded, and a whole datagram still gets through (791-3)', () => {
    world = new InternetWorld({ reassemblyBytes: 1024 * 1024 }).started();
    const payload = pattern(1480);
    for (let i = 0; i < 20_000; i++) {
      world.ip({ payload, more: true, id: i & 0xffff, source: `10.${(i >> 16) + 1}.1.1` });
    }
    const { evicted } = world.statistics.reassembly;
    expect(evicted).to.equal(20_000 - MAX_DATAGRAMS);
    const whole = pattern(3000);
    for (let from = 0; from < 3000; from += 1000) {
      fragment(whole, from, from + 1000, { protocol: 6, source: PEER, destination: OURS });
    }
    expect(world.received).to.have.length(1);
  });

  it('large datagrams in progress are given up, oldest first, at the memory bound (791-3)', () => {
    world = new InternetWorld({ reassemblyBytes: 256 * 1024 }).started();
    for (let id = 0; id < 10; id++) world.ip({ payload: pattern(1480), offset: 60_000, more: false, id });
    expect(world.statistics.reassembly.evicted).to.be.within(5, 7);
  });

  it('CE on one fragment marks the whole; CE beside not-ECT drops it (3168-4)', () => {
    const whole = pattern(64);
    fragment(whole, 0, 32, { protocol: 6, id: 1, tos: 0xb9 });
    fragment(whole, 32, 64, { protocol: 6, id: 1, tos: 0xbb });
    expect(world.received.pop()!.trafficClass).to.equal(0xbb);
    fragment(whole, 0, 32, { protocol: 6, id: 2, tos: 2 });
    fragment(whole, 32, 64, { protocol: 6, id: 2, tos: 2 });
    expect(world.received.pop()!.trafficClass).to.equal(2);
    fragment(whole, 0, 32, { protocol: 6, id: 3, tos: 0 });
    fragment(whole, 32, 64, { protocol: 6, id: 3, tos: 3 });
    expect(world.received).to.have.length(0);
  });
});
