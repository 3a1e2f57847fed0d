/** Domain names in DNS messages: RFC 1035 section 3.1, with the compression of section 4.1.4. */
import { latin1Bytes } from '../../../net/wire/latin1.js';
import type { LayerBuilder } from '../../layer-builder.js';

const POINTER = 0xc0;
/** Section 2.3.4: a name has at most 255 bytes, so at most 127 labels. */
const MAX_NAME_BYTES = 255;
const MAX_LABELS = 128;

export interface DnsName {
  readonly text: string;
  /** Bytes that it takes where it stands. */
  readonly length: number;
}

/** The name at `offset` of the message, or undefined if it does not end, points forward or goes on too long. */
export function dnsName(dns: LayerBuilder, offset: number): DnsName | undefined {
  const labels: string[] = [];
  let at = offset;
  let length = 0;
  let bytes = 0;
  for (let steps = 0; steps < MAX_LABELS; steps++) {
    if (!dns.has(at, 1)) return undefined;
    const size = dns.peek(at, 1);
    if (size >= POINTER) {
      if (!dns.has(at, 2)) return undefined;
      if (length === 0) length = at + 2 - offset;
      const target = dns.peek(at, 2) & 0x3fff;
      // A pointer refers to an earlier name, so no chain of pointers is endless.
      if (target >= at) return malformed(dns, offset);
      at = target;
      continue;
    }
    if (size === 0) return { text: labels.join('.') || '<Root>', length: length || at + 1 - offset };
    bytes += size + 1;
    if (size > 63 || bytes > MAX_NAME_BYTES) return malformed(dns, offset);
    if (!dns.has(at, 1 + size)) return undefined;
    labels.push(labelText(dns.characters(at + 1, size)));
    at += 1 + size;
  }
  return malformed(dns, offset);
}

function malformed(dns: LayerBuilder, offset: number): undefined {
  dns.problem(`the name at byte ${offset} makes no sense`);
  return undefined;
}

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * A label as text. Multicast DNS puts UTF-8 into it (RFC 6762 section 16); other bytes stay one character each. A dot
 * within a label, and a backslash, are escaped as in RFC 1035 section 5.1.
 */
function labelText(label: string): string {
  const utf8 = UTF8.decode(latin1Bytes(label));
  return (utf8.includes('\ufffd') ? label : utf8).replace(/[.\\]/g, '\\$&');
}
