import { expect } from 'chai';
import { LinkView, linkText } from '../../../src/capture/format/link-layer.js';

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const MACS = '020000000002 020000000001';
const V4 = '45000014';
const V6 = '60000000';

function read(linkType: number, hex: string) {
  const view = new LinkView();
  const frame = bytes(hex);
  return view.read(linkType, frame, 0, frame.length) ? view : undefined;
}

describe('link layer', () => {
  const rows: readonly [name: string, linkType: number, frame: string, etherType: number, networkFrom: number][] = [
    ['Ethernet', 1, `${MACS} 0800 ${V4}`, 0x0800, 14],
    ['Ethernet with one VLAN tag', 1, `${MACS} 8100 0005 86dd ${V6}`, 0x86dd, 18],
    ['Ethernet with a provider tag and a customer tag', 1, `${MACS} 88a8 0005 8100 0006 0806`, 0x0806, 22],
    ['Linux cooked', 113, `0000 0001 0006 0200000000010000 0800 ${V4}`, 0x0800, 16],
    ['Linux cooked v2', 276, `86dd 0000 00000003 0001 04 06 0200000000010000 ${V6}`, 0x86dd, 20],
    ['raw IPv4', 101, V4, 0x0800, 0],
    ['raw IPv6', 12, V6, 0x86dd, 0],
    ['BSD loopback, little-endian', 0, `02000000 ${V4}`, 0x0800, 4],
    ['BSD loopback, big-endian, IPv6 of FreeBSD', 0, `0000001c ${V6}`, 0x86dd, 4],
    ['OpenBSD loopback', 108, `00000018 ${V6}`, 0x86dd, 4],
    ['BSD loopback of another family', 0, '05000000', 0, 4],
  ];
  for (const [name, linkType, frame, etherType, networkFrom] of rows) {
    it(`finds the network layer: ${name}`, () => {
      expect(read(linkType, frame)).to.include({ etherType, networkFrom });
      expect(linkText(linkType)).to.match(/^link type \d+ \(.+\)$/);
    });

    it(`refuses a header cut short: ${name}`, () => {
      for (let length = 0; length < networkFrom; length++) {
        const view = new LinkView();
        expect(view.read(linkType, bytes(frame), 0, length), `${length} bytes`).to.equal(false);
      }
    });
  }

  it('tells from a cooked header which way a frame went', () => {
    expect(read(113, '0004 0001 0006 0200000000010000 0800')!.direction).to.equal(2);
    expect(read(113, '0000 0001 0006 0200000000010000 0800')!.direction).to.equal(1);
    expect(read(1, `${MACS} 0800`)!.direction).to.equal(0);
  });

  it('knows no link but those', () => {
    expect(read(147, '00000000')).to.equal(undefined);
    expect(linkText(147)).to.equal('link type 147');
  });
});
