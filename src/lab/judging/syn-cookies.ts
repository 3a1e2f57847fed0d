/** The cases of the lab `syn-cookies`. */
import { MINUTE } from '../../net/tcp/parts/cookie-jar.js';
import { type Case, Mismatch, same } from './case.js';
import { scriptCase } from './script.js';

/** Where TCP's sequence number stands in a frame with plain headers. */
const SEQUENCE_AT = 14 + 20 + 4;
const SYN_ACK = 0x12;
const FLAGS_AT = 14 + 20 + 13;
/** The time at which a script begins, on the stack's clock (packetdrill/run/world.ts). */
const SCRIPT_BEGINS = 1005 * 1_000_000;

/** The initial sequence number in the first SYN-ACK among these frames, unsigned. */
function cookieIn(frames: readonly Uint8Array[]): number {
  const frame = frames.find((bytes) => bytes[FLAGS_AT] === SYN_ACK);
  if (frame === undefined) throw new Mismatch('the frames of the stack', 'no SYN-ACK', 'a SYN-ACK');
  return new DataView(frame.buffer, frame.byteOffset, frame.length).getUint32(SEQUENCE_AT);
}

export const cases: readonly Case[] = [
  scriptCase('syn-cookies/opens.pkt', {
    name: 'the ACK of a cookie opens the connection',
    section: 'RFC 4987 section 3.6',
    nudge: 'cookie and readCookie have to agree: the ACK acknowledges the cookie plus one.',
    hint: 'iss = acknowledgment - 1, irs = sequence - 1; compute the cookie anew for that minute and class; compare.',
  }),
  scriptCase(
    'syn-cookies/opens.pkt',
    {
      name: 'the cookie begins with the minute (five bits) and the MSS class (three bits)',
      section: 'RFC 4987 section 3.6, and the drawing at the top of the file',
      nudge: 'What we have to know later is in the number itself. Nothing else is kept.',
      hint: 'top = (minute & 31) << 27 | mssClass << 24; the lower 24 bits are the hash.',
    },
    (frames) => {
      const cookie = cookieIn(frames);
      same('the minute in the cookie', cookie >>> 27, Math.floor(SCRIPT_BEGINS / MINUTE) & 31);
      same('the MSS class in the cookie, of an MSS of 1460', (cookie >>> 24) & 7, 6);
    },
  ),
  scriptCase('syn-cookies/mss.pkt', {
    name: 'the MSS that comes back is never more than the peer takes',
    section: 'RFC 9293 section 3.7.1 (MUST-16)',
    nudge: 'Three bits can say eight values. Which of them is right for a peer that takes 1000 bytes?',
    hint: 'classOf: the largest class that is not more than mss; go down from the last one. The least is class 0.',
  }),
  scriptCase('syn-cookies/forged.pkt', {
    name: 'a number that is no cookie of ours gets a reset',
    section: 'RFC 4987 section 3.6, RFC 9293 section 3.10.7.2',
    nudge: 'Without the comparison anybody opens connections with made-up numbers, from forged addresses.',
    hint: 'Compute the whole cookie anew, with the hash, and return undefined unless it is equal to iss.',
  }),
  scriptCase('syn-cookies/other-sequence.pkt', {
    name: 'the cookie holds the client’s sequence number, too',
    section: 'RFC 4987 section 3.6',
    nudge: 'The ACK must be the one that follows this SYN: its sequence number is the SYN’s plus one.',
    hint: 'Mix toWord(irs) into the word that is hashed.',
  }),
  scriptCase('syn-cookies/old.pkt', {
    name: 'a cookie is good for two minutes or so, and not for ever',
    section: 'RFC 4987 section 3.6',
    nudge: 'The minute in the number says when the cookie was made. It counts modulo 32.',
    hint: 'age = (current - (word >>> 27)) & 31; undefined if that is above LIFETIME_MINUTES.',
  }),
  scriptCase('syn-cookies/options.pkt', {
    name: 'with timestamps, the window scale and SACK come back as well',
    section: 'RFC 7323 section 5.4, and Linux',
    nudge: 'The SYN-ACK’s TSval has six bits for the options. The ACK echoes it.',
    hint: 'kept = timestampEcho & OPTION_BITS; scale = kept & 15 (NO_SCALE: -1), SACK is 0x10, ECN is 0x20.',
  }),
];
