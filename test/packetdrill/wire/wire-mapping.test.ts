import { expect } from 'chai';
import type { LiveTcp } from '../../../src/packetdrill/wire/live-packet.js';
import { WireMapping } from '../../../src/packetdrill/wire/wire-mapping.js';

const SYN = 2;
const ACK = 16;
const RST = 4;

function segment(fields: Partial<LiveTcp>): LiveTcp {
  return {
    sourcePort: 80,
    destinationPort: 9,
    sequence: 0,
    acknowledgment: 0,
    flags: ACK,
    window: 0,
    urgentPointer: 0,
    options: [],
    payload: new Uint8Array(0),
    ...fields,
  };
}

const stamp = (value: number, echo: number) =>
  ({ kind: 'TS', value, echo, anyValue: false, absoluteEcho: false }) as const;

describe('packetdrill: numbers of script and wire', () => {
  it('count from both SYNs', () => {
    const mapping = new WireMapping(80, 9);
    mapping.learnRemote(1000);
    mapping.learnLocal(5_000_000);
    expect(mapping.remoteToLive(1, false)).to.equal(1001);
    expect(mapping.localToLive(1, false)).to.equal(5_000_001);
    const shown = mapping.toScript(segment({ sequence: 5_000_011, acknowledgment: 1101 }), undefined);
    expect([shown.sequence, shown.acknowledgment]).to.deep.equal([11, 101]);
  });

  it('are absolute on a SYN, for a script whose numbers do not begin at 0', () => {
    const mapping = new WireMapping(80, 9);
    mapping.learnRemote(1000);
    mapping.learnLocal(5_000_000);
    mapping.nameLocal(700);
    expect(mapping.remoteToLive(1000, true)).to.equal(1000);
    const shown = mapping.toScript(segment({ flags: SYN | ACK, sequence: 5_000_000, acknowledgment: 1001 }), undefined);
    expect([shown.sequence, shown.acknowledgment]).to.deep.equal([700, 1001]);
  });

  it('wrap at 2^32', () => {
    const mapping = new WireMapping(80, 9);
    mapping.learnLocal(0xffff_ffff);
    expect(mapping.localToLive(2, false)).to.equal(1);
    expect(mapping.toScript(segment({ sequence: 1 }), undefined).sequence).to.equal(2);
    expect(mapping.localOffset(1)).to.equal(1);
  });

  it('leave the 0 of a RST that answers a segment without ACK', () => {
    const mapping = new WireMapping(80, 9);
    mapping.learnLocal(5_000_000);
    expect(mapping.toScript(segment({ flags: RST | ACK, sequence: 0 }), undefined).sequence).to.equal(0);
    expect(mapping.toScript(segment({ flags: RST, sequence: 5_000_001 }), undefined).sequence).to.equal(1);
  });

  it('map edges of SACK blocks', () => {
    const mapping = new WireMapping(80, 9);
    mapping.learnRemote(1000);
    const { options } = mapping.toScript(segment({ options: [{ kind: 'sack', blocks: [[1101, 1201]] }] }), undefined);
    expect(options).to.deep.equal([{ kind: 'sack', blocks: [[101, 201]] }]);
  });

  it('take timestamps from the first pair on, and echoes exactly where the script has named them', () => {
    const mapping = new WireMapping(80, 9);
    const shown = (value: number, script: number) =>
      mapping.toScript(segment({ options: [stamp(value, 7)] }), [stamp(script, 7)]).options[0];
    expect(shown(90_000, 100)).to.deep.equal(stamp(100, 7));
    expect(shown(90_050, 149)).to.deep.equal(stamp(150, 7));
    expect(mapping.echoToLive(149)).to.equal(90_050);
    expect(mapping.echoToLive(120)).to.equal(90_020);
  });

  it('learn flow labels as names', () => {
    const mapping = new WireMapping(80, 9);
    expect(mapping.flowLabelMatches(1, 77)).to.equal(true);
    expect(mapping.flowLabelMatches(1, 77)).to.equal(true);
    expect(mapping.flowLabelMatches(1, 78)).to.equal(false);
    expect(mapping.flowLabelMatches(2, 77)).to.equal(false);
    expect(mapping.flowLabelMatches(3, 0)).to.equal(false);
  });
});
