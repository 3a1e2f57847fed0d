/** IPv6 and its extension headers: RFC 8200 sections 3 and 4. */
import { fold, sum } from '../../net/wire/checksum.js';
import { extensionBytes, isExtension, protocolName } from '../../net/wire/transport-span.js';
import { type FrameContext, MAX_LAYERS } from '../context.js';
import { LayerBuilder } from '../layer-builder.js';
import { ECN_MEANINGS } from './ipv4.js';
import { dissectTransport } from './transport.js';

const HEADER = 'RFC 8200 section 3';
const HEADER_BYTES = 40;
const FRAGMENT = 44;

/** What is left after the extension headers. */
interface Inner {
  protocol: number;
  from: number;
  isFragment: boolean;
  isMiddle: boolean;
}

export function dissectIpv6(frame: FrameContext, from: number, to: number): void {
  const ip = new LayerBuilder('ipv6', 'IPv6', HEADER, frame.bytes, from, to, frame.from);
  frame.layers.push(ip);
  ip.bits('ipv6.version', 0, 1, 4, 15, 'Version', 'which IP this is');
  ip.cite = 'RFC 2474 section 3';
  ip.bits('ipv6.tclass.dscp', 0, 2, 6, 63, 'DSCP', 'which treatment routers shall give it; 0 is the default');
  ip.cite = 'RFC 3168 section 5';
  ip.bits('ipv6.tclass.ecn', 0, 2, 4, 3, 'ECN', ECN_MEANINGS[(ip.peek(0, 2) >>> 4) & 3]!);
  ip.cite = 'RFC 6437 section 2';
  ip.bits('ipv6.flow', 0, 4, 0, 0xfffff, 'Flow label', 'the same for all packets of one flow');
  ip.cite = HEADER;
  const payload = ip.uint('ipv6.plen', 4, 2, 'Payload length', 'all that follows this header, bytes');
  const next = ip.uint('ipv6.nxt', 6, 1, 'Next header', protocolName(ip.peek(6, 1)));
  ip.uint('ipv6.hlim', 7, 1, 'Hop limit', 'how many more routers may pass it on');
  ip.ipv6('ipv6.src', 8, 'Source', 'who sent it');
  ip.ipv6('ipv6.dst', 24, 'Destination', 'who shall get it');
  if (ip.available < HEADER_BYTES) return;
  const declared = payload === 0 ? to : from + HEADER_BYTES + payload;
  if (declared > to && !frame.isCut)
    ip.problem(`payload length ${payload}, but only ${to - from - HEADER_BYTES} bytes are there`);
  const end = Math.min(declared, to);
  const inner = extensions(frame, next, from + HEADER_BYTES, end);
  if (inner === undefined) return;
  const pseudo = {
    sum: fold(sum(frame.bytes, from + 8, from + HEADER_BYTES)) + inner.protocol,
    isFragment: inner.isFragment,
    length: Math.max(0, declared - inner.from),
  };
  dissectTransport(frame, inner.protocol, inner.from, end, pseudo);
}

/** Adds a layer for each extension header; undefined if what follows cannot be read. */
function extensions(frame: FrameContext, first: number, from: number, end: number): Inner | undefined {
  const inner: Inner = { protocol: first, from, isFragment: false, isMiddle: false };
  while (isExtension(inner.protocol)) {
    const header = new LayerBuilder(
      'ipv6.ext',
      capital(protocolName(inner.protocol)),
      'RFC 8200 section 4',
      frame.bytes,
      inner.from,
      end,
      frame.from,
    );
    if (frame.layers.length >= MAX_LAYERS) return undefined;
    frame.layers.push(header);
    header.uint('ipv6.ext.nxt', 0, 1, 'Next header', protocolName(header.peek(0, 1)));
    if (header.available < 8) {
      header.problem(`cut short: ${header.available} bytes are there`);
      return undefined;
    }
    const length = extensionBytes(inner.protocol, frame.bytes, inner.from);
    if (inner.protocol === FRAGMENT) fragment(header, inner);
    else
      header.raw(
        'ipv6.ext.data',
        2,
        Math.min(length, header.available) - 2,
        'Content',
        'its length, options or addresses',
      );
    inner.protocol = header.peek(0, 1);
    inner.from += length;
    if (inner.from > end || inner.isMiddle) return undefined;
  }
  return inner;
}

/** RFC 8200 section 4.5. */
function fragment(header: LayerBuilder, inner: Inner): void {
  header.cite = 'RFC 8200 section 4.5';
  const offset = header.bits(
    'ipv6.fraghdr.offset',
    2,
    2,
    3,
    0x1fff,
    'Offset',
    'place of this piece, in eights of bytes',
  );
  const more = header.flag('ipv6.fraghdr.more', 2, 2, 0, 'More fragments', 'not the last piece');
  header.hex('ipv6.fraghdr.ident', 4, 4, 'Identification', 'the same in all fragments of a packet');
  inner.isFragment = more || offset > 0;
  inner.isMiddle = offset > 0;
}

function capital(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}
