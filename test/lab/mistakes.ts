/**
 * Typical mistakes: small changes of the product's own file, as students make them. Each has to fail in a certain case
 * first, since that case has the hint that helps against it.
 */

export interface Mistake {
  /** What the student did. */
  readonly title: string;
  /** This text of the product's file … */
  readonly from: string;
  /** … is this instead. */
  readonly to: string;
  /** The case that fails first. */
  readonly fails: string;
}

export const MISTAKES: Readonly<Record<string, readonly Mistake[]>> = {
  checksum: [
    {
      title: 'drops the carry instead of adding it back in',
      from: '  let folded = (sum & 0xffff) + (sum >>> 16);\n  folded = (folded & 0xffff) + (folded >>> 16);',
      to: '  const folded = sum & 0xffff;',
      fails: 'fold adds the carries back in, twice if need be',
    },
    {
      title: 'reads words as the machine stores them, low byte first',
      from: 'part += (bytes[at]! << 8) | bytes[at + 1]!;',
      to: 'part += (bytes[at + 1]! << 8) | bytes[at]!;',
      fails: 'sum adds 16-bit words in network byte order',
    },
    {
      title: 'forgets the odd byte at the end',
      from: 'part += bytes[at]! << 8;',
      to: '',
      fails: 'sum takes a last odd byte as the high byte of a word',
    },
    {
      title: 'takes the byte at `to` for the partner of a last odd byte',
      from: 'part += bytes[at]! << 8;',
      to: 'part += (bytes[at]! << 8) | (bytes[at + 1] ?? 0);',
      fails: 'sum looks at the bytes from `from` up to `to`, and at no other',
    },
    {
      title: 'updates with the formula of RFC 1141',
      from: 'finish((~checksum & 0xffff) + (~was & 0xffff) + (is & 0xffff))',
      to: 'fold(checksum + was + (~is & 0xffff))',
      fails: 'update gives the field that a new computation would give',
    },
  ],
  'prefix-sums': [
    {
      title: 'writes the entry after adding the block',
      from: '    table[tableFrom + edge] = running;\n',
      to: '    table[tableFrom + edge + 1] = running;\n',
      fails: 'the table holds the sum of every prefix that ends on a block edge, and the whole at its end',
    },
    {
      title: 'subtracts as with ordinary numbers',
      from: 'subtract(this.#prefixAt(to, account), this.#prefixAt(from, account))',
      to: '(this.#prefixAt(to, account) - this.#prefixAt(from, account)) & 0xffff',
      fails: 'an interval between block edges is a subtraction, in ones’ complement',
    },
    {
      title: 'reads the last block for the end of the bytes',
      from: '    if (at === this.length) return this.#total;\n',
      to: '',
      fails: 'between block edges, and at the end of the bytes, no payload is read',
    },
    {
      title: 'forgets that an odd start turns the bytes round',
      from: 'return from & 1 ? swap(between) : between;',
      to: 'return between;',
      fails: 'an interval that begins at an odd place has its bytes swapped',
    },
  ],
  'arp-cache': [
    {
      title: 'asks again for every frame that waits',
      from: '    if (neighbor.state !== NEIGHBOR.NONE) return;\n',
      to: '',
      fails: 'the first frame to a neighbour makes one request, and further frames wait in silence',
    },
    {
      title: 'believes news that nobody asked for',
      from: '    if (neighbor.hasMac && sameMac(neighbor.mac, bytes, macAt)) return;\n    copyAddress(bytes, macAt, neighbor.mac, 0);\n    neighbor.state = NEIGHBOR.STALE;\n',
      to: '    copyAddress(bytes, macAt, neighbor.mac, 0);\n    neighbor.state = NEIGHBOR.REACHABLE;\n',
      fails: 'news that nobody asked for is used, and not believed: STALE',
    },
    {
      title: 'asks all stations when it verifies an address',
      from: 'solicit(neighbor, neighbor.state === NEIGHBOR.PROBE)',
      to: 'solicit(neighbor, false)',
      fails: 'probes go to the known address alone: three, a second apart, and then the entry is gone',
    },
    {
      title: 'leaves the waiting frames where they are',
      from: '    neighbor.confirm();\n    this.#release(neighbor);\n',
      to: '    neighbor.confirm();\n',
      fails: 'an answer makes the entry REACHABLE, and the frames that waited go out in their order',
    },
  ],
  reassembly: [
    {
      title: 'takes the datagram for complete when the last fragment comes',
      from: 'return datagram.received === datagram.length ? this.#complete(datagram) : null;',
      to: 'return more ? null : this.#complete(datagram);',
      fails: 'the last fragment may come first: the datagram is complete when every byte is there',
    },
    {
      title: 'lets fragments overlap',
      from: '    if (from < datagram.to[i]! && datagram.from[i]! < to) return false;\n',
      to: '',
      fails: 'a fragment that overlaps another condemns the datagram',
    },
    {
      title: 'counts a copy as new bytes',
      from: '  return index >= 0 && datagram.to[index] === to && more === (to !== datagram.length);',
      to: '  return index < -1;',
      fails: 'a fragment that comes twice counts once',
    },
    {
      title: 'forgets the bound of 65,535 bytes',
      from: ' || offset + length + counted > MAX_LENGTH',
      to: '',
      fails: 'a datagram longer than 65,535 bytes is refused (the ping of death)',
    },
  ],
  'sliding-window': [
    {
      title: 'offers every free byte at once',
      from: 'const window = room - offered >= step ? room : offered;',
      to: 'const window = Math.max(room, offered);',
      fails: 'a little room is no reason to move the edge: silly windows',
    },
    {
      title: 'moves the edge left when the buffer is smaller',
      from: 'const window = room - offered >= step ? room : offered;',
      to: 'const window = room - offered >= step || room < offered ? room : offered;',
      fails: 'the edge never moves left, even if the buffer has become smaller',
    },
    {
      title: 'scales the window of a SYN',
      from: 'const scale = isSyn ? 0 : rcv.scale;',
      to: 'const { scale } = rcv;',
      fails: 'the field is scaled, and in a SYN it is not',
    },
    {
      title: 'compares sequence numbers as ordinary numbers',
      from: 'return Math.max(0, distance(tcb.rcv.nxt, tcb.rcv.edge));',
      to: 'return Math.max(0, Number(tcb.rcv.edge) - Number(tcb.rcv.nxt));',
      fails: 'RCV.WND reaches from RCV.NXT to the edge, across the wrap of sequence numbers',
    },
  ],
  rto: [
    {
      title: 'moves SRTT before it measures the variation',
      from: '      this.#varianceTimes4 += Math.abs(error) - (this.#varianceTimes4 >> 2);\n      this.#smoothedTimes8 += error;\n',
      to: '      this.#smoothedTimes8 += error;\n      const rest = r - (this.#smoothedTimes8 >> 3);\n      this.#varianceTimes4 += Math.abs(rest) - (this.#varianceTimes4 >> 2);\n',
      fails: 'later samples: RTTVAR first, by a quarter, with the old SRTT; then SRTT, by an eighth',
    },
    {
      title: 'takes a sample below the average for a negative variation',
      from: 'Math.abs(error)',
      to: 'error',
      fails: 'a sample below the average makes RTTVAR grow, too',
    },
    {
      title: 'doubles without end',
      from: 'Math.min(this.#base * 2 ** this.#backoff, this.#bounds.maximumRto)',
      to: 'this.#base * 2 ** this.#backoff',
      fails: 'each time-out doubles the next, up to the ceiling',
    },
    {
      title: 'goes on doubling after a sample',
      from: '    this.#backoff = 0;\n    // The floor',
      to: '    // The floor',
      fails: 'a sample ends the back-off: the time-out is again what the samples say',
    },
    {
      title: 'begins with a variation of zero',
      from: 'this.#varianceTimes4 = r << 1;',
      to: 'this.#varianceTimes4 = 0;',
      fails: 'the first sample R makes SRTT R, RTTVAR R/2 and the time-out SRTT + 4 RTTVAR',
    },
  ],
  'fast-retransmit': [
    {
      title: 'resends at the second duplicate',
      from: 'tcb.recovery.duplicateAcks >= DUPLICATE_THRESHOLD',
      to: 'tcb.recovery.duplicateAcks >= DUPLICATE_THRESHOLD - 1',
      fails: 'one or two duplicate ACKs mean nothing yet',
    },
    {
      title: 'ignores partial ACKs',
      from: 'if (tcb.recovery.phase !== OPEN) partialAck(tcb, outcome);\n  else if (',
      to: 'if (tcb.recovery.phase === OPEN && ',
      fails: 'in recovery, an ACK of a part of the flight shows the next hole',
    },
    {
      title: 'marks the whole super-segment',
      from: '  if (isBefore(cut, earlier(first.to, tcb.queue.tail))) tcb.flight.split(first, cut);\n',
      to: '',
      fails: 'of a record of many segments only the first MSS is lost',
    },
    {
      title: 'cuts the FIN off a full segment',
      from: 'earlier(first.to, tcb.queue.tail)',
      to: 'first.to',
      fails: 'of a record of many segments only the first MSS is lost',
    },
    {
      title: 'believes duplicates of a window that was recovered',
      from: 'return isAfter(snd.una, recovery.point) || isAfter(recovery.point, snd.nxt);',
      to: 'return recovery !== undefined && snd !== undefined;',
      fails: 'duplicates of a window that was recovered already start nothing',
    },
    {
      title: 'believes in a recovery point of 2 GiB ago',
      from: 'isAfter(snd.una, recovery.point) || isAfter(recovery.point, snd.nxt)',
      to: 'isAfter(snd.una, recovery.point)',
      fails: 'duplicates of a window that was recovered already start nothing',
    },
  ],
  cubic: [
    {
      title: 'halves, as Reno does',
      from: 'Math.max(Math.floor(this.cwnd * BETA), 2 * this.mss)',
      to: 'Math.max(Math.floor(this.cwnd / 2), 2 * this.mss)',
      fails: 'a loss leaves seven tenths of the window, and two segments at least',
    },
    {
      title: 'takes milliseconds for seconds',
      from: 'const elapsed = (nowMs - this.#epochStart) / 1e3;',
      to: 'const elapsed = nowMs - this.#epochStart;',
      fails: 'the window follows C (t - K)³ + W_max, with its plateau at W_max after K seconds',
    },
    {
      title: 'forgets that Reno may be faster',
      from: 'Math.max(next, Math.min(this.#renoEstimate, window + ackedSegments))',
      to: 'next',
      fails: 'it is never slower than Reno would be',
    },
    {
      title: 'never makes room for a new flow',
      from: 'this.#maximum = window < this.#maximum ? (window * (1 + BETA)) / 2 : window;',
      to: 'this.#maximum = window;',
      fails: 'a second loss below the old maximum lowers the next one: fast convergence',
    },
  ],
  'syn-cookies': [
    {
      title: 'rounds the MSS up',
      from: '  while (index > 0 && MSS_CLASSES[index]! > mss) index--;\n',
      to: '  while (index > 0 && MSS_CLASSES[index - 1]! >= mss) index--;\n',
      fails: 'the class is the largest that is not above the MSS, and class 0 for less than all',
    },
    {
      title: 'does not compare the hash',
      from: 'if (cookie(host, route, segment, irs, current - age, mssClass) !== iss) return undefined;',
      to: 'if (cookie(host, route, segment, irs, current - age, mssClass) === undefined) return undefined;',
      fails: 'a number that differs from the cookie in any bit is none',
    },
    {
      title: 'leaves the client’s sequence number out of the hash',
      from: 'toWord(irs) ^ Math.imul(minute, 0x9e3779b1) ^ top',
      to: 'Math.imul(minute, 0x9e3779b1) ^ top ^ (toWord(irs) & 0)',
      fails: 'the hash is over the four-tuple, the client’s number, the whole minute and the top',
    },
    {
      title: 'takes a cookie of any age',
      from: '  if (age > LIFETIME_MINUTES) return undefined;\n',
      to: '',
      fails: 'the age of a cookie is 0 to 2, counted modulo 32',
    },
  ],
  'request-scanner': [
    {
      title: 'takes a bare LF for the end of a line',
      from: '        if (bytes[at] !== CR) return 400;\n        at++;\n',
      to: '        if (bytes[at] === LF) at--;\n        else if (bytes[at] !== CR) return 400;\n        at++;\n',
      fails: 'a line that ends in a bare LF or CR is refused',
    },
    {
      title: 'forgets where it was when the bytes end',
      from: '  #stopAt(at: number): Outcome {\n    this.at = at;\n',
      to: '  #stopAt(_at: number): Outcome {\n',
      fails: 'it goes on at any byte where the bytes of before ended',
    },
    {
      title: 'keeps the white space around a value',
      from: '    while (valueFrom < valueTo && isSpace(bytes[valueFrom]!)) valueFrom++;\n',
      to: '',
      fails: 'a whole request is COMPLETE, and `at` is the first byte behind it',
    },
    {
      title: 'does not count the field lines',
      from: '    if (this.fieldCount === this.#limits.headerFields) return false;\n',
      to: '',
      fails: 'too many field lines, or too long ones, are 431',
    },
  ],
};
