/** The cases of the lab `syn-cookies`. */
import { OutgoingFrame } from '../../net/device/frame.js';
import type { Route } from '../../net/ip/route.js';
import { BareSegment } from '../../net/tcp/block/bare-segment.js';
import type { TcpHost } from '../../net/tcp/block/host.js';
import { readCookie, sendCookie } from '../../net/tcp/life/syn-cookies.js';
import type { Listener } from '../../net/tcp/listener.js';
import { MINUTE } from '../../net/tcp/parts/cookie-jar.js';
import type { Segment } from '../../net/tcp/segment.js';
import { add, type Sequence, toSequence, toWord, ZERO } from '../../net/tcp/sequence.js';
import { IpAddress } from '../../net/wire/address.js';
import { type Case, Mismatch, same, text } from './case.js';
import { scriptCase } from './script.js';

/** A cookie that came to nothing. */
const NONE = 'undefined';
const LOCAL = IpAddress.parse('192.0.2.1');
const REMOTE = IpAddress.parse('198.51.100.7');
const [PORT, REMOTE_PORT] = [80, 50_000];
/** The client's number in its SYN, close to where the numbers wrap. */
const IRS = toSequence(0x7fffffff);

interface Meeting {
  /** When the SYN comes, and when the ACK comes: minutes of the cookie's clock. */
  readonly minutes?: readonly [number, number];
  /** The MSS of the SYN. */
  readonly mss?: number;
  /** What the hash gives. */
  readonly hash?: number;
  /** What the ACK echoes; undefined: it has no timestamps. */
  readonly echo?: number;
  /** The client's number in its SYN. */
  readonly irs?: Sequence;
  /** The bits of the cookie in which the ACK is wrong. */
  readonly flipped?: number;
}

/**
 * A client meets the student's functions: a SYN, and an ACK for the number that came. Of the host there is only what
 * these functions ask for, and its hash notes what it is asked.
 */
function meet(meeting: Meeting) {
  const { minutes: [before, after] = [8, 8], mss = 1460, hash = 0x123456, irs = IRS, echo, flipped = 0 } = meeting;
  const asked: { word: number; rest: string }[] = [];
  let now = before * MINUTE;
  const host = {
    get clock() {
      return { now };
    },
    frame: new OutgoingFrame(),
    bare: new BareSegment(0),
    settings: { timestamps: false, ecn: 'off', receiveBufferBytes: 65_536, initialReceiveBufferBytes: 65_536 },
    statistics: {},
    cookies: { note: () => {} },
    device: { offload: { checksum: true } },
    internet: { send: () => {} },
    linkMss: () => 1460,
    sequenceNumbers: {
      keyed: (local: IpAddress, port: number, remote: IpAddress, remotePort: number, word: number) => {
        asked.push({ word: word | 0, rest: `${local} ${port} ${remote} ${remotePort}` });
        return hash;
      },
    },
  } as unknown as TcpHost;
  const route = { local: LOCAL, remote: REMOTE, pseudoSum: 0 } as unknown as Route;
  const listener = { maxSegment: null, receiveBuffer: null, trafficClass: 0, timeToLive: 0 } as unknown as Listener;
  const ends = { destinationPort: PORT, sourcePort: REMOTE_PORT, flags: 0 };
  const syn = { ...ends, sequence: irs, acknowledgment: ZERO, options: { mss, hasTimestamps: false } };
  sendCookie(host, listener, route, syn as unknown as Segment);
  const iss = host.bare.sequence;
  now = after * MINUTE;
  const options = { hasTimestamps: echo !== undefined, timestampEcho: echo ?? 0x15, timestampValue: 0x2a };
  const acknowledgment = add(toSequence(toWord(iss) ^ flipped), 1);
  const ack = { ...ends, sequence: add(irs, 1), acknowledgment, options: { ...options, mss: -1 } };
  const read = readCookie(host, route, ack as unknown as Segment);
  return { asked, iss, cookie: toWord(iss) >>> 0, read };
}

/** Whether the ACK of this meeting opens a connection. */
function opens(what: string, meeting: Meeting, expected: boolean): void {
  const { read } = meet(meeting);
  same(what, read === undefined ? NONE : 'the cookie is good', expected ? 'the cookie is good' : NONE, text);
}

export const cases: readonly Case[] = [
  {
    name: 'a cookie has the minute modulo 32, the MSS class and 24 bits of the hash',
    section: 'the drawing at the top of the file',
    nudge: 'Five bits, three bits and twenty-four: no part may reach into another.',
    hint: '((minute & 31) << 27) | (mssClass << 24), and | (hash & HASH_BITS).',
    run: () => {
      const shown = (value: number) => `0x${value.toString(16).padStart(8, '0')}`;
      const some = { minutes: [40, 40], mss: 9000 } as const;
      same('the cookie of minute 40, class 7, hash 0x123456', meet(some).cookie, 0x47123456, shown);
      const full = { minutes: [32, 32], mss: 88, hash: 0x7fabcdef } as const;
      same('the cookie of minute 32, class 0, hash 0x7fabcdef', meet(full).cookie, 0x00abcdef, shown);
    },
  },
  {
    name: 'the class is the largest that is not above the MSS, and class 0 for less than all',
    section: 'RFC 9293 section 3.7.1 (MUST-16)',
    nudge: 'Three bits can say eight values. Which of them is right for a peer that takes 1000 bytes?',
    hint: 'classOf: go down from the last one while it is above mss, and stop at 0.',
    run: () => {
      for (const [mss, mssClass] of [
        [1460, 6],
        [1459, 5],
        [1000, 1],
        [9000, 7],
        [88, 0],
        [40, 0],
      ] as const) {
        same(`the class in the cookie for an MSS of ${mss}`, (meet({ mss }).cookie >>> 24) & 7, mssClass);
      }
    },
  },
  {
    name: 'a cookie comes back in the ACK: its number less one, and that of the SYN',
    section: 'RFC 4987 section 3.6',
    nudge: 'The ACK acknowledges the cookie plus one, and its own number is that of the SYN plus one.',
    hint: 'iss = add(segment.acknowledgment, -1), irs = add(segment.sequence, -1). Hash irs, and not segment.sequence.',
    run: () => {
      const { read, iss, asked } = meet({ mss: 1300 });
      if (read === undefined) throw new Mismatch('readCookie, for the ACK of a cookie', NONE, 'what is in the cookie');
      const [made, again = made] = asked;
      if (made?.word !== again?.word) throw new Mismatch('the words hashed for SYN and ACK', 'two', 'the same word');
      same('iss', toWord(read.iss), toWord(iss));
      same('irs', toWord(read.irs), toWord(IRS));
      same('mss', read.mss, 1300);
    },
  },
  {
    name: 'a number that differs from the cookie in any bit is none',
    section: 'RFC 4987 section 3.6, RFC 9293 section 3.10.7.2',
    nudge: 'Without the comparison anybody opens connections with made-up numbers, from forged addresses.',
    hint: 'Compute the whole cookie anew, with the hash, and return undefined unless it is equal to iss.',
    run: () => {
      opens('readCookie, for the cookie itself', {}, true);
      for (const bit of [0, 7, 23, 24, 26]) {
        opens(`readCookie, with bit ${bit} the other way round`, { flipped: 1 << bit }, bit >= 24);
      }
    },
  },
  {
    name: 'the age of a cookie is 0 to 2, counted modulo 32',
    section: 'RFC 4987 section 3.6, and LIFETIME_MINUTES',
    nudge:
      'The number has the minute modulo 32: 8 for minute 40. So ages count modulo 32, too. -1 is then 31: too old.',
    hint: 'age = (current - (word >>> 27)) & 31, and the minute of the cookie is current - age.',
    run: () => {
      for (const [before, after, isGood] of [
        [40, 41, true],
        [40, 42, true],
        [40, 43, false],
        [63, 64, true],
        [31, 33, true],
        [41, 40, false],
      ] as const) {
        opens(`readCookie, made in minute ${before}, back in ${after}`, { minutes: [before, after] }, isGood);
      }
    },
  },
  {
    name: 'the hash is over the four-tuple, the client’s number, the whole minute and the top',
    section: 'RFC 4987 section 3.6',
    nudge: 'What is not in the hash can be forged. The minute in the number has five bits only, and comes again.',
    hint: 'keyed(route.local, destinationPort, route.remote, sourcePort, word), word = irs ^ minute * something ^ top.',
    run: () => {
      const word = (meeting: Meeting) => meet(meeting).asked[0]?.word;
      const plain = word({});
      same('the four-tuple that is hashed', meet({}).asked[0]?.rest, `${LOCAL} ${PORT} ${REMOTE} ${REMOTE_PORT}`);
      const differs = (what: string, other: number | undefined) => {
        if (other === plain) throw new Mismatch(`the word, ${what}`, 'the same word', 'another word');
      };
      differs('for another MSS class', word({ mss: 536 }));
      differs('32 minutes later', word({ minutes: [40, 40] }));
      differs('for another number of the client', meet({ irs: toSequence(77) }).asked[0]?.word);
    },
  },
  {
    name: 'the options come back in the echo of the timestamp, and only there',
    section: 'RFC 7323 section 5.4, and Linux',
    nudge: 'Six bits: four for the scale (15 is none), one for SACK, one for ECN. Without timestamps there is nothing.',
    hint: 'kept = hasTimestamps ? timestampEcho & OPTION_BITS : NO_SCALE; scale = kept & 15, SACK is 0x10, ECN is 0x20.',
    run: () => {
      const shown = (echo?: number) => {
        const { read } = meet(echo === undefined ? {} : { echo });
        return read === undefined ? NONE : `scale ${read.windowScale}, SACK ${read.sack}, ECN ${read.ecn}`;
      };
      same('an echo of 0xffffff19', shown(0xffffff19 | 0), 'scale 9, SACK true, ECN false', text);
      same('an echo of 0x27', shown(0x27), 'scale 7, SACK false, ECN true', text);
      same('an echo of 0x1f', shown(0x1f), 'scale -1, SACK true, ECN false', text);
      same('no timestamps', shown(), 'scale -1, SACK false, ECN false', text);
    },
  },
  scriptCase('syn-cookies/opens.pkt', {
    name: 'in the whole stack: the ACK of a cookie opens the connection',
    section: 'RFC 4987 section 3.6',
    nudge: 'cookie and readCookie have to agree: the ACK acknowledges the cookie plus one.',
    hint: 'iss = acknowledgment - 1, irs = sequence - 1; compute the cookie anew for that minute and class; compare.',
  }),
  scriptCase('syn-cookies/mss.pkt', {
    name: 'in the whole stack: the MSS that comes back is never more than the peer takes',
    section: 'RFC 9293 section 3.7.1 (MUST-16)',
    nudge: 'Three bits can say eight values. Which of them is right for a peer that takes 1000 bytes?',
    hint: 'classOf: the largest class that is not more than mss; go down from the last one. The least is class 0.',
  }),
  scriptCase('syn-cookies/forged.pkt', {
    name: 'in the whole stack: a number that is no cookie of ours gets a reset',
    section: 'RFC 4987 section 3.6, RFC 9293 section 3.10.7.2',
    nudge: 'Without the comparison anybody opens connections with made-up numbers, from forged addresses.',
    hint: 'Compute the whole cookie anew, with the hash, and return undefined unless it is equal to iss.',
  }),
  scriptCase('syn-cookies/other-sequence.pkt', {
    name: 'in the whole stack: the cookie holds the client’s sequence number, too',
    section: 'RFC 4987 section 3.6',
    nudge: 'The ACK must be the one that follows this SYN: its sequence number is the SYN’s plus one.',
    hint: 'Mix toWord(irs) into the word that is hashed.',
  }),
  scriptCase('syn-cookies/old.pkt', {
    name: 'in the whole stack: a cookie is good for two minutes or so, and not for ever',
    section: 'RFC 4987 section 3.6',
    nudge: 'The minute in the number says when the cookie was made. It counts modulo 32.',
    hint: 'age = (current - (word >>> 27)) & 31; undefined if that is above LIFETIME_MINUTES.',
  }),
  scriptCase('syn-cookies/options.pkt', {
    name: 'in the whole stack: with timestamps, the window scale and SACK come back as well',
    section: 'RFC 7323 section 5.4, and Linux',
    nudge: 'The SYN-ACK’s TSval has six bits for the options. The ACK echoes it.',
    hint: 'kept = timestampEcho & OPTION_BITS; scale = kept & 15 (NO_SCALE: -1), SACK is 0x10, ECN is 0x20.',
  }),
];
