/** The numbers that the lines of a drawing count from. */
import { expect } from 'chai';
import { type ForgedSegment, forgedSegment } from '../../src/browser/forge.js';
import { wordsOf } from '../../src/inspect/trace/exchange.js';
import { TcpNumbers } from '../../src/inspect/trace/tcp-numbers.js';
import { ACK, RST, SYN } from '../../src/net/wire/tcp.js';

const MAC = Uint8Array.of(2, 0, 0, 0, 0, 1);
const FORTH = { from: 0x0a000001, fromPort: 5000, to: 0x0a000002, toPort: 80 };
const BACK = { from: FORTH.to, fromPort: 80, to: FORTH.from, toPort: 5000 };

/** What a drawing says about each of these segments. */
function lines(segments: readonly ForgedSegment[]): string[] {
  const numbers = new TcpNumbers();
  return segments.map((segment) => {
    const frame = forgedSegment({ from: MAC, to: MAC }, segment);
    return wordsOf(frame, numbers.baseOf(frame)).replace(/, (win|length) .*/, '');
  });
}

describe('the sequence numbers of a drawing', () => {
  const begun: ForgedSegment[] = [
    { ...FORTH, flags: SYN, sequence: 1000 },
    { ...BACK, flags: SYN | ACK, sequence: 7000, acknowledgment: 1001 },
  ];

  it('count from the SYN of each side', () => {
    expect(lines([...begun, { ...FORTH, flags: ACK, sequence: 1001, acknowledgment: 7001 }])).to.deep.equal([
      '[S] seq 0',
      '[S.] seq 0, ack 1',
      '[.] ack 1',
    ]);
  });

  it('show windows in bytes once both sides have told their scale, and say so if the handshake was not seen', () => {
    const words = (...frames: Uint8Array[]) => {
      const numbers = new TcpNumbers();
      return frames.map((frame) => /win .*(?=, length)/.exec(wordsOf(frame, numbers.baseOf(frame)))?.[0]);
    };
    const make = (segment: ForgedSegment) => forgedSegment({ from: MAC, to: MAC }, segment);
    const data = make({ ...FORTH, flags: ACK, sequence: 1001, acknowledgment: 7001 });
    const field = /win (\d+)/.exec(wordsOf(data))?.[1];
    expect(words(data)).to.deep.equal([`win ${field} (scale unknown)`]);
    expect(words(...begun.map(make), data).at(-1)).to.equal(`win ${field}`);
  });

  it('go on when a SYN comes that is not answered by a SYN-ACK: it may be forged', () => {
    const syn = { ...FORTH, flags: SYN, sequence: -5 };
    const challenge = { ...BACK, flags: ACK, sequence: 7001, acknowledgment: 1034 };
    const reset = { ...FORTH, flags: RST, sequence: 1034 };
    expect(lines([...begun, syn, challenge, reset]).slice(2)).to.deep.equal(['[S] seq 0', '[.] ack 34', '[R] seq 34']);
  });

  it('begin again when another SYN is answered', () => {
    const syn = { ...FORTH, flags: SYN, sequence: 2 ** 31 - 1 };
    const synAck = { ...BACK, flags: SYN | ACK, sequence: 9000, acknowledgment: -(2 ** 31) };
    const reset = { ...FORTH, flags: RST, sequence: -(2 ** 31) };
    expect(lines([...begun, syn, synAck, reset]).slice(2)).to.deep.equal([
      '[S] seq 0',
      '[S.] seq 0, ack 1',
      '[R] seq 1',
    ]);
  });
});
