/** The pseudo-record OPT with its options: RFC 6891 section 6.1.2. */
import type { LayerBuilder } from '../../layer-builder.js';
import { dnsName } from './dns-name.js';

const NAMES: Readonly<Record<number, string>> = {
  1: 'LLQ',
  3: 'NSID',
  5: 'DAU',
  6: 'DHU',
  7: 'N3U',
  8: 'client subnet',
  9: 'EXPIRE',
  10: 'COOKIE',
  11: 'TCP keep-alive',
  12: 'padding',
  13: 'CHAIN',
  14: 'key tag',
  15: 'extended error',
};

/** Adds what class and TTL mean in OPT, at the type's place `at`. */
export function ednsHead(dns: LayerBuilder, at: number): void {
  dns.cite = 'RFC 6891 section 6.1';
  dns.uint('dns.rr.udp_payload_size', at + 2, 2, 'UDP payload', 'the largest answer that the sender takes');
  dns.hex('dns.resp.ext_rcode', at + 4, 1, 'Upper bits of the result', 'the header has the lower four');
  dns.uint('dns.resp.edns0_version', at + 5, 1, 'EDNS version', 'always 0');
  dns.flag('dns.resp.z.do', at + 6, 2, 15, 'DNSSEC OK', 'signatures are wanted (RFC 3225)');
}

/** Adds the options in `[from, to)`. */
export function ednsOptions(dns: LayerBuilder, from: number, to: number): void {
  let at = from;
  while (at + 4 <= to) {
    dns.cite = 'RFC 6891 section 6.1.2';
    const code = dns.peek(at, 2);
    const length = Math.min(dns.peek(at + 2, 2), to - at - 4);
    dns.uint('dns.opt.code', at, 2, 'Option', NAMES[code] ?? 'see IANA');
    dns.uint('dns.opt.len', at + 2, 2, 'Option length', 'bytes');
    option(dns, code, at + 4, length);
    at += 4 + length;
  }
}

function option(dns: LayerBuilder, code: number, at: number, length: number): void {
  switch (code) {
    case 8:
      clientSubnet(dns, at, length);
      return;
    case 10:
      dns.cite = 'RFC 7873 section 4';
      dns.raw('dns.opt.cookie.client', at, Math.min(8, length), 'Client cookie', 'of the one who asks');
      if (length > 8) dns.raw('dns.opt.cookie.server', at + 8, length - 8, 'Server cookie', 'to be brought back');
      return;
    case 11:
      dns.cite = 'RFC 7828 section 3.1';
      if (length >= 2) dns.uint('dns.opt.edns_tcp_keepalive.timeout', at, 2, 'Idle time', 'tenths of a second');
      return;
    case 12:
      dns.cite = 'RFC 7830';
      if (length > 0) dns.raw('dns.opt.padding', at, length, 'Padding', 'hides the length');
      return;
    case 13: {
      dns.cite = 'RFC 7901';
      const name = dnsName(dns, at);
      if (name !== undefined)
        dns.add('dns.opt.chain.fqdn', at, name.length, 'Closest trust point', name.text, 'a name');
      return;
    }
    case 15:
      dns.cite = 'RFC 8914 section 2';
      if (length >= 2) dns.uint('dns.opt.ext_error.info_code', at, 2, 'Code', 'see IANA');
      if (length > 2) dns.text('dns.opt.ext_error.extra_text', at + 2, length - 2, 'Text', 'for people');
      return;
    default:
      if (length > 0) dns.raw('dns.opt.data', at, length, 'Data', 'of the option');
  }
}

/** RFC 7871 section 6: the address without the bytes that the mask leaves out. */
function clientSubnet(dns: LayerBuilder, at: number, length: number): void {
  dns.cite = 'RFC 7871 section 6';
  if (length < 4) return;
  dns.uint('dns.opt.client.family', at, 2, 'Family', '1 is IPv4, 2 is IPv6');
  dns.uint('dns.opt.client.netmask', at + 2, 1, 'Source prefix length', 'bits that are given');
  dns.uint('dns.opt.client.scope', at + 3, 1, 'Scope prefix length', 'bits that the answer is for');
  if (length > 4) dns.raw('dns.opt.client.addr', at + 4, length - 4, 'Address', 'the bytes that count');
}
