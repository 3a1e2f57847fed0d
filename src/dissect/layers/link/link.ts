/** The link layer of a recorded frame, by the LINKTYPE of its interface (libpcap's registry). */
import { FAMILIES_INET6, FAMILY_BYTES, FAMILY_INET, linkText } from '../../../capture/format/link-layer.js';
import {
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
} from '../../../capture/format/pcapng-format.js';
import { TYPE_IPV4, TYPE_IPV6 } from '../../../net/wire/ethernet.js';
import type { Frame } from '../../frame.js';
import { dissectCooked, dissectCooked2 } from './cooked.js';
import { dissectEthernet } from './ethernet.js';
import { dissectPpp } from './ppp.js';

const LINK_PPP = 9;
const LINK_PPP_SERIAL = 50;
const MAX_SHOWN_BYTES = 64;

/** How a frame is taken apart, by its link. */
const LINKS: ReadonlyMap<number, (frame: Frame, from: number, to: number) => void> = new Map([
  [LINK_ETHERNET, dissectEthernet],
  [LINK_LINUX_SLL, dissectCooked],
  [LINK_LINUX_SLL2, dissectCooked2],
  [LINK_NULL, loopback],
  [LINK_LOOP, loopback],
  [LINK_RAW, rawIp],
  [LINK_RAW_BSD, rawIp],
  [LINK_RAW_OPENBSD, rawIp],
  [LINK_IPV4, rawIp],
  [LINK_IPV6, rawIp],
  [LINK_PPP, dissectPpp],
  [LINK_PPP_SERIAL, dissectPpp],
]);

/** Whether `dissectLink` takes frames of this link apart. */
export function isLinkUnderstood(linkType: number): boolean {
  return LINKS.has(linkType);
}

/** Adds the layers of the whole frame. */
export function dissectLink(frame: Frame, linkType: number): void {
  const dissect = LINKS.get(linkType);
  if (dissect === undefined) unknown(frame, linkType);
  else dissect(frame, frame.from, frame.to);
}

/** An address family of 32 bits in the byte order of the capturing machine: the small half holds it. */
function loopback(frame: Frame, from: number, to: number): void {
  const layer = frame.layer('null', 'BSD loopback', 'libpcap, LINKTYPE_NULL', from, to);
  const family = layer.peek(0, 1) | layer.peek(3, 1);
  layer.add('null.family', 0, FAMILY_BYTES, 'Family', family, 'address family, by the numbers of the capturing system');
  if (layer.available < FAMILY_BYTES) {
    frame.say(`[|loopback], length ${to - from}`);
    return;
  }
  const type = family === FAMILY_INET ? TYPE_IPV4 : FAMILIES_INET6.includes(family) ? TYPE_IPV6 : undefined;
  if (type !== undefined) frame.carried.etherType(frame, type, from + FAMILY_BYTES, to);
  else {
    frame.say(`address family ${family}, length ${to - from}`);
    frame.data(from + FAMILY_BYTES, to, 'Data');
  }
}

function rawIp(frame: Frame, from: number, to: number): void {
  const version = from < to ? (frame.bytes[from] ?? 0) >>> 4 : 0;
  if (version === 4) frame.carried.etherType(frame, TYPE_IPV4, from, to);
  else if (version === 6) frame.carried.etherType(frame, TYPE_IPV6, from, to);
  else {
    frame.say(`raw IP, neither version 4 nor 6, length ${to - from}`);
    frame.data(from, to, 'Data');
  }
}

function unknown(frame: Frame, linkType: number): void {
  const { from, to } = frame;
  const data = frame.layer('data', 'Frame', 'libpcap, LINKTYPE registry', from, to);
  data.problem(`${linkText(linkType)} is not understood`);
  data.raw('data', 0, Math.min(MAX_SHOWN_BYTES, data.available), 'Bytes', 'the first 64 at most');
  frame.say(`${linkText(linkType)}, not understood, length ${to - from}`);
}
