/** The options in hop-by-hop and destination options headers: RFC 8200 section 4.2. */
import type { LayerBuilder } from '../../layer-builder.js';
import type { ExtensionChain } from './ipv6-extensions.js';

const FORM = 'RFC 8200 section 4.2';
const PAD1 = 0;
const PADN = 1;
const ROUTER_ALERT = 5;
const JUMBO = 0xc2;
const HOME_ADDRESS = 0xc9;

const NAMES: Readonly<Record<number, string>> = {
  [PAD1]: 'one byte of padding',
  [PADN]: 'padding',
  [ROUTER_ALERT]: 'router alert (RFC 2711)',
  [JUMBO]: 'jumbo payload (RFC 2675)',
  [HOME_ADDRESS]: 'home address (RFC 6275)',
};

/** Adds the options of the header, which is there up to `end`, and notes what they change for the packet. */
export function ipv6Options(header: LayerBuilder, end: number, chain: ExtensionChain): void {
  for (let at = 2; at < end; ) {
    header.cite = FORM;
    const type = header.uint('ipv6.opt.type', at, 1, 'Option', NAMES[header.peek(at, 1)] ?? 'unknown');
    if (type === PAD1) {
      at++;
      continue;
    }
    if (at + 2 > end) return;
    const length = header.uint('ipv6.opt.length', at + 1, 1, 'Option length', 'bytes behind this one');
    if (at + 2 + length > end) {
      // In a header that is cut short, the rest may be what is missing.
      const isWhole = (header.peek(1, 1) + 1) * 8 <= end;
      if (isWhole) header.problem(`option ${type} at byte ${at} claims to have ${length} bytes`);
      return;
    }
    value(header, type, at + 2, length, chain);
    at += 2 + length;
  }
}

function value(header: LayerBuilder, type: number, at: number, length: number, chain: ExtensionChain): void {
  if (type === ROUTER_ALERT && length === 2) {
    header.cite = 'RFC 2711 section 2.1';
    header.uint('ipv6.opt.router_alert', at, 2, 'Alert', 'why every router should look: 0 multicast listener, 1 RSVP');
  } else if (type === JUMBO && length === 4) {
    header.cite = 'RFC 2675 section 2';
    chain.jumbo = header.uint('ipv6.opt.jumbo', at, 4, 'Payload length', 'bytes, in the place of the 16-bit field');
  } else if (type === HOME_ADDRESS && length === 16) {
    header.cite = 'RFC 6275 section 6.3';
    header.ipv6('ipv6.opt.mipv6.home_address', at, 'Home address', 'the true source of a mobile node');
    chain.sourceAt = header.from + at;
  } else if (length > 0) header.raw('ipv6.opt.data', at, length, 'Option data', 'raw bytes');
}
