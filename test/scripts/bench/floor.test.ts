import { expect } from 'chai';
import { FloorResponder } from '../../../scripts/bench/servers/floor-responder.js';
import { IncomingFrame } from '../../../src/net/device/frame.js';
import { SummedBytes } from '../../../src/net/wire/summed-bytes.js';
import { FakeDevice, OUR_MAC } from '../../support/fake-device.js';
import { arp, BROADCAST_MAC, ethernet, ipv4, PEER_MAC, pattern, readArp, readIp } from '../../support/packets.js';
import { flagLetters, tcpOptions, tcpSegment } from '../../support/tcp-segment.js';

const [PEER, OURS] = ['10.0.0.1', '10.0.0.2'];
const ANSWER = pattern(100_000);
const LAST = pattern(50, 9);

interface Sent {
  flags: string;
  sequence: number;
  acknowledgment: number;
  data: Uint8Array;
}

class World {
  readonly device = new FakeDevice();
  readonly #floor: FloorResponder;

  constructor(superSegmentBytes: number) {
    this.device.offload = { checksum: true, superSegmentBytes };
    const answers = { keepAlive: SummedBytes.plain(ANSWER), close: SummedBytes.plain(LAST) };
    this.#floor = new FloorResponder(this.device, new Map([['/a', answers]]));
  }

  arrives(bytes: Uint8Array): Uint8Array[] {
    const frame = new IncomingFrame(bytes);
    frame.to = bytes.length;
    this.#floor.receive(frame);
    return this.device.takeSent();
  }

  /** A segment of the peer's; its sequence numbers begin at 0, ours at 1,000,000. */
  segment(flags: string, sequence: number, acknowledgment: number, text = '', window = 65_535): Sent[] {
    const options = flags === 'S' ? tcpOptions({ mss: 1460, wscale: 0 }) : [];
    const fields = { sourcePort: 4000, destinationPort: 80, flags, sequence, acknowledgment, window, options };
    const payload = tcpSegment({ ...fields, data: Buffer.from(text) }, () => new Uint8Array(12));
    return this.arrives(
      ethernet(OUR_MAC, PEER_MAC, 0x0800, ipv4({ source: PEER, destination: OURS, protocol: 6, payload })),
    ).map(read);
  }
}

function read(frame: Uint8Array): Sent {
  const { payload } = readIp(frame);
  const view = new DataView(payload.buffer, payload.byteOffset);
  return {
    flags: flagLetters(payload[13]!),
    sequence: view.getUint32(4) - 1_000_000,
    acknowledgment: view.getUint32(8),
    data: payload.slice((payload[12]! >> 4) * 4),
  };
}

describe('the floor responder of the benchmark', () => {
  it('answers ARP for any address', () => {
    const request = arp({ operation: 1, senderMac: PEER_MAC, sender: PEER, target: OURS });
    const [frame] = new World(65_535).arrives(ethernet(BROADCAST_MAC, PEER_MAC, 0x0806, request));
    expect(readArp(frame!)).to.include({ operation: 2, senderMac: OUR_MAC, sender: OURS, target: PEER });
  });

  it('answers a request in super-segments as large as the device takes, within the window', () => {
    const world = new World(40 * 1460);
    expect(world.segment('S', 0, 0)[0]).to.include({ flags: 'S.', sequence: 0, acknowledgment: 1 });
    expect(world.segment('.', 1, 1_000_001)).to.deep.equal([]);
    const first = world.segment('P.', 1, 1_000_001, 'GET /a HTTP/1.1\r\n\r\n');
    expect(first.map(({ data }) => data.length)).to.deep.equal([40 * 1460, 4 * 1460]);
    expect(first[0]).to.include({ flags: '.', sequence: 1, acknowledgment: 20 });
    const rest = world.segment('.', 20, 1_000_001 + 44 * 1460);
    expect(rest.map(({ data }) => data.length)).to.deep.equal([100_000 - 44 * 1460]);
    expect(rest[0]!.flags).to.equal('P.');
    const all = Buffer.concat([...first, ...rest].map(({ data }) => data));
    expect(all.equals(Buffer.from(ANSWER))).to.equal(true);
  });

  it('sends nothing into a closed window, and goes on when it opens', () => {
    const world = new World(65_535);
    world.segment('S', 0, 0);
    expect(world.segment('P.', 1, 1_000_001, 'GET /a HTTP/1.1\r\n\r\n', 0)).to.deep.equal([]);
    expect(world.segment('.', 20, 1_000_001)[0]!.data.length).to.equal(44 * 1460);
  });

  it('closes after the answer when the request says so', () => {
    const world = new World(65_535);
    world.segment('S', 0, 0);
    const [answer] = world.segment('P.', 1, 1_000_001, 'GET /a HTTP/1.1\r\nConnection: close\r\n\r\n');
    expect(answer!.flags).to.equal('FP.');
    expect(Buffer.from(answer!.data).equals(Buffer.from(LAST))).to.equal(true);
    const [last] = world.segment('F.', 39, 1_000_052);
    expect(last).to.include({ flags: '.', sequence: 52, acknowledgment: 40 });
    expect(world.segment('.', 40, 1_000_052)).to.deep.equal([]);
  });
});
