import { expect } from 'chai';
import * as arp from '../../../src/net/wire/arp.js';
import * as ethernet from '../../../src/net/wire/ethernet.js';
import { FramePrinter } from '../../../src/serve/worker/frame-printer.js';

describe('frame printer', () => {
  it('writes a line with the time of day to the microsecond, interface, direction and what the frame is', () => {
    const mac = Uint8Array.of(2, 0, 0, 0, 0, 1);
    const frame = new Uint8Array(ethernet.HEADER_BYTES + arp.PACKET_BYTES);
    ethernet.emit(frame, 0, ethernet.BROADCAST, mac, ethernet.TYPE_ARP);
    arp.emit(frame, ethernet.HEADER_BYTES, arp.REQUEST, mac, 0x0a4d0001, new Uint8Array(6), 0x0a4d0002);
    const lines: string[] = [];
    const printer = new FramePrinter('fp0', Date.UTC(2026, 0, 2, 3, 4, 5, 6) * 1_000, (line) => lines.push(line));
    const traced = { bytes: frame, from: 0, to: frame.length, checksumPartial: false, segmentBytes: 0 };
    printer.print({ ...traced, direction: 'in', time: 7, dropped: false });
    printer.print({ ...traced, direction: 'out', time: 1_000_000, dropped: true });
    expect(lines).to.deep.equal([
      '03:04:05.006007 fp0 in  ARP, Request who-has 10.77.0.2 tell 10.77.0.1, length 28\n',
      '03:04:06.006000 fp0 out ARP, Request who-has 10.77.0.2 tell 10.77.0.1, length 28 (dropped)\n',
    ]);
  });
});
