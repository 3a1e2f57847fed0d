/** IPv6 extension headers: RFC 8200 section 4; the authentication header: RFC 4302. */
import { extensionBytes, isExtension, protocolName } from '../../../net/wire/transport-span.js';
import type { Frame } from '../../frame.js';
import type { LayerBuilder } from '../../layer-builder.js';
import { authenticationFields } from './authentication.js';
import { ipv6Options } from './ipv6-options.js';
import { routing } from './ipv6-routing.js';

const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const DESTINATION_OPTIONS = 60;
const MIN_BYTES = 8;

/** What the extension headers say about the rest of the packet. */
export interface ExtensionChain {
  /** The protocol behind the last header, and where it begins. */
  protocol: number;
  from: number;
  /** The chain goes on where the frame ends. */
  isCut: boolean;
  /** From the fragment header, in bytes. */
  fragmentOffset: number;
  moreFragments: boolean;
  /** The payload length of a jumbo option (RFC 2675). */
  jumbo: number | undefined;
  /** Where the address is that a checksum takes for the source, if it is not the header's. */
  sourceAt: number | undefined;
  /** The same for the destination, which may be impossible to tell. */
  destination: number | 'unknown' | undefined;
}

/** Adds a layer for each extension header from `from` on. `payload` is the length in the IPv6 header. */
export function walkExtensionHeaders(
  frame: Frame,
  ip: LayerBuilder,
  first: number,
  from: number,
  payload: number,
): ExtensionChain {
  const chain: ExtensionChain = {
    protocol: first,
    from,
    isCut: false,
    fragmentOffset: 0,
    moreFragments: false,
    jumbo: undefined,
    sourceAt: undefined,
    destination: undefined,
  };
  // Until a jumbo option has been seen, a length of 0 may mean more than nothing.
  let end = payload === 0 && first === HOP_BY_HOP ? ip.to : Math.min(ip.to, from + payload);
  while (isExtension(chain.protocol) && chain.fragmentOffset === 0) {
    if (frame.isFull || !extension(frame, chain, end)) {
      chain.isCut = true;
      break;
    }
    if (chain.jumbo !== undefined) end = Math.min(ip.to, from + chain.jumbo);
  }
  return chain;
}

/** Adds the header at `chain.from` and steps behind it; false if it is not all there. */
function extension(frame: Frame, chain: ExtensionChain, end: number): boolean {
  const { protocol, from } = chain;
  const isAuthentication = protocol === AUTHENTICATION;
  const header = frame.layer(
    isAuthentication ? 'ah' : 'ipv6.ext',
    capital(protocolName(protocol)),
    isAuthentication ? 'RFC 4302 section 2' : 'RFC 8200 section 4',
    from,
    Math.max(from, end),
  );
  header.uint('ipv6.ext.nxt', 0, 1, 'Next header', protocolName(header.peek(0, 1)));
  if (!header.has(0, MIN_BYTES)) return false;
  const length = extensionBytes(protocol, header.bytes, from);
  const there = Math.min(length, header.available);
  if (protocol === FRAGMENT) fragment(header, chain);
  else {
    header.uint('ipv6.ext.length', 1, 1, 'Length', `${length} bytes`);
    content(header, chain, there);
  }
  chain.protocol = header.peek(0, 1);
  chain.from += length;
  return header.has(0, length);
}

function content(header: LayerBuilder, chain: ExtensionChain, there: number): void {
  switch (chain.protocol) {
    case HOP_BY_HOP:
    case DESTINATION_OPTIONS:
      ipv6Options(header, there, chain);
      break;
    case ROUTING:
      routing(header, there, chain);
      break;
    case AUTHENTICATION:
      authenticationFields(header, there);
      break;
    default:
      header.raw('ipv6.ext.data', 2, there - 2, 'Content', 'raw bytes');
  }
}

/** RFC 8200 section 4.5. */
function fragment(header: LayerBuilder, chain: ExtensionChain): void {
  header.cite = 'RFC 8200 section 4.5';
  const meaning = 'place of this piece, in units of 8 bytes';
  chain.fragmentOffset = header.bits('ipv6.fraghdr.offset', 2, 2, 3, 0x1fff, 'Offset', meaning) * 8;
  chain.moreFragments = header.flag('ipv6.fraghdr.more', 2, 2, 0, 'More fragments', 'not the last piece');
  header.hex('ipv6.fraghdr.ident', 4, 4, 'Identification', 'the same in all fragments of a packet');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
