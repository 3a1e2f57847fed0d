/** What the capture cut off is not made up: a cut frame has the fields that are there, and no others. */
import { expect } from 'chai';
import type { Dissection } from '../../src/dissect/field.js';
import { exampleFrames } from '../support/example-frames.js';
import { exchange } from '../support/exchange.js';
import {
  dissectOne,
  ethernet,
  hex,
  ipv4,
  ipv6,
  join,
  PING,
  tcp,
  udp,
  V6_DESTINATION,
  V6_SOURCE,
} from '../support/layered-frames.js';

/** A verdict is another where not all is there; these fields say how much is there, or were read from a whole line. */
const MAY_DIFFER = /\.status$|^data|^http\.|^tcp\.analysis|^ipv6\.ext\.data|^ah\.icv|^dhcp\.option\.value/;

function fieldsOf(dissection: Dissection): Set<string> {
  const fields = dissection.layers.flatMap((layer) => layer.fields);
  return new Set(
    fields
      .filter(({ name }) => !MAY_DIFFER.test(name))
      .map(({ name, value, from, to }) => `${name} ${value} [${from},${name === 'tcp.len' ? '' : to})`),
  );
}

const FRAMES = [
  ...exampleFrames(),
  ...exchange(),
  ethernet(
    0x86dd,
    ipv6(
      60,
      join(
        hex('06 02 0102 0000 c910'),
        new Uint8Array(16),
        tcp(1, 2, 'GET / HTTP/1.1\r\nA: b\r\n\r\n', V6_SOURCE, V6_DESTINATION),
      ),
    ),
  ),
  ethernet(0x0800, ipv4(6, tcp(1, 2, 'x'), { options: hex('83 07 04 0a000009 00') })),
  ethernet(
    0x0800,
    ipv4(17, udp(1, 4789, join(hex('08000000 00006400'), ethernet(0x8100, join(hex('7064 0800'), PING))))),
  ),
  ethernet(0x0800, ipv4(47, join(hex('3000 6558 0000002a 00000001'), ethernet(0x8847, join(hex('00010140'), PING))))),
  ethernet(
    0x0800,
    ipv4(17, udp(53, 1, hex('1267 8180 0001 0001 0000 0000 0161 00 0001 0001 c00c 0001 0001 0000003c 0004 c0000201'))),
  ),
];

describe('dissector: cut frames', () => {
  it('have no field that the whole frame does not have, and none beyond their end', () => {
    let compared = 0;
    for (const [i, bytes] of FRAMES.entries()) {
      const whole = fieldsOf(dissectOne(bytes));
      for (let length = 0; length < bytes.length; length++) {
        const cut = dissectOne({ bytes: bytes.subarray(0, length), originalLength: bytes.length });
        const made = [...fieldsOf(cut)].filter((field) => !whole.has(field));
        expect(made, `frame ${i} cut at ${length}`).to.deep.equal([]);
        const end = Math.max(0, ...cut.layers.flatMap((layer) => layer.fields.map(({ to }) => to)));
        expect(end, `frame ${i} cut at ${length}`).to.be.at.most(length);
        compared += fieldsOf(cut).size;
      }
    }
    expect(compared).to.be.greaterThan(20_000);
  });

  it('have the length of a super-segment, which no header says: all that was on the wire', () => {
    const bytes = ethernet(0x0800, ipv4(6, tcp(1, 2, 'x'.repeat(1_000))));
    bytes.fill(0, 16, 18);
    const { layers, summary } = dissectOne({ bytes: bytes.subarray(0, 100), originalLength: bytes.length });
    const [length] = layers.flatMap(({ fields }) => fields.filter(({ name }) => name === 'tcp.len'));
    expect(length?.value).to.equal(1_000);
    expect(summary).to.include('length 1000');
  });

  it('are no fault of the sender: only that they are cut is said', () => {
    for (const [i, bytes] of FRAMES.entries()) {
      const known = new Set(dissectOne(bytes).layers.flatMap(({ problems }) => problems));
      for (let length = 0; length < bytes.length; length++) {
        const cut = dissectOne({ bytes: bytes.subarray(0, length), originalLength: bytes.length });
        for (const problem of cut.layers.flatMap(({ problems }) => problems))
          if (!known.has(problem)) expect(problem, `frame ${i} cut at ${length}`).to.match(/^cut short/);
      }
    }
  });
});
