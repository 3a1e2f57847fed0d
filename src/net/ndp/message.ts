/**
 * Builds and sends one message of neighbour discovery: RFC 4861 section 4. The caller adds its parts in their order;
 * `sendTo` completes the checksum and puts the headers in front.
 */
import { OutgoingFrame } from '../device/frame.js';
import type { Neighbor } from '../ip/neighbor.js';
import { addressSum } from '../ip/packet.js';
import type { IpAddress } from '../wire/address.js';
import { writeUint16 } from '../wire/bytes.js';
import { finish, sum } from '../wire/checksum.js';
import * as Ethernet from '../wire/ethernet.js';
import * as Icmpv6 from '../wire/icmpv6.js';
import * as Ipv6 from '../wire/ipv6.js';
import { PROTOCOL } from '../wire/protocol.js';
import { NDP_HOP_LIMIT, type NdpParts } from './parts.js';

export class NdpMessage {
  readonly #parts: NdpParts;
  readonly #frame = new OutgoingFrame();

  constructor(parts: NdpParts) {
    this.#parts = parts;
  }

  /** Begins a message; `rest` is its bytes 4 to 7. */
  begin(type: number, rest: number): this {
    this.#frame.reset();
    Icmpv6.emit(this.#frame.header, this.#frame.start, type, 0, 0, rest);
    this.#frame.end += Icmpv6.HEADER_BYTES;
    return this;
  }

  /** Adds an address. */
  address(address: IpAddress): this {
    address.writeV6(this.#frame.header, this.#frame.end);
    this.#frame.end += 16;
    return this;
  }

  /** Adds an option with our Ethernet address. */
  ownMac(option: number): this {
    Icmpv6.emitMacOption(this.#frame.header, this.#frame.end, option, this.#parts.context.device.mac);
    this.#frame.end += Icmpv6.MAC_OPTION_BYTES;
    return this;
  }

  /** Adds the nonce option, with six bytes. */
  nonce(nonce: Uint8Array): this {
    Icmpv6.emitMacOption(this.#frame.header, this.#frame.end, Icmpv6.OPTION_NONCE, nonce);
    this.#frame.end += Icmpv6.MAC_OPTION_BYTES;
    return this;
  }

  /** Sends it to an Ethernet address. */
  sendTo(source: IpAddress, destination: IpAddress, mac: Uint8Array): void {
    this.#putHeader(source, destination);
    this.#parts.output.sendLink(this.#frame, mac, Ethernet.TYPE_IPV6);
  }

  /** Sends it to a neighbour, when its Ethernet address is known. */
  sendVia(source: IpAddress, destination: IpAddress, neighbor: Neighbor): void {
    this.#putHeader(source, destination);
    this.#parts.output.transmit(this.#frame, neighbor);
  }

  #putHeader(source: IpAddress, destination: IpAddress): void {
    const frame = this.#frame;
    const { header } = frame;
    const length = frame.end - frame.start;
    const partial = addressSum(source) + addressSum(destination) + PROTOCOL.ICMPV6 + length;
    writeUint16(header, frame.start + Icmpv6.CHECKSUM, finish(partial + sum(header, frame.start, frame.end)));
    frame.start -= Ipv6.HEADER_BYTES;
    Ipv6.emit(header, frame.start, 0, 0, length, PROTOCOL.ICMPV6, NDP_HOP_LIMIT);
    source.writeV6(header, frame.start + Ipv6.SOURCE);
    destination.writeV6(header, frame.start + Ipv6.DESTINATION);
  }
}
