/** Parameters of SVCB and HTTPS: RFC 9460 section 2.2. */
import type { Cursor } from './dns-records.js';

const NAMES = ['mandatory', 'alpn', 'no-default-alpn', 'port', 'ipv4hint', 'ech', 'ipv6hint', 'dohpath', 'ohttp'];

/** Adds key, length and value of each parameter. */
export function serviceParameters(cursor: Cursor): void {
  const { dns, end, texts } = cursor;
  while (cursor.at + 4 <= end) {
    const { at } = cursor;
    const key = dns.peek(at, 2);
    const name = NAMES[key] ?? `key${key}`;
    dns.uint('dns.svcb.svcparam.key', at, 2, 'Parameter', name);
    const length = Math.min(dns.peek(at + 2, 2), end - at - 4);
    dns.uint('dns.svcb.svcparam.value.length', at + 2, 2, 'Value length', 'bytes');
    value(cursor, key, at + 4, at + 4 + length);
    texts.push(name);
    cursor.at = at + 4 + length;
  }
}

function value({ dns }: Cursor, key: number, from: number, to: number): void {
  switch (key) {
    case 0:
      for (let at = from; at + 2 <= to; at += 2) {
        dns.uint('dns.svcb.svcparam.mandatory.key', at, 2, 'Mandatory', 'a client has to know this key');
      }
      return;
    case 1:
      for (let at = from; at < to; ) {
        const size = Math.min(dns.peek(at, 1), to - at - 1);
        dns.text('dns.svcb.svcparam.alpn', at + 1, size, 'Protocol', 'that the server speaks');
        at += 1 + size;
      }
      return;
    case 3:
      if (to - from === 2) dns.uint('dns.svcb.svcparam.port', from, 2, 'Port', 'of the service');
      return;
    case 4:
      for (let at = from; at + 4 <= to; at += 4) {
        dns.ipv4('dns.svcb.svcparam.ipv4hint.ip', at, 'IPv4 hint', 'to be tried at once');
      }
      return;
    case 6:
      for (let at = from; at + 16 <= to; at += 16) {
        dns.ipv6('dns.svcb.svcparam.ipv6hint.ip', at, 'IPv6 hint', 'to be tried at once');
      }
      return;
    default:
      if (to > from) dns.raw('dns.svcb.svcparam.value', from, to - from, 'Value', 'not taken apart');
  }
}
