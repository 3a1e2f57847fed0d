/** Where the sequence numbers of each TCP connection begin, and what its windows count, so that a line can say so. */

import { ABSOLUTE, type SequenceBase } from '../../net/wire/describe-tcp.js';
import * as Ethernet from '../../net/wire/ethernet.js';
import * as Ipv4 from '../../net/wire/ipv4.js';
import * as Ipv6 from '../../net/wire/ipv6.js';
import { PROTOCOL } from '../../net/wire/protocol.js';
import * as Tcp from '../../net/wire/tcp.js';
import { TcpOptions } from '../../net/wire/tcp-options.js';

/**
 * Learns the first number of each direction from the first segment that it sees. Another SYN counts once it is
 * answered: until then it may be forged, or from a peer that has restarted, and the numbers of before hold.
 */
export class TcpNumbers {
  readonly #first = new Map<string, Start>();
  /** The last SYN without ACK. */
  readonly #asked = new Map<string, Start>();
  readonly #options = new TcpOptions();

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
    const start = { sequence, scale: (flags & Tcp.SYN) === 0 ? undefined : this.#scaleOf(bytes, at) };
    if (!this.#first.has(forth)) this.#first.set(forth, start);
    if ((flags & Tcp.SYN) !== 0) {
      if ((flags & Tcp.ACK) === 0) {
        this.#asked.set(forth, start);
        return { sequence, acknowledgment: 0 };
      }
      this.#first.set(forth, start);
      const asked = this.#asked.get(back);
      if (asked?.sequence === ((Tcp.acknowledgmentNumber(bytes, at) - 1) | 0)) this.#first.set(back, asked);
    }
    const [own, other] = [this.#first.get(forth), this.#first.get(back)];
    return {
      sequence: own?.sequence ?? 0,
      acknowledgment: other?.sequence ?? 0,
      windowShift: shiftOf(own?.scale, other?.scale),
    };
  }

  #scaleOf(bytes: Uint8Array, at: number): number {
    this.#options.resetSynOptions();
    this.#options.read(bytes, at + Tcp.TCP_HEADER_BYTES, Math.min(bytes.length, at + Tcp.headerBytes(bytes, at)));
    return this.#options.windowScale;
  }
}

/** How one side begins. */
interface Start {
  readonly sequence: number;
  /** The window scale of its SYN; -1: it offers none; undefined: its SYN was not seen. */
  readonly scale: number | undefined;
}

/** RFC 7323 section 2.2: windows are scaled only if both SYNs offered it. */
function shiftOf(own: number | undefined, other: number | undefined): number | 'unknown' {
  if (own === undefined || other === undefined) return 'unknown';
  return own < 0 || other < 0 ? 0 : own;
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
