/** The parts of a replay by themselves. */

import { expect } from 'chai';
import fc from 'fast-check';
import { readBytes } from '../../src/capture/file/input.js';
import { Clock } from '../../src/net/clock.js';
import { toSequence } from '../../src/net/tcp/sequence.js';
import { readInt32, writeUint16 } from '../../src/net/wire/bytes.js';
import { finish, sum } from '../../src/net/wire/checksum.js';
import { ACK, SYN } from '../../src/net/wire/tcp.js';
import { Conversation } from '../../src/replay/conversation.js';
import { replaceInt32 } from '../../src/replay/rebase.js';
import { StreamComparison } from '../../src/replay/stream-comparison.js';
import { Survey } from '../../src/replay/survey.js';
import { MAX_GAP, Timeline } from '../../src/replay/timeline.js';
import { makePcap } from '../support/captures.js';
import { CLIENT, exchange, SERVER, segment } from '../support/exchange.js';
import { arp, ethernet } from '../support/packets.js';

describe('rebase', () => {
  it('keeps a right checksum right, whatever word at whatever place is replaced', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 40, maxLength: 40 }),
        fc.integer({ min: 18, max: 35 }),
        fc.integer(),
        (bytes, at, value) => {
          writeUint16(bytes, 16, 0);
          writeUint16(bytes, 16, finish(sum(bytes, 0, 40)));
          replaceInt32(bytes, at, value, 16);
          expect(readInt32(bytes, at)).to.equal(value);
          expect(sum(bytes, 0, 40)).to.equal(0xffff);
        },
      ),
    );
  });

  it('keeps a wrong checksum wrong', () => {
    const bytes = new Uint8Array(40).fill(7);
    replaceInt32(bytes, 20, 1234, 16);
    expect(sum(bytes, 0, 40)).not.to.equal(0xffff);
  });
});

function conversation(sameStream: boolean): Conversation {
  const made = new Conversation(1, SERVER, 80, CLIENT, 40_000, sameStream);
  made.setRecordedIsn(toSequence(5000));
  made.setLiveIsn(toSequence(-100));
  return made;
}

describe('conversation', () => {
  it('maps acknowledgments by a constant while both say the same, across the end of the numbers', () => {
    const talk = conversation(true);
    talk.liveNext = toSequence(900);
    talk.recordedSent(toSequence(6001), true, true);
    expect(talk.mapAcknowledgment(toSequence(5001), false)).to.equal(-99);
    expect(talk.mapAcknowledgment(toSequence(5500), false)).to.equal(400);
    expect(talk.mapAcknowledgment(toSequence(6000), false)).to.equal(900);
  });

  it('never acknowledges what our stack has not sent, and remembers that it would have', () => {
    const talk = conversation(true);
    talk.live = { state: 4 };
    talk.liveNext = toSequence(0);
    talk.recordedSent(toSequence(6001), true, true);
    expect(talk.mapAcknowledgment(toSequence(6001), false)).to.equal(0);
    expect(talk.owesAcknowledgment).to.equal(false);
    talk.liveNext = toSequence(500);
    expect(talk.owesAcknowledgment).to.equal(true);
    expect(talk.owedAcknowledgment()).to.equal(500);
    expect(talk.owesAcknowledgment).to.equal(false);
  });

  it('maps a stamp to the last of ours that was sent before the recorded server used it', () => {
    const talk = conversation(true);
    for (let i = 0; i < 40; i++) {
      talk.liveStamp = 7_000 + i;
      talk.noteStamp(100 + 10 * i);
    }
    expect(talk.mapStamp(100 + 10 * 39)).to.equal(7_039);
    expect(talk.mapStamp(100 + 10 * 35 + 5)).to.equal(7_035);
    expect(talk.mapStamp(0), 'forgotten long ago').to.equal(7_039);
  });
});

describe('stream comparison', () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const push = (comparison: StreamComparison, side: 0 | 1, text: string) =>
    comparison.push(side, bytes(text), 0, text.length);

  it('finds streams equal however they are cut and whichever is ahead', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }),
        fc.array(fc.tuple(fc.boolean(), fc.nat(5)), { maxLength: 40 }),
        (text, cuts) => {
          const comparison = new StreamComparison();
          const at = [0, 0];
          for (const [first, length] of [...cuts, [true, 1e6], [false, 1e6]] as const) {
            const side = first ? 0 : 1;
            push(comparison, side, text.slice(at[side], at[side]! + length));
            at[side]! += length;
          }
          expect(comparison.difference).to.equal(undefined);
        },
      ),
    );
  });

  it('says where they differ, and what came before', () => {
    const comparison = new StreamComparison();
    push(comparison, 1, 'HTTP/1.1 404');
    push(comparison, 0, 'HTTP/1.1 200');
    expect(comparison.difference).to.equal('byte 9: recorded "2", ours "4", after "HTTP/1.1 "');
  });

  it('passes over the value of Date', () => {
    const comparison = new StreamComparison();
    push(comparison, 0, 'A: b\r\nDate: Mon, 01 Jan 2026\r\nC: d\r\n');
    push(comparison, 1, 'A: b\r\nDate: Tue, 02 Feb 2027\r\nC: e\r\n');
    expect(comparison.difference).to.contain('recorded "d", ours "e"');
  });

  it('gives up when one side is a megabyte ahead, and says so', () => {
    const comparison = new StreamComparison();
    comparison.push(0, new Uint8Array((1 << 20) + 1), 0, (1 << 20) + 1);
    expect(comparison.gaveUp).to.equal('after byte 0: one side is 1048576 bytes ahead');
  });
});

describe('survey', () => {
  const survey = (frames: readonly Uint8Array[]) => {
    const made = new Survey();
    readBytes(
      makePcap(frames.map((bytes, i) => ({ seconds: i, fraction: 0, bytes }))),
      (record) => void made.observe(record),
    );
    return made;
  };

  it('takes the host that is asked to connect for the server, and the port that answered', () => {
    const scan = [1, 2, 3].map((serverPort) => segment({ from: 'client', flags: SYN, sequence: 1, serverPort }));
    const found = survey([...scan, ...exchange()]);
    expect(String(found.server)).to.equal('10.77.0.2');
    expect(found.portsOf([SERVER]).list()).to.deep.equal([80]);
  });

  it('takes the ports that were asked where no answer was recorded', () => {
    const oneWay = exchange().filter((_, i) => i !== 1 && i !== 4 && i !== 7);
    expect(survey(oneWay).portsOf([SERVER]).list()).to.deep.equal([80]);
  });

  it('takes the speaker at the lower port where the capture begins in the middle', () => {
    const middle = [
      segment({ from: 'server', flags: ACK, sequence: 1 }),
      segment({ from: 'client', flags: ACK, sequence: 1 }),
    ];
    expect(String(survey(middle).server)).to.equal('10.77.0.2');
  });

  it('does not take for the server who is asked for by ARP, however often, while somebody speaks TCP', () => {
    const fields = { operation: 1, senderMac: '02:00:00:00:00:01', sender: '10.77.0.1', target: '10.77.0.254' };
    const question = ethernet('ff:ff:ff:ff:ff:ff', '02:00:00:00:00:01', 0x0806, arp(fields));
    const middle = exchange().slice(3);
    expect(String(survey([question, question, ...middle]).server)).to.equal('10.77.0.2');
  });
});

describe('timeline', () => {
  /** Wants to be called every `every` microseconds. */
  function ticking(clock: Clock, every: number) {
    const calls: number[] = [];
    let next = every;
    return {
      calls,
      nextDeadline: () => next,
      runTimers: () => {
        calls.push(clock.now);
        next = clock.now + every;
      },
    };
  }

  it('runs timers at their times between two frames', () => {
    const clock = new Clock();
    const stack = ticking(clock, 2_000_000);
    const timeline = new Timeline(clock, stack, () => {});
    timeline.moveTo(5e12);
    timeline.moveTo(5e12 + 6_500_000);
    expect(stack.calls).to.deep.equal([2_000_000, 4_000_000, 6_000_000]);
    expect(clock.now).to.equal(7_500_000);
  });

  it('stands still when time goes back, and shortens a gap of more than a day', () => {
    const clock = new Clock();
    const timeline = new Timeline(clock, ticking(clock, 1e15), () => {});
    timeline.moveTo(5e12);
    timeline.moveTo(4e12);
    expect(clock.now).to.equal(1_000_000);
    timeline.moveTo(9e15);
    expect(clock.now).to.equal(1_000_000 + MAX_GAP);
    expect(timeline.shortenedGaps).to.equal(1);
  });

  it('does not serve for ever a stack that always wants something', () => {
    const clock = new Clock();
    const stack = ticking(clock, 0);
    new Timeline(clock, stack, () => {}).runUntil(10);
    expect(stack.calls).to.have.length(1_000_000);
  });
});
