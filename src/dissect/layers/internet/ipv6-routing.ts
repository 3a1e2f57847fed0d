/** IPv6 routing headers: RFC 8200 section 4.4 and the RFC of each type. */
import type { LayerBuilder } from '../../layer-builder.js';
import type { ExtensionChain } from './ipv6-extensions.js';

const SOURCE_ROUTE = 0;
const MOBILITY = 2;
const RPL = 3;
const SEGMENTS = 4;
const ADDRESS_BYTES = 16;
const FIXED_BYTES = 8;

const TYPES: Readonly<Record<number, string>> = {
  [SOURCE_ROUTE]: 'source route (dead: RFC 5095)',
  [MOBILITY]: 'home address of a mobile node (RFC 6275)',
  [RPL]: 'source route of RPL (RFC 6554)',
  [SEGMENTS]: 'segment routing (RFC 8754)',
};

/** Adds the header's fields, and notes the final destination if the packet is still on its way. */
export function routing(header: LayerBuilder, there: number, chain: ExtensionChain): void {
  header.cite = 'RFC 8200 section 4.4';
  const type = header.uint('ipv6.routing.type', 2, 1, 'Routing type', TYPES[header.peek(2, 1)] ?? 'unknown');
  const left = header.uint('ipv6.routing.segleft', 3, 1, 'Segments left', 'addresses that are still to be visited');
  const listed = (header.peek(1, 1) * 8) / ADDRESS_BYTES;
  const count = type === SEGMENTS ? Math.min(listed, header.peek(4, 1) + 1) : listed;
  const hasList = type === SOURCE_ROUTE || type === MOBILITY || type === SEGMENTS;
  if (hasList) addresses(header, there, Math.floor(count));
  else if (there > 4) header.raw('ipv6.ext.data', 4, there - 4, 'Content', 'raw bytes');
  if (left > 0) chain.destination = finalAddress(header, there, type, Math.floor(count));
}

function addresses(header: LayerBuilder, there: number, count: number): void {
  for (let i = 0; i < count && FIXED_BYTES + (i + 1) * ADDRESS_BYTES <= there; i++)
    header.ipv6('ipv6.routing.address', FIXED_BYTES + i * ADDRESS_BYTES, 'Address', 'a station of the route');
}

/** Segment routing lists the last address first (RFC 8754 section 2); the others list it last. */
function finalAddress(header: LayerBuilder, there: number, type: number, count: number): number | 'unknown' {
  if (type !== SOURCE_ROUTE && type !== MOBILITY && type !== SEGMENTS) return 'unknown';
  const at = FIXED_BYTES + (type === SEGMENTS ? 0 : count - 1) * ADDRESS_BYTES;
  return count >= 1 && at + ADDRESS_BYTES <= there ? header.from + at : 'unknown';
}
