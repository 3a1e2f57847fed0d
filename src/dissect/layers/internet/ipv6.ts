/** IPv6: RFC 8200 section 3. */
import { formatV6 } from '../../../net/wire/address.js';
import { fold, sum } from '../../../net/wire/checksum.js';
import { protocolName } from '../../../net/wire/transport-span.js';
import type { Frame } from '../../frame.js';
import type { LayerBuilder } from '../../layer-builder.js';
import { ECN_MEANINGS } from './ecn.js';
import { type ExtensionChain, walkExtensionHeaders } from './ipv6-extensions.js';

const HEADER = 'RFC 8200 section 3';
const HEADER_BYTES = 40;
const SOURCE = 8;
const DESTINATION = 24;

/** An IPv6 packet in `[from, to)`, with its extension headers, and what it carries (RFC 8200). */
export function dissectIpv6(frame: Frame, from: number, to: number): void {
  const ip = frame.layer('ipv6', 'IPv6', HEADER, from, to);
  const version = ip.bits('ipv6.version', 0, 1, 4, 15, 'Version', 'the version of IP');
  if (version !== 6) {
    if (ip.available > 0) ip.problem(`version ${version} is not 6`);
    frame.say(ip.available > 0 ? `IP${version}, not 6, length ${to - from}` : 'IP6 [|ip6], length 0');
    return;
  }
  fixedHeader(ip);
  if (ip.available < HEADER_BYTES) {
    frame.say(`IP6 [|ip6], length ${to - from}`);
    return;
  }
  const payload = ip.peek(4, 2);
  const chain = walkExtensionHeaders(frame, ip, ip.peek(6, 1), from + HEADER_BYTES, payload);
  const declared = from + HEADER_BYTES + (chain.jumbo ?? payload);
  if (declared > to && !frame.isCut)
    ip.problem(
      `payload length ${declared - from - HEADER_BYTES}, but only ${ip.available - HEADER_BYTES} bytes are there`,
    );
  frame.say('IP6 ');
  carried(frame, ip, chain, declared);
}

function fixedHeader(ip: LayerBuilder): void {
  ip.cite = 'RFC 2474 section 3';
  ip.bits('ipv6.tclass.dscp', 0, 2, 6, 63, 'DSCP', 'how routers treat it; 0 is the default');
  ip.cite = 'RFC 3168 section 5';
  ip.bits('ipv6.tclass.ecn', 0, 2, 4, 3, 'ECN', ECN_MEANINGS[(ip.peek(0, 2) >>> 4) & 3] ?? '');
  ip.cite = 'RFC 6437 section 2';
  ip.bits('ipv6.flow', 0, 4, 0, 0xfffff, 'Flow label', 'the same for all packets of one flow');
  ip.cite = HEADER;
  ip.uint('ipv6.plen', 4, 2, 'Payload length', 'all that follows this header, bytes; 0: see the jumbo option');
  ip.uint('ipv6.nxt', 6, 1, 'Next header', protocolName(ip.peek(6, 1)));
  ip.uint('ipv6.hlim', 7, 1, 'Hop limit', 'how many more routers may pass it on');
  ip.ipv6('ipv6.src', SOURCE, 'Source', 'who sent it');
  ip.ipv6('ipv6.dst', DESTINATION, 'Destination', 'where it goes');
}

function carried(frame: Frame, ip: LayerBuilder, chain: ExtensionChain, declared: number): void {
  const source = ip.ipv6Text(SOURCE);
  const destination = ip.ipv6Text(DESTINATION);
  const end = Math.min(declared, ip.to);
  const length = Math.max(0, declared - chain.from);
  if (chain.isCut) {
    frame.say(`${source} > ${destination}: [|${protocolName(chain.protocol)}]`);
    return;
  }
  if (chain.fragmentOffset > 0) {
    const piece = `frag ${length}@${chain.fragmentOffset}${chain.moreFragments ? '+' : ''}`;
    frame.say(`${source} > ${destination}: ${protocolName(chain.protocol)} (${piece})`);
    frame.data(chain.from, end, `Fragment of ${protocolName(chain.protocol)}`);
    return;
  }
  frame.carried.transport(frame, chain.from, end, {
    protocol: chain.protocol,
    source,
    destination,
    ...conversationEnds(ip, chain),
    sum: pseudoSum(ip, chain),
    isFragment: chain.moreFragments,
    length,
  });
}

/** The addresses that the conversation is between, where they are not those of the header. */
function conversationEnds(ip: LayerBuilder, { sourceAt, destination }: ExtensionChain) {
  return {
    ...(sourceAt !== undefined && { endSource: formatV6(ip.bytes, sourceAt) }),
    ...(typeof destination === 'number' && { endDestination: formatV6(ip.bytes, destination) }),
  };
}

/** RFC 8200 section 8.1: the final destination counts; RFC 6275 section 11.3.1: the home address is the source. */
function pseudoSum(ip: LayerBuilder, { protocol, sourceAt, destination }: ExtensionChain): number {
  if (destination === 'unknown') return -1;
  const from = sourceAt ?? ip.from + SOURCE;
  const to = destination ?? ip.from + DESTINATION;
  return fold(sum(ip.bytes, from, from + 16) + sum(ip.bytes, to, to + 16)) + protocol;
}
