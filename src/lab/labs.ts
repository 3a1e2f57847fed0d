/**
 * The labs, in the order in which a course would take them. Each has its cases in judging/, and its task and packet
 * scripts in labs/ at the top of the package.
 */
import type { Lab } from './lab.js';

export const LABS: readonly Lab[] = [
  {
    name: 'checksum',
    title: 'The Internet checksum',
    file: 'net/wire/checksum.ts',
    minutes: 20,
    goal: 'add in ones’ complement, and say why the order of adding does not matter',
    read: ['RFC 1071 sections 1 to 3', 'RFC 1624 section 3'],
    holes: [
      { name: 'fold', contract: ['Add the bits above the lower 16 to the lower 16, until nothing is above them.'] },
      { name: 'finish', contract: ['Fold the sum, and invert each of its 16 bits.'] },
      {
        name: 'sum',
        contract: [
          'Add the 16-bit words of bytes[from, to), high byte first. A last odd byte is the high byte of a word.',
          'Return the folded sum. The range may have a megabyte: lose no carry.',
        ],
      },
      { name: 'update', contract: ['Equation 3 of RFC 1624, with the functions above.'] },
    ],
  },
  {
    name: 'prefix-sums',
    title: 'Prefix sums: the checksum of any interval by one subtraction',
    file: 'net/wire/summed-bytes.ts',
    minutes: 40,
    goal: 'turn a sum over many bytes into a subtraction of two table entries',
    read: ['RFC 1071 section 2', 'the drawing at the top of the file'],
    holes: [
      {
        name: 'sum',
        contract: [
          'Without a table (#prefix is null): read the bytes, and count them in account.payloadBytesRead.',
          'With one: the prefix up to `to` minus the prefix up to `from`, in ones’ complement (subtract).',
          'If `from` is odd, the bytes stand the other way round in the prefix: swap the difference.',
        ],
      },
      {
        name: '#prefixAt',
        contract: [
          'The sum of the first `at` bytes. At the end of all bytes it is #total; on a block edge, an entry of #prefix.',
          'Inside a block: that entry, and the bytes from the edge on. Count those in account.payloadBytesRead.',
        ],
      },
      {
        name: 'fillPrefixSums',
        contract: [
          'Write one entry for each block edge from 0 on: the folded sum of all blocks before it. Then the sum of all.',
          'blockSum and restSum below read the bytes of one block, and of the rest, for you.',
        ],
      },
    ],
  },
  {
    name: 'arp-cache',
    title: 'The ARP cache',
    file: 'net/ip/neighbor-cache.ts',
    minutes: 45,
    goal: 'keep a soft state: learn it, use it while it is fresh, verify it, forget it',
    read: ['RFC 826 “Packet Reception”', 'RFC 1122 section 2.3.2', 'RFC 4861 section 7.3'],
    holes: [
      {
        name: 'isReady',
        contract: [
          'Set `touched`. REACHABLE, and confirmed less than #reachableTime ago: true. If it is older, it is STALE.',
          'STALE, now that it is used: #enter DELAY for DELAY_TIME. Return whether there is an address to use.',
        ],
      },
      {
        name: 'hold',
        contract: [
          'Keep the frame in neighbor.pending (make it if it is null). If keep drops frames, tell pendingDropped.',
          'In the state NONE alone: #enter INCOMPLETE for #requestInterval, count one request, solicit all stations.',
        ],
      },
      {
        name: 'update',
        contract: ['The same address as before: nothing. Another one: copy it, STALE, and #release what waits.'],
      },
      {
        name: 'answered',
        contract: ['Copy the address. Make the neighbour STALE and confirm() it, which makes it REACHABLE. #release.'],
      },
      {
        name: '#expire',
        contract: [
          'The timer of a neighbour in INCOMPLETE, DELAY or PROBE has run out. After DELAY comes PROBE, with no request',
          'counted. With MAX_REQUESTS requests sent: #giveUp. Else count one more, set its deadline #requestInterval',
          'from now, and solicit: in PROBE the known address, else all stations.',
        ],
      },
    ],
  },
  {
    name: 'reassembly',
    title: 'Reassembly of IP fragments',
    file: 'net/ip/reassembly.ts',
    minutes: 45,
    goal: 'put pieces together that come in any order, from senders who may be hostile',
    read: ['RFC 791 section 3.2', 'RFC 1122 section 3.3.2', 'RFC 5722'],
    holes: [
      {
        name: 'add',
        contract: [
          'Count fragmentsReceived. No data, a header above HEADER_ROOM, or an end (with the header) above MAX_LENGTH:',
          'count `invalid`, return null. (For IPv6, UNCOUNTED_BYTES_V6 of the header do not count.)',
          'Find the datagram with #entry. If it is condemned, or this is a duplicate: null. If it does not fit:',
          '#condemn. Else #store; when all bytes up to the known length have come: #complete.',
        ],
      },
      {
        name: '#store',
        contract: [
          '#reserve room for HEADER_ROOM + offset + length bytes, and copy the data to HEADER_ROOM + offset.',
          'Note from, to, received; ecnSeen gets bit n for the ECN codepoint n (trafficClass & 3); `length` with the',
          'last fragment; keepHeader with the first, offset 0. leastTtl is the least of all.',
          'Last, copy the Ethernet address: copyAddress(packet.linkBytes, packet.sourceMacFrom, datagram.mac, 0). The',
          'memory of the frame is used again, so datagram.packet.linkBytes becomes datagram.mac, its sourceMacFrom 0.',
        ],
      },
      {
        name: 'isDuplicate',
        contract: [
          'True if a fragment with the same two ends came before, and `more` agrees: false for the one that ends at the',
          'known `length`, true for all others.',
        ],
      },
      {
        name: 'fits',
        contract: [
          'False if MAX_FRAGMENTS_EACH fragments are here already; if it overlaps one; if it ends beyond a `length` that is',
          'known; if it is the last one, and one that is here ends behind it.',
        ],
      },
    ],
  },
  {
    name: 'sliding-window',
    title: 'The sliding window of the receiver',
    file: 'net/tcp/send/receive-window.ts',
    minutes: 40,
    goal: 'say how much the peer may send, and avoid the silly window syndrome',
    read: ['RFC 9293 section 3.8.6', 'RFC 7323 section 2'],
    holes: [
      { name: 'receiveWindow', contract: ['How far rcv.edge lies after rcv.nxt, and 0 if it lies before it.'] },
      {
        name: 'advertiseWindow',
        contract: [
          'free = buffer - unread. It is negative if the buffer has become smaller. The room is free, and at least 0.',
          'What was offered stays offered: receiveWindow. The window is the room if that is larger than the offer by',
          'min(buffer / 2, rcv.offeredMss) at least; else the offer. In a SYN the scale is 0, else rcv.scale.',
          'Return the field: fieldFor(window, scale, free + buffer / 16), and 0xffff at most.',
          'Before that, move rcv.edge to rcv.nxt + (field << scale), but never to the left.',
        ],
      },
      {
        name: 'windowUpdateDue',
        contract: [
          'True if the room is larger than what was offered by min(buffer / 2, 2 * rcv.offeredMss) at least.',
          'The room counts no further than the field can say: 0xffff << rcv.scale.',
        ],
      },
      { name: 'windowScaleFor', contract: ['The least shift with which bufferBytes fits 16 bits; 14 at most.'] },
    ],
  },
  {
    name: 'rto',
    title: 'The retransmission time-out',
    file: 'net/tcp/parts/round-trip.ts',
    minutes: 35,
    goal: 'estimate a round trip and its variation, and wait just long enough',
    read: ['RFC 6298 sections 2 and 5', 'Jacobson and Karels, “Congestion Avoidance and Control” (1988), appendix A'],
    holes: [
      { name: 'backOff', contract: ['Count one more time-out in #backoff, and apply it.'] },
      {
        name: 'sample',
        contract: [
          'r is the sample, between 1 and LARGEST_SAMPLE; it is `latest`. First sample (SRTT is 0): section 2.2.',
          'Else section 2.3: RTTVAR first, with the SRTT of before. #smoothedTimes8 is 8 SRTT, #varianceTimes4 4 RTTVAR.',
          'Both stay integers: >> 3 and >> 2 divide.',
          '`minimum` becomes r if it is 0, or r is not above it, or it is older than MINIMUM_WINDOW. #minimumSince then',
          'becomes `now`. These stamps have 32 bits and wrap: the age is (now - this.#minimumSince) | 0.',
          'A sample ends the back-off: #backoff is 0.',
          'Last, #setRto(SRTT + 4 RTTVAR). If 4 RTTVAR is below this.#bounds.minimumRto, take that in its place:',
          'the bound is for this part alone, and not for the sum.',
        ],
      },
      {
        name: '#setRto',
        contract: ['#base is `microseconds`, between minimumRto and maximumRto. Apply the back-off.'],
      },
      {
        name: '#applyBackoff',
        contract: ['rto is #base, doubled #backoff times (which may be 40: << has 32 bits), never above maximumRto.'],
      },
    ],
  },
  {
    name: 'fast-retransmit',
    title: 'Fast retransmit',
    file: 'net/tcp/loss/duplicate-acks.ts',
    minutes: 30,
    goal: 'find a loss in the ACKs, a round trip and not a time-out after it',
    read: ['RFC 5681 section 3.2', 'RFC 6582 section 3.2'],
    holes: [
      {
        name: 'detectByDuplicates',
        contract: [
          'In the phase OPEN: with DUPLICATE_THRESHOLD duplicate ACKs or more (tcb.recovery.duplicateAcks), and if',
          'mayRecover, markFirst. In any other phase (tcb.recovery.phase): partialAck.',
        ],
      },
      {
        name: 'mayRecover',
        contract: [
          'True when SND.UNA is after the recovery point (tcb.snd.una, tcb.recovery.point). At the start of a connection',
          'the point is the ISS. True, too, when the point is after SND.NXT (tcb.snd.nxt): then it is so old that the',
          'numbers have wrapped.',
        ],
      },
      {
        name: 'partialAck',
        contract: [
          'In the phase RECOVERY alone, if the ACK acknowledged something (outcome.acked) and SND.UNA is before the',
          'recovery point: markFirst.',
        ],
      },
      {
        name: 'markFirst',
        contract: [
          'Call tcb.flight.markLost for the first record, tcb.flight.first, unless that is null or `lost` already.',
          'A record reaches from `from` up to `to`. If it has more data than tcb.snd.mss, split it behind the first MSS:',
          'tcb.flight.split(record, where). A FIN counts in `to`, and is no data: the data ends at tcb.queue.tail.',
        ],
      },
    ],
  },
  {
    name: 'cubic',
    title: 'CUBIC’s window',
    file: 'net/tcp/congestion/cubic.ts',
    minutes: 50,
    goal: 'let a window grow with time and not with round trips, and be fair to Reno',
    read: ['RFC 9438 sections 4.1 to 4.8'],
    holes: [
      {
        name: '#avoid',
        contract: [
          'window = cwnd in segments. #beginEpoch if no epoch runs (#epochStart < 0).',
          'The curve is C (t + RTT - K)^3 + W_max, with t the seconds since the epoch began, K = #inflection. The target',
          'is the curve, but at least window and at most 1.5 * window. An ACK of n segments moves the window by',
          '(target - window) / window * n. Beside it keep #renoEstimate: + alpha * n / window, alpha being ALPHA_RENO, or',
          '1 from #prior on. The new cwnd is the larger of both (Reno: at most window + n), in whole bytes.',
        ],
      },
      {
        name: '#beginEpoch',
        contract: [
          'Note when it begins; #renoEstimate = window. If the window is past W_max already: K = 0, W_max = window.',
          'Else K = cbrt((W_max - window) / C).',
        ],
      },
      {
        name: 'onCongestion',
        contract: [
          'remember() first. #prior = the window in segments. W_max is that too, or with fast convergence',
          'window * (1 + BETA) / 2 if it is below the old W_max. ssthresh = BETA * cwnd, whole bytes, two MSS at least.',
          'No epoch runs: -1.',
        ],
      },
      {
        name: 'onTimeout',
        contract: ['onCongestion(flight) if `first`. cwnd is one MSS, W_max is 0, and no epoch runs.'],
      },
    ],
  },
  {
    name: 'syn-cookies',
    title: 'SYN cookies',
    file: 'net/tcp/life/syn-cookies.ts',
    minutes: 45,
    goal: 'keep no state for strangers: let them carry it, and make sure that nobody forges it',
    read: ['RFC 4987 section 3.6', 'the drawing at the top of the file'],
    holes: [
      {
        name: 'readCookie',
        contract: [
          'iss is the acknowledgment minus 1, irs the sequence number minus 1 (add, with sequence numbers).',
          'The top five bits of iss are the minute in which it was made; how old it is counts modulo 32. Older than',
          'LIFETIME_MINUTES: undefined. The next three bits are the MSS class. Make the cookie anew for that minute',
          'and class, and compare. If timestamps came, timestampEcho & OPTION_BITS has scale, SACK and ECN (keptOptions).',
        ],
      },
      {
        name: 'cookie',
        contract: [
          'The top: minute modulo 32 in bits 27 to 31, MSS class in bits 24 to 26. Below it 24 bits (HASH_BITS) of',
          'host.sequenceNumbers.keyed(local, our port, remote, its port, word), with irs, minute and top mixed into word.',
          'segment may be the SYN or the ACK: take from it only the ports.',
        ],
      },
      { name: 'classOf', contract: ['The index of the largest MSS class that is not above mss; 0 if there is none.'] },
    ],
  },
  {
    name: 'request-scanner',
    title: 'A request head, from bytes to offsets',
    file: 'http/request/scanner.ts',
    minutes: 60,
    goal: 'write a parser that can stop at any byte, allocates nothing and cannot be smuggled past',
    read: ['RFC 9112 sections 2, 3 and 5', 'RFC 9110 section 5'],
    holes: [
      {
        name: '#scanMethod',
        contract: [
          'this.at becomes the end of the token. At `to`: INCOMPLETE. Else there must be one space, and a token: 400.',
          'Then #endMethod, with the number from methodNumber.',
        ],
      },
      {
        name: '#scanFields',
        contract: [
          'Goes from field to field. #part says where it stands: FIELD_NAME (from #nameFrom), FIELD_VALUE (from',
          '#valueFrom) or FIELD_END (CR was seen). Out of bytes: #stopAt. No colon behind a name: #endOfFields.',
          'A value ends at CR, and LF follows, else 400. Then #addField(place of the CR): false, or more than',
          'headerBytes since #headerFrom, is 431. endOfToken and endOfValue find the ends for you.',
        ],
      },
      {
        name: '#endOfFields',
        contract: [
          'Only CR, and only where a name would begin, ends the head: #part = LAST_LF and #scanLastLineFeed. Else 400.',
        ],
      },
      { name: '#scanLastLineFeed', contract: ['LF is the last byte of the head: COMPLETE, with `at` behind it.'] },
      {
        name: '#addField',
        contract: [
          'With limits.headerFields rows: false. Take the white space off both ends of #valueFrom .. end. Note the field',
          'in `seen` and `repeated` (not OTHER_FIELD), and write the row with #setRow.',
        ],
      },
    ],
  },
];

/** The lab of this name. */
export function findLab(name: string): Lab | undefined {
  return LABS.find((lab) => lab.name === name);
}
