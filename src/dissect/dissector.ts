/**
 * Takes a recorded frame apart: every layer, every field, and its place in its TCP connection. The slow and complete
 * twin of the stack's own in-place accessors, which it is held to by tests; for `fastpath dissect` and for reports.
 */

import type { LinkView } from '../capture/format/link-layer.js';
import { linkName } from '../capture/format/link-layer.js';
import type { CaptureRecord } from '../capture/format/record.js';
import { toSequence } from '../net/tcp/sequence.js';
import { describePacket } from '../net/wire/describe.js';
import { ABSOLUTE, type SequenceBase } from '../net/wire/describe-tcp.js';
import { TYPE_ARP, TYPE_IPV4, TYPE_IPV6 } from '../net/wire/ethernet.js';
import { ConnectionTracker, type Place } from './connections.js';
import type { FrameContext } from './context.js';
import type { Dissection, Layer } from './field.js';
import { fieldValue } from './field.js';
import { dissectArp } from './layers/arp.js';
import { dissectIpv4 } from './layers/ipv4.js';
import { dissectIpv6 } from './layers/ipv6.js';
import { dissectLink } from './layers/link.js';
import { dissectData } from './layers/transport.js';

export interface DissectorOptions {
  /** Show sequence numbers as they are, not counted from the start of the connection. */
  readonly absolute?: boolean;
}

/** Takes the frames of one capture apart, in their order. */
export class Dissector {
  readonly #connections = new ConnectionTracker();
  readonly #absolute: boolean;

  constructor(options: DissectorOptions = {}) {
    this.#absolute = options.absolute ?? false;
  }

  dissect(record: CaptureRecord): Dissection {
    const { bytes, from, to } = record;
    const frame: FrameContext = { bytes, from, to, isCut: record.originalLength > to - from, layers: [] };
    const link = dissectLink(frame, record.linkType);
    if (link !== undefined) dissectNetwork(frame, link);
    const place = this.#place(frame.layers);
    const base = this.#absolute || place === undefined ? ABSOLUTE : place.base;
    return {
      layers: frame.layers,
      summary: summarize(record, link, base),
      connection: place?.connection,
      notes: place?.notes ?? [],
    };
  }

  /** The place of a whole TCP segment in its connection; a segment that an ICMP error quotes has none. */
  #place(layers: readonly Layer[]): Place | undefined {
    const index = layers.findIndex((layer) => layer.protocol === 'tcp');
    if (index < 1 || layers.some((layer) => layer.protocol.startsWith('icmp'))) return undefined;
    const tcp = { layers: [layers[index]!] };
    const ip = { layers: layers.slice(0, index).reverse() };
    const length = fieldValue(tcp, 'tcp.len');
    if (length === undefined) return undefined;
    const address = (end: string) => fieldValue(ip, `ip.${end}`) ?? fieldValue(ip, `ipv6.${end}`);
    const number = (name: string) => Number(fieldValue(tcp, name));
    return this.#connections.observe({
      source: `${address('src')} ${number('tcp.srcport')}`,
      destination: `${address('dst')} ${number('tcp.dstport')}`,
      flags: number('tcp.flags') & 0xff,
      sequence: toSequence(number('tcp.seq')),
      acknowledgment: toSequence(number('tcp.ack')),
      length: Number(length),
      window: number('tcp.window_size_value'),
    });
  }
}

function dissectNetwork(frame: FrameContext, link: LinkView): void {
  switch (link.etherType) {
    case TYPE_IPV4:
      dissectIpv4(frame, link.networkFrom, link.to);
      break;
    case TYPE_IPV6:
      dissectIpv6(frame, link.networkFrom, link.to);
      break;
    case TYPE_ARP:
      dissectArp(frame, link.networkFrom, link.to);
      break;
    default:
      dissectData(frame, link.networkFrom, link.to, 'Data');
  }
}

function summarize(record: CaptureRecord, link: LinkView | undefined, base: SequenceBase): string {
  if (link === undefined) {
    const name = linkName(record.linkType) ?? `link type ${record.linkType}`;
    return `${name}, not understood, length ${record.to - record.from}`;
  }
  const tags = link.vlanTags > 0 ? `vlan x${link.vlanTags}, ` : '';
  return tags + describePacket(link.etherType, record.bytes, link.networkFrom, link.to, base);
}
