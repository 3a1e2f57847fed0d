/**
 * Sends a datagram that is larger than the path MTU in fragments: RFC 791 section 3.2, RFC 8200 section 4.5.
 *
 * TCP does not use it: it cuts its segments to fit. The payload is not copied: each fragment refers to a slice of it.
 *
 *     datagram:   | transport header | fragments[0] | fragments[1] ...   |
 *     fragment 0: | transport header | slice of [0] |                      a multiple of 8 bytes
 *     fragment 1:                    | slice of [0], slice of [1] |        a multiple of 8 bytes
 *     last:                                         | the rest    |
 */
import { OutgoingFrame, TRANSPORT_AT } from '../device/frame.js';
import * as Ipv4 from '../wire/ipv4.js';
import * as Ipv6 from '../wire/ipv6.js';
import { PROTOCOL } from '../wire/protocol.js';
import type { Neighbor } from './neighbor.js';
import type { Route } from './route.js';

/**
 * The most bytes behind the IP header of a whole datagram: RFC 791 counts the header, RFC 8200 section 4.5 does not.
 */
const MAX_LENGTH_V4 = 65535 - Ipv4.HEADER_BYTES;
const MAX_LENGTH_V6 = 65535;

/** The part of `Output` that the fragmenter needs. */
export interface FragmentOutput {
  takeId(route: Route): number;
  putV4(
    frame: OutgoingFrame,
    route: Route,
    protocol: number,
    tos: number,
    length: number,
    id: number,
    flagsOffset: number,
  ): void;
  putV6(frame: OutgoingFrame, route: Route, next: number, trafficClass: number, length: number): void;
  transmit(frame: OutgoingFrame, neighbor: Neighbor): boolean;
  countFragments(count: number): void;
}

export class Fragmenter {
  readonly #output: FragmentOutput;
  readonly #piece = new OutgoingFrame();

  constructor(output: FragmentOutput) {
    this.#output = output;
  }

  /** Sends the `length` bytes of `frame` from `frame.start` on. Returns false if any fragment is lost already. */
  send(frame: OutgoingFrame, route: Route, protocol: number, trafficClass: number, length: number): boolean {
    if (length > (route.isV6 ? MAX_LENGTH_V6 : MAX_LENGTH_V4)) return false;
    const overhead = route.isV6 ? Ipv6.HEADER_BYTES + Ipv6.FRAGMENT_HEADER_BYTES : Ipv4.HEADER_BYTES;
    const step = (route.mtu - overhead) & ~7;
    const id = this.#output.takeId(route);
    let count = 0;
    let allSent = true;
    for (let offset = 0; offset < length; offset += step) {
      const size = Math.min(step, length - offset);
      const more = offset + size < length;
      this.#piece.reset();
      this.#piece.hopLimit = frame.hopLimit;
      this.#addSlice(frame, offset, size);
      this.#putHeader(route, protocol, trafficClass, size, offset, more, id);
      allSent = this.#output.transmit(this.#piece, route.neighbor) && allSent;
      count++;
    }
    this.#output.countFragments(count);
    return allSent;
  }

  #putHeader(
    route: Route,
    protocol: number,
    trafficClass: number,
    size: number,
    offset: number,
    more: boolean,
    id: number,
  ): void {
    const piece = this.#piece;
    if (!route.isV6) {
      const flagsOffset = (offset >>> 3) | (more ? Ipv4.MORE_FRAGMENTS : 0);
      this.#output.putV4(piece, route, protocol, trafficClass, size, id, flagsOffset);
      return;
    }
    piece.start -= Ipv6.FRAGMENT_HEADER_BYTES;
    Ipv6.emitFragment(piece.header, piece.start, protocol, offset, more, id);
    this.#output.putV6(piece, route, PROTOCOL.FRAGMENT, trafficClass, size + Ipv6.FRAGMENT_HEADER_BYTES);
  }

  /** Puts bytes [offset, offset + size) of the datagram in `frame` into the piece. */
  #addSlice(frame: OutgoingFrame, offset: number, size: number): void {
    const piece = this.#piece;
    let left = size;
    let skip = offset;
    const inHeader = Math.min(left, Math.max(0, frame.end - frame.start - skip));
    if (inHeader > 0) {
      const from = frame.start + skip;
      piece.header.set(frame.header.subarray(from, from + inHeader), TRANSPORT_AT);
      piece.end = TRANSPORT_AT + inHeader;
      left -= inHeader;
    }
    skip = Math.max(0, skip - (frame.end - frame.start));
    for (let i = 0; i < frame.fragmentCount && left > 0; i++) {
      const take = Math.min(left, frame.fragmentLength[i]! - skip);
      if (take > 0) {
        piece.addFragment(frame.fragments[i]!, frame.fragmentFrom[i]! + skip, take);
        left -= take;
      }
      skip = Math.max(0, skip - frame.fragmentLength[i]!);
    }
  }
}
