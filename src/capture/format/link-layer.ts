/**
 * Finds the network layer in a recorded frame, whatever link it was recorded on: Ethernet with or without VLAN tags
 * (IEEE 802.1Q), Linux "cooked" captures of both versions (what `tcpdump -i any` writes), BSD loopback, and raw IP.
 * The LINKTYPE registry of libpcap describes them. Nothing is allocated: a replay does this for each frame.
 */
import { readUint16 } from '../../net/wire/bytes.js';
import { TYPE_IPV4, TYPE_IPV6 } from '../../net/wire/ethernet.js';
import {
  DIRECTION_UNKNOWN,
  type FrameDirection,
  INBOUND,
  LINK_ETHERNET,
  LINK_IPV4,
  LINK_IPV6,
  LINK_LINUX_SLL,
  LINK_LINUX_SLL2,
  LINK_LOOP,
  LINK_NULL,
  LINK_RAW,
  LINK_RAW_BSD,
  LINK_RAW_OPENBSD,
  OUTBOUND,
} from './pcapng-format.js';

const ETHERNET_BYTES = 14;
const SLL_BYTES = 16;
const SLL2_BYTES = 20;
/** The address family in front of a loopback frame of BSD. */
export const FAMILY_BYTES = 4;
const VLAN_TAG_BYTES = 4;

/** IEEE 802.1Q customer and provider tags, and what was in use before the latter had a number. */
const VLAN_TYPES = [0x8100, 0x88a8, 0x9100];
/** AF_INET is 2 on every system; AF_INET6 differs from system to system. */
export const FAMILY_INET = 2;
export const FAMILIES_INET6 = [10, 24, 28, 30];
/** A cooked capture's packet type: to us, broadcast, multicast, to another host, from us. */
const SLL_FROM_US = 4;

/** The links that `LinkView` understands, and others that captures are often made on: libpcap's registry. */
const LINK_NAMES: Readonly<Record<number, string>> = {
  [LINK_NULL]: 'BSD loopback',
  [LINK_ETHERNET]: 'Ethernet',
  [LINK_RAW_BSD]: 'raw IP',
  [LINK_RAW_OPENBSD]: 'raw IP',
  [LINK_RAW]: 'raw IP',
  [LINK_LOOP]: 'OpenBSD loopback',
  [LINK_LINUX_SLL]: 'Linux cooked',
  [LINK_IPV4]: 'raw IPv4',
  [LINK_IPV6]: 'raw IPv6',
  [LINK_LINUX_SLL2]: 'Linux cooked v2',
  105: 'IEEE 802.11',
  119: 'IEEE 802.11 with a Prism header',
  127: 'IEEE 802.11 with a radiotap header',
  187: 'Bluetooth HCI',
  189: 'USB of Linux',
  192: 'PPI',
  195: 'IEEE 802.15.4',
  201: 'Bluetooth HCI',
  220: 'USB of Linux',
  227: 'CAN',
  230: 'IEEE 802.15.4',
  249: 'USBPcap',
  251: 'Bluetooth LE',
};

/** A link type as a person reads it: `link type 105 (IEEE 802.11)`. */
export function linkText(linkType: number): string {
  const name = LINK_NAMES[linkType];
  return `link type ${linkType}${name === undefined ? '' : ` (${name})`}`;
}

/** The places of a frame's parts. One object is used again and again. */
export class LinkView {
  /** The EtherType of the content; 0 if the link names none. */
  etherType = 0;
  /** The network layer is `[networkFrom, to)`. */
  networkFrom = 0;
  to = 0;
  vlanTags = 0;
  /** The direction, as far as the link header tells it. */
  direction: FrameDirection = DIRECTION_UNKNOWN;
  /** The places of the Ethernet addresses; -1 if the link has none. */
  destinationMacAt = -1;
  sourceMacAt = -1;

  /** Reads the link header of `bytes[from, to)`. False if it is cut short or of a link that is not known. */
  read(linkType: number, bytes: Uint8Array, from: number, to: number): boolean {
    this.to = to;
    this.vlanTags = 0;
    this.direction = DIRECTION_UNKNOWN;
    this.destinationMacAt = this.sourceMacAt = -1;
    switch (linkType) {
      case LINK_ETHERNET:
        return this.#readEthernet(bytes, from);
      case LINK_LINUX_SLL:
        return this.#readCooked(bytes, from, SLL_BYTES, from + 14, from + 1);
      case LINK_LINUX_SLL2:
        return this.#readCooked(bytes, from, SLL2_BYTES, from, from + 10);
      case LINK_NULL:
      case LINK_LOOP:
        return this.#readFamily(bytes, from);
      case LINK_RAW:
      case LINK_RAW_BSD:
      case LINK_RAW_OPENBSD:
      case LINK_IPV4:
      case LINK_IPV6:
        return this.#readRaw(bytes, from);
      default:
        return false;
    }
  }

  #readEthernet(bytes: Uint8Array, from: number): boolean {
    if (this.to - from < ETHERNET_BYTES) return false;
    this.destinationMacAt = from;
    this.sourceMacAt = from + 6;
    return this.#readTags(bytes, from + ETHERNET_BYTES, readUint16(bytes, from + 12));
  }

  #readCooked(bytes: Uint8Array, from: number, length: number, typeAt: number, packetTypeAt: number): boolean {
    if (this.to - from < length) return false;
    const packetType = bytes[packetTypeAt];
    this.direction = packetType === SLL_FROM_US ? OUTBOUND : INBOUND;
    return this.#readTags(bytes, from + length, readUint16(bytes, typeAt));
  }

  /** Passes over VLAN tags: two bytes of tag, two of the type behind it. */
  #readTags(bytes: Uint8Array, from: number, type: number): boolean {
    let at = from;
    let inner = type;
    while (VLAN_TYPES.includes(inner)) {
      if (this.to - at < VLAN_TAG_BYTES) return false;
      inner = readUint16(bytes, at + 2);
      at += VLAN_TAG_BYTES;
      this.vlanTags++;
    }
    this.etherType = inner;
    this.networkFrom = at;
    return true;
  }

  /** An address family in 32 bits, in whichever byte order the capturing machine had: the small half tells. */
  #readFamily(bytes: Uint8Array, from: number): boolean {
    if (this.to - from < FAMILY_BYTES) return false;
    const family = bytes[from]! | bytes[from + 3]!;
    this.networkFrom = from + FAMILY_BYTES;
    this.etherType = family === FAMILY_INET ? TYPE_IPV4 : FAMILIES_INET6.includes(family) ? TYPE_IPV6 : 0;
    return true;
  }

  #readRaw(bytes: Uint8Array, from: number): boolean {
    if (this.to - from < 1) return false;
    const version = bytes[from]! >>> 4;
    this.networkFrom = from;
    this.etherType = version === 4 ? TYPE_IPV4 : version === 6 ? TYPE_IPV6 : 0;
    return true;
  }
}
