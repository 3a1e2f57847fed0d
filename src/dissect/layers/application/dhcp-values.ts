/** Values of DHCP options with a form of their own: the client identifier (61) and classless routes (121). */
import type { LayerBuilder } from '../../layer-builder.js';

const ETHERNET = 1;
const MAC_BYTES = 6;
/** RFC 4361 section 6.1: an identifier of this type is an IAID of 4 bytes and a DUID. */
const TYPE_DUID = 255;
const IAID_BYTES = 4;
/** RFC 8415 section 11 and RFC 6355. */
const DUID_TYPES: readonly string[] = ['', 'link address and time', "a maker's number", 'link address', 'UUID'];
const LINK_TIME = 1;
const ENTERPRISE = 2;
const LINK = 3;
const UUID = 4;

/** RFC 2132 section 9.14. An Ethernet address or a DUID is read; every other form means something to its maker only. */
export function clientIdentifier(dhcp: LayerBuilder, at: number, length: number): void {
  if (length === 0) return;
  dhcp.cite = 'RFC 2132 section 9.14';
  const type = dhcp.peek(at, 1);
  const isDuid = type === TYPE_DUID && length >= 1 + IAID_BYTES + 2;
  const isMac = type === ETHERNET && length === 1 + MAC_BYTES;
  const meaning = isDuid ? 'an interface and a DUID' : isMac ? 'an Ethernet address' : 'type of link, or any bytes';
  dhcp.uint('dhcp.client_id.type', at, 1, 'Identifier type', meaning);
  if (isMac) dhcp.mac('dhcp.hw.mac_addr', at + 1, 'Client identifier', 'the client is known by it');
  else if (isDuid) duid(dhcp, at + 1, length - 1);
  else if (length > 1) dhcp.raw('dhcp.client_id', at + 1, length - 1, 'Client identifier', 'the client is known by it');
}

/** The IAID and the DUID in `[at, at + length)`: RFC 4361 section 6.1, RFC 8415 section 11. */
function duid(dhcp: LayerBuilder, at: number, length: number): void {
  dhcp.cite = 'RFC 4361 section 6.1';
  dhcp.raw('dhcp.client_id.iaid', at, IAID_BYTES, 'IAID', "one of the client's interfaces");
  dhcp.cite = 'RFC 8415 section 11';
  const body = at + IAID_BYTES + 2;
  const rest = length - IAID_BYTES - 2;
  const type = dhcp.peek(body - 2, 2);
  dhcp.uint('dhcp.client_id.duid_type', body - 2, 2, 'DUID type', DUID_TYPES[type] || 'unknown');
  if (type === LINK_TIME && rest > 6) {
    dhcp.uint('dhcp.client_id.duid_llt_hw_type', body, 2, 'Hardware type', '1 is Ethernet');
    dhcp.uint('dhcp.client_id.time', body + 2, 4, 'Time', 'seconds since 2000, when the DUID was made');
    linkAddress(dhcp, body + 6, rest - 6);
  } else if (type === LINK && rest > 2) {
    dhcp.uint('dhcp.client_id.duid_ll_hw_type', body, 2, 'Hardware type', '1 is Ethernet');
    linkAddress(dhcp, body + 2, rest - 2);
  } else if (type === ENTERPRISE && rest > 4) {
    dhcp.uint('dhcp.client_id.enterprise_num', body, 4, 'Maker', 'its number at IANA');
    dhcp.raw('dhcp.client_id', body + 4, rest - 4, 'Identifier', 'the maker chose it');
  } else if (type === UUID && rest === 16) uuid(dhcp, body);
  else if (rest > 0) dhcp.raw('dhcp.client_id', body, rest, 'Identifier', 'raw bytes');
}

function linkAddress(dhcp: LayerBuilder, at: number, length: number): void {
  const name = 'dhcp.client_id.link_layer_address';
  if (length === MAC_BYTES) dhcp.mac(name, at, 'Link address', "of one of the client's interfaces");
  else dhcp.raw(name, at, length, 'Link address', "of one of the client's interfaces");
}

/** RFC 6355: in the form of RFC 9562, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`. */
function uuid(dhcp: LayerBuilder, at: number): void {
  const group = (from: number, length: number) =>
    dhcp
      .peek(at + from, length)
      .toString(16)
      .padStart(2 * length, '0');
  const text = [group(0, 4), group(4, 2), group(6, 2), group(8, 2), group(10, 2) + group(12, 4)].join('-');
  dhcp.add('dhcp.client_id.uuid', at, 16, 'UUID', text, 'of the machine');
}

/** A route of option 121: its bytes, and what they say. */
interface ClasslessRoute {
  readonly at: number;
  readonly length: number;
  /** `10.0.0.0/8 by 192.168.1.2` */
  readonly text: string;
}

/**
 * RFC 3442: prefix length, as many bytes of the prefix as it needs, router. Returns what the line says of them. A long
 * option comes in pieces (RFC 3396). A piece that has no whole routes is shown as raw bytes.
 */
export function classlessRoutes(dhcp: LayerBuilder, at: number, length: number): string {
  const routes = routesIn(dhcp, at, at + length);
  const [first, ...others] = routes ?? [];
  if (routes === undefined || first === undefined) {
    if (length > 0) dhcp.raw('dhcp.option.value', at, length, 'Option value', 'not whole routes');
    return '';
  }
  dhcp.cite = 'RFC 3442';
  const meaning = 'a network and its router; 0.0.0.0 as router: the network is on this link';
  for (const route of routes) {
    dhcp.raw('dhcp.option.classless_static_route', route.at, route.length, 'Route', meaning, route.text);
  }
  return `route ${first.text}${others.length === 0 ? '' : ` and ${others.length} more`}`;
}

/** Undefined if `[from, to)` is anything but whole routes. */
function routesIn(dhcp: LayerBuilder, from: number, to: number): ClasslessRoute[] | undefined {
  const routes: ClasslessRoute[] = [];
  for (let at = from; at < to; ) {
    const bits = dhcp.peek(at, 1);
    const significant = (bits + 7) >> 3;
    const length = 1 + significant + 4;
    if (bits > 32 || at + length > to) return undefined;
    const prefix = [0, 1, 2, 3].map((i) => (i < significant ? dhcp.peek(at + 1 + i, 1) : 0)).join('.');
    routes.push({ at, length, text: `${prefix}/${bits} by ${dhcp.ipv4Text(at + length - 4)}` });
    at += length;
  }
  return routes;
}
