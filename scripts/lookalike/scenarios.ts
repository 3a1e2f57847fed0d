/**
 * What is played to both servers: clients that are odd, old, lossy or hostile. Each scenario returns what happened to
 * the client, in lines that must be the same for both stacks (observations.ts says what is left out).
 */
import type { Conversation, Heard } from './conversation.js';
import { acknowledged, type bare, each, kindOfTime, rhythm, stream } from './observations.js';

export interface Scenario {
  readonly name: string;
  readonly port?: number;
  readonly play: (talk: Conversation) => string[];
  /** Takes seconds. */
  readonly slow?: boolean;
  /** Why the answers differ, where they do and may. */
  readonly explained?: string;
}

/** Bytes of a keep-alive answer and one that closes, the same from both servers. */
export const ANSWER_BYTES = 20_000;
const GET = 'GET /page.bin HTTP/1.1\r\nHost: x\r\n\r\n';
const GET_AND_CLOSE = 'GET /page.bin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';

/** Long enough for an answer on a busy machine; it is over when nothing comes for longer than a delayed ACK waits. */
const ANSWER = 1500;
const QUIET = 150;

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'an ordinary request',
    play(talk) {
      const synAck = talk.open({ mss: 1460, sackOk: true, ts: [1, 0], wscale: 7 });
      const { mss, sackOk, ts } = synAck.segment;
      const options = `mss ${mss}, SACK ${sackOk}, TS echo ${ts?.[1]}, DF ${synAck.segment.dontFragment}, TTL ${synAck.segment.ttl}`;
      return [`SYN-ACK ${synAck.ack}: ${options}, id ${synAck.segment.id}`];
    },
  },
  {
    name: 'a request without PSH, in two halves 150 ms apart',
    play(talk) {
      talk.open();
      talk.say('.', { data: GET.slice(0, 15) });
      const first = talk.listen(150);
      talk.say('.', { data: GET.slice(15) });
      return [acknowledged(first), stream(first), ...answerOf(talk)];
    },
  },
  {
    name: 'a request byte by byte, each with PSH',
    play(talk) {
      talk.open();
      for (const byte of GET) talk.say('P.', { data: byte });
      return answerOf(talk);
    },
  },
  {
    name: 'two requests in one segment, the second cut',
    play(talk) {
      talk.open();
      talk.say('P.', { data: GET + GET.slice(0, 9) });
      const first = answer(talk);
      talk.say('P.', { data: GET.slice(9) });
      return [stream(first), ...answerOf(talk)];
    },
  },
  {
    name: 'an MSS of 88',
    play(talk) {
      talk.open({ mss: 88 });
      talk.say('P.', { data: GET });
      const heard = answer(talk);
      return [
        stream(heard),
        `largest segment: ${Math.max(...heard.map(({ length }) => length)) <= 88 ? 'within 88' : 'more'}`,
      ];
    },
  },
  {
    name: 'no MSS option',
    play(talk) {
      talk.open({});
      talk.say('P.', { data: GET });
      const heard = answer(talk);
      return [
        stream(heard),
        `largest segment: ${Math.max(...heard.map(({ length }) => length)) <= 536 ? 'within 536' : 'more'}`,
      ];
    },
  },
  {
    name: 'a first window: what comes before anything is acknowledged',
    play(talk) {
      talk.open();
      talk.say('P.', { data: GET });
      const heard = talk.listen(8, { acknowledge: false });
      return [`about ${Math.round(Math.max(...heard.map(({ seq, length }) => seq + length)) / 1500)} segments`];
    },
  },
  {
    name: 'a request that comes twice',
    play(talk) {
      talk.open({ mss: 1460, sackOk: true });
      talk.say('P.', { data: GET });
      const answer = answerOf(talk);
      talk.say('P.', { data: GET, seq: 1 });
      return [...answer, ...each(talk.listen(150))];
    },
  },
  {
    name: 'a request in three pieces that overlap, the last first',
    play(talk) {
      talk.open({ mss: 1460, sackOk: true });
      talk.say('P.', { data: GET.slice(20), seq: 21 });
      const gap = talk.listen(100);
      talk.say('.', { data: GET.slice(0, 12), seq: 1 });
      talk.say('.', { data: GET.slice(5, 25), seq: 6 });
      return [...each(gap), ...answerOf(talk)];
    },
  },
  {
    name: 'a FIN right behind the request (half-close)',
    play(talk) {
      talk.open();
      talk.say('FP.', { data: GET });
      return answerOf(talk);
    },
  },
  {
    name: 'a FIN that overtakes the request',
    play(talk) {
      talk.open({ mss: 1460, sackOk: true });
      talk.say('F.', { seq: 1 + GET.length });
      const early = talk.listen(100);
      talk.say('P.', { data: GET, seq: 1 });
      return [`before: ${stream(early)}, ${acknowledged(early)}`, ...answerOf(talk)];
    },
  },
  {
    name: 'the server closes first, the client says nothing for 2 s, then closes',
    slow: true,
    play(talk) {
      talk.open();
      talk.say('P.', { data: GET_AND_CLOSE });
      const answer = answerOf(talk);
      const silence = talk.listen(2000);
      talk.say('F.');
      return [...answer, ...each(silence), ...each(talk.listen(150))];
    },
  },
  {
    name: 'a closed connection hears its FIN again, then a later SYN (TIME-WAIT)',
    play(talk) {
      talk.open();
      talk.say('P.', { data: GET_AND_CLOSE });
      answer(talk);
      talk.say('F.');
      talk.listen(100);
      talk.say('F.', { seq: talk.next - 1 });
      const again = each(talk.listen(100));
      talk.say('S', { seq: talk.next + 100_000 }, { mss: 1460 });
      return [...again, ...talk.listen(100, { acknowledge: false }).map(({ flags }) => flags)];
    },
  },
  {
    name: 'in TIME-WAIT a restarted client with a lower number: an ACK, its exact reset, and it is let in',
    play(talk) {
      talk.open();
      talk.say('P.', { data: GET_AND_CLOSE });
      answer(talk);
      talk.say('F.');
      talk.listen(100);
      const { next } = talk;
      talk.say('S', { seq: -500_000 }, { mss: 1460 });
      const early = each(talk.listen(100, { acknowledge: false }));
      talk.say('R', { seq: next + 1 });
      talk.say('R', { seq: next });
      talk.say('S', { seq: -500_000 }, { mss: 1460 });
      return [...early, ...talk.listen(100, { acknowledge: false }).map(({ flags }) => flags)];
    },
  },
  {
    name: 'in TIME-WAIT: five bare ACKs from before the window',
    play(talk) {
      talk.open();
      talk.say('P.', { data: GET_AND_CLOSE });
      answer(talk);
      talk.say('F.');
      talk.listen(100);
      for (let i = 0; i < 5; i++) talk.say('.', { seq: talk.next - 1 });
      return each(talk.listen(100));
    },
  },
  {
    name: 'a request in twenty segments of 100 bytes without PSH: how far each ACK goes',
    play(talk) {
      talk.open();
      const request = `${GET.slice(0, -2)}X-Long: ${'x'.repeat(2000)}`;
      const acks: string[] = [];
      for (let i = 0; i < 20; i++) {
        talk.say('.', { data: request.slice(100 * i, 100 * (i + 1)) });
        for (const { ack } of talk.listen(5)) acks.push(`${ack}`);
      }
      return [acks.join(' ')];
    },
  },
  {
    name: 'segments of odd lengths, a scaled window: does the edge that was told move left?',
    play(talk) {
      const { segment } = talk.open({ mss: 1460, wscale: 7 });
      const scale = segment.wscale ?? 0;
      let edge = 0;
      let back = 0;
      talk.say('P.', { data: GET.slice(0, -2) });
      for (let i = 0; i < 40; i++) {
        talk.say('.', { data: `X-${i}: ${'y'.repeat(131 + i)}\r\n` });
        for (const { ack, segment: heard } of talk.listen(5)) {
          const told = ack + heard.window * 2 ** scale;
          if (told < edge) back++;
          edge = told;
        }
      }
      return [`moved left: ${back > 0}`];
    },
  },
  {
    name: 'a window that shrinks to nothing with data in flight, and opens after 1.5 s',
    slow: true,
    play(talk) {
      talk.open();
      talk.say('P.', { data: GET, window: 6000 });
      const first = talk.listen(60, { acknowledge: false });
      talk.say('.', { ack: 1461, window: 0 });
      const shut = talk.listen(1500, { acknowledge: false });
      talk.heardTo = Math.max(...first.map(({ seq, length }) => seq + length));
      talk.say('.');
      const rest = answer(talk);
      return [
        `new data while shut: ${shut.some(({ seq, length }) => length > 0 && seq > 6000) ? 'yes' : 'no'}`,
        `asked or resent while shut: ${shut.length > 0 ? 'yes' : 'no'}`,
        stream([...first, ...rest]),
      ];
    },
  },
  {
    name: 'a window of nothing for 3.5 s: how it is asked for',
    slow: true,
    play(talk) {
      talk.open();
      talk.say('P.', { data: GET, window: 0 });
      const asked = talk.listen(3500, { acknowledge: false }).filter(({ seq }) => seq === 0);
      talk.say('.');
      return [
        rhythm(asked),
        ...new Set(asked.map(({ flags, seq, length }) => `${flags} seq ${seq} length ${length}`)),
        ...answerOf(talk),
      ];
    },
  },
  {
    name: 'a SYN and then nothing for 3.5 s',
    slow: true,
    play(talk) {
      talk.say('S', {}, { mss: 1460 });
      const later = talk.listen(3600, { acknowledge: false }).slice(1);
      talk.say('R', { seq: talk.next });
      return [`resent: ${later.map(({ after }) => `${Math.round(after / 1000)} s`).join(', ')}`];
    },
  },
  {
    name: 'an answer that is never acknowledged for 2 s: the first segment goes again, ever later',
    slow: true,
    play(talk) {
      talk.open();
      talk.say('P.', { data: GET });
      const heard = talk.listen(2200, { acknowledge: false });
      const first = heard.filter(({ seq, length }) => seq === 1 && length > 0);
      talk.heardTo = 1 + ANSWER_BYTES;
      return [`sent ${first.length} times`, rhythm(first.slice(1))];
    },
  },
  {
    name: 'an answer to a client with SACK that is never acknowledged: its end goes again first',
    slow: true,
    play(talk) {
      talk.open({ mss: 1460, sackOk: true });
      talk.say('P.', { data: GET });
      const heard = talk.listen(450, { acknowledge: false });
      talk.heardTo = 1 + ANSWER_BYTES;
      // A busy machine makes one time-out more or less within the wait: which segment is first, and when, is what
      // counts.
      const again = heard
        .filter(({ seq }, i) => heard.some((other, j) => j < i && other.seq + other.length > seq))
        .slice(0, 1);
      return again.map(({ seq, after }) => `${seq === 1 ? 'the first' : 'a later'} segment ${kindOfTime(after)}`);
    },
  },
  {
    name: 'three duplicate ACKs',
    play(talk) {
      talk.open();
      talk.say('P.', { data: GET });
      talk.listen(30, { acknowledge: false });
      for (let i = 0; i < 3; i++) talk.say('.', { ack: 1461 });
      talk.say('.', { ack: 1461 });
      const heard = talk.listen(100, { acknowledge: false });
      const again = heard.filter(({ seq }) => seq <= 1461 + 1460);
      return [`resent ${again.length > 0 ? kindOfTime(again[0]!.after) : 'never'}`];
    },
  },
  {
    name: 'an ACK of what was never sent',
    play(talk) {
      talk.open();
      talk.say('.', { ack: 50_000 });
      return each(talk.listen(100));
    },
  },
  {
    name: 'data from before the window',
    play(talk) {
      talk.open();
      talk.say('.', { data: 'x', seq: 0, ack: 1 });
      return each(talk.listen(100));
    },
  },
  {
    name: 'data from far beyond the window',
    play(talk) {
      talk.open();
      talk.say('.', { data: 'x', seq: 10_000_000, ack: 1 });
      talk.next = 1;
      return each(talk.listen(100));
    },
  },
  {
    name: 'a keep-alive probe, empty and with a byte',
    play(talk) {
      talk.open();
      talk.say('.', { seq: 0 });
      const empty = talk.listen(100);
      talk.listen(600);
      talk.say('.', { seq: 0, data: 'x' });
      return [...each(empty), ...each(talk.listen(100))];
    },
  },
  {
    name: 'a SYN in an open connection',
    play(talk) {
      talk.open();
      talk.say('S', { seq: 5000 });
      talk.next = 1;
      const challenge = each(talk.listen(100));
      talk.say('P.', { data: GET });
      return [...challenge, ...answerOf(talk)];
    },
  },
  {
    name: 'a RST inside the window but not exact, then an exact one',
    play(talk) {
      talk.open();
      talk.say('R', { seq: 1000 });
      const challenge = each(talk.listen(100));
      talk.say('R', { seq: 1 });
      const exact = each(talk.listen(100));
      talk.say('P.', { data: GET, seq: 1 });
      return [...challenge, ...exact, ...each(talk.listen(100))];
    },
  },
  {
    name: 'a RST outside the window',
    play(talk) {
      talk.open();
      talk.say('R', { seq: 100_000_000 });
      const silence = each(talk.listen(100));
      talk.say('P.', { data: GET });
      return [...silence, ...answerOf(talk)];
    },
  },
  {
    name: 'flags that make no sense in an open connection: none, FIN alone, SYN+FIN, all',
    play(talk) {
      talk.open();
      const lines: string[] = [];
      for (const flags of ['-', 'F', 'FPU', 'SF']) {
        talk.say(flags, { seq: 1 });
        talk.next = 1;
        lines.push(`${flags}: ${each(talk.listen(80)).join('; ')}`);
        talk.listen(500);
      }
      return lines;
    },
  },
  {
    name: 'segments for a closed port',
    port: 81,
    play(talk) {
      return ['S', '.', 'FPU', 'R', 'SF', 'F.', '-'].map((flags) => {
        talk.say(flags, { seq: 100 });
        return `${flags}: ${talk.listen(60, { acknowledge: false }).map(resetForm).join('; ') || 'nothing'}`;
      });
    },
  },
  {
    name: 'segments other than SYN for a port that listens',
    play(talk) {
      return ['.', 'FPU', 'R', 'SF', 'SR', 'F.', 'S.', '-'].map((flags) => {
        talk.say(flags, { seq: 100 });
        return `${flags}: ${talk.listen(60, { acknowledge: false }).map(resetForm).join('; ') || 'nothing'}`;
      });
    },
  },
  {
    name: 'a SYN that asks for ECN, and half of such a wish',
    play(talk) {
      talk.say('SEW', {}, { mss: 1460 });
      const granted = talk.listen(100, { acknowledge: false, first: true });
      talk.say('R', { seq: 1 });
      talk.next = 0;
      talk.say('SE', {}, { mss: 1460 });
      return [...granted, ...talk.listen(100, { acknowledge: false, first: true })].map(({ flags }) => flags);
    },
  },
  {
    name: 'a SYN with data',
    play(talk) {
      talk.say('S', { data: GET }, { mss: 1460 });
      const synAck = talk.listen(100, { acknowledge: false, first: true });
      talk.say('P.', { data: GET, seq: 1 });
      return [...synAck.map(({ flags, ack }) => `${flags} ack ${ack}`), ...answerOf(talk)];
    },
  },
  {
    name: 'a SYN twice, then its ACK with the request',
    play(talk) {
      talk.say('S', {}, { mss: 1460 });
      talk.listen(50, { acknowledge: false, first: true });
      talk.say('S', { seq: 0 }, { mss: 1460 });
      const again = talk.listen(100, { acknowledge: false }).map(({ flags, ack }) => `${flags} ack ${ack}`);
      talk.say('P.', { data: GET });
      return [...again, ...answerOf(talk)];
    },
  },
  {
    name: 'in SYN-RECEIVED: another SYN, an ACK of something else, then the right one',
    play(talk) {
      talk.say('S', {}, { mss: 1460 });
      talk.listen(50, { acknowledge: false, first: true });
      talk.say('S', { seq: 500_000 }, { mss: 1460 });
      talk.next = 1;
      const other = each(talk.listen(100, { acknowledge: false }));
      talk.say('.', { ack: 77 });
      const wrong = talk.listen(100, { acknowledge: false }).map(resetForm);
      talk.say('P.', { data: GET });
      return [...other, ...wrong, ...answerOf(talk)];
    },
  },
  {
    name: 'in SYN-RECEIVED: a reset that is exact',
    play(talk) {
      talk.say('S', {}, { mss: 1460 });
      talk.listen(50, { acknowledge: false, first: true });
      talk.say('R', { seq: 1 });
      talk.say('P.', { data: GET });
      return talk.listen(100, { acknowledge: false }).map(resetForm);
    },
  },
  {
    name: 'data with an old timestamp, then with a good one',
    play(talk) {
      talk.open({ mss: 1460, ts: [1000, 0] }, { ts: [1001, 0] });
      talk.say('P.', { data: GET }, { ts: [500, 0] });
      talk.next = 1;
      const old = each(talk.listen(100));
      talk.say('P.', { data: GET }, { ts: [1002, 0] });
      const heard = talk.listen(100, { acknowledge: false });
      return [...old, `answered: ${heard.some(({ length }) => length > 0)}`];
    },
  },
  {
    name: 'data without the timestamp that was agreed on',
    play(talk) {
      talk.open({ mss: 1460, ts: [1000, 0] }, { ts: [1001, 0] });
      talk.say('P.', { data: GET });
      const heard = talk.listen(150, { acknowledge: false });
      return [`answered: ${heard.some(({ length }) => length > 0)}`];
    },
  },
  {
    name: 'a zero window, and one byte of room',
    play(talk) {
      talk.open();
      talk.say('P.', { data: GET, window: 0 });
      talk.listen(50, { acknowledge: false });
      talk.say('.', { window: 1 });
      const one = talk.listen(100, { acknowledge: false }).filter(({ length }) => length > 0);
      talk.say('.');
      return [`data into one byte of room: ${one.length}`, ...answerOf(talk)];
    },
  },
  {
    name: 'data after the server has closed and been acknowledged',
    play(talk) {
      talk.open();
      talk.say('P.', { data: GET_AND_CLOSE });
      const first = answerOf(talk);
      talk.say('P.', { data: 'more of it' });
      return [...first, ...each(talk.listen(150))];
    },
  },
  {
    name: 'an urgent byte in the request',
    play(talk) {
      talk.open();
      talk.say('PU.', { data: GET, urgent: GET.length - 1 });
      return answerOf(talk);
    },
    explained:
      'Linux takes the byte out of the stream unless a program asks for SO_OOBINLINE, so its server waits for it; fastpath leaves it in, as RFC 6093 advises',
  },
];

function answer(talk: Conversation): Heard[] {
  return talk.listen(ANSWER, { quiet: QUIET });
}

/** The whole answer, acknowledged as it comes, and what becomes of the request. */
function answerOf(talk: Conversation): string[] {
  const heard = answer(talk);
  return [stream(heard), acknowledged(heard)];
}

/** A reset by the numbers that RFC 9293 section 3.5.2 gives it. */
function resetForm({ flags, segment, ack }: Parameters<typeof bare>[0]): string {
  return `${flags} ${segment.sequence === 0 ? 'seq 0' : 'seq of the ACK'} ${flags.includes('.') ? `ack ${ack}` : ''} win ${segment.window}`;
}
