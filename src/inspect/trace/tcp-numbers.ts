/** Where the sequence numbers of each TCP connection begin, so that a line can count from there. */

import { ABSOLUTE, type SequenceBase } from '../../net/wire/describe-tcp.js';
import * as Ethernet from '../../net/wire/ethernet.js';
import * as Ipv4 from '../../net/wire/ipv4.js';
import * as Ipv6 from '../../net/wire/ipv6.js';
import { PROTOCOL } from '../../net/wire/protocol.js';
import * as Tcp from '../../net/wire/tcp.js';

/**
 * Learns the first number of each direction from the first segment that it sees. Another SYN counts once it is
 * answered: until then it may be forged, or from a peer that has restarted, and the numbers of before hold.
 */
export class TcpNumbers {
  readonly #first = new Map<string, number>();
  /** The number of the last SYN without ACK. */
  readonly #asked = new Map<string, number>();

  /** The numbers that the line of this frame counts from; `ABSOLUTE` for a frame without a TCP header. */
  baseOf(bytes: Uint8Array): SequenceBase {
    const at = tcpHeaderAt(bytes);
    if (at < 0) return ABSOLUTE;
    const [source, destination] = [bytes.subarray(at, at + 2).join('.'), bytes.subarray(at + 2, at + 4).join('.')];
    const addresses = bytes[12] === 0x08 ? [at - 8, at - 4, at] : [at - 32, at - 16, at];
    const [from = 0, middle = 0, to = 0] = addresses;
    const [local, remote] = [bytes.subarray(from, middle).join('.'), bytes.subarray(middle, to).join('.')];
    const forth = `${local} ${source} ${remote} ${destination}`;
    const back = `${remote} ${destination} ${local} ${source}`;
    const [flags, sequence] = [Tcp.flags(bytes, at), Tcp.sequenceNumber(bytes, at)];
    if (!this.#first.has(forth)) this.#first.set(forth, sequence);
    if ((flags & Tcp.SYN) !== 0) {
      if ((flags & Tcp.ACK) === 0) {
        this.#asked.set(forth, sequence);
        return { sequence, acknowledgment: 0 };
      }
      this.#first.set(forth, sequence);
      const asked = this.#asked.get(back);
      if (asked !== undefined && asked === ((Tcp.acknowledgmentNumber(bytes, at) - 1) | 0))
        this.#first.set(back, asked);
    }
    return { sequence: this.#first.get(forth) ?? 0, acknowledgment: this.#first.get(back) ?? 0 };
  }
}

/** Where the TCP header begins; -1: there is none, or the packet is a fragment or has options. */
function tcpHeaderAt(bytes: Uint8Array): number {
  const at = Ethernet.HEADER_BYTES;
  const type = Ethernet.check(0, bytes.length) ? Ethernet.type(bytes, 0) : 0;
  if (type === Ethernet.TYPE_IPV4 && bytes.length >= at + Ipv4.HEADER_BYTES + Tcp.TCP_HEADER_BYTES) {
    const isPlain = Ipv4.headerLength(bytes, at) === Ipv4.HEADER_BYTES && !Ipv4.isFragment(bytes, at);
    return isPlain && Ipv4.protocol(bytes, at) === PROTOCOL.TCP ? at + Ipv4.HEADER_BYTES : -1;
  }
  if (type === Ethernet.TYPE_IPV6 && bytes.length >= at + Ipv6.HEADER_BYTES + Tcp.TCP_HEADER_BYTES) {
    return bytes[at + 6] === PROTOCOL.TCP ? at + Ipv6.HEADER_BYTES : -1;
  }
  return -1;
}
