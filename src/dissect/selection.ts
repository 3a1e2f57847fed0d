/**
 * Which frames are shown: by the simple options (address, port, connection, protocol) and by a display filter. A frame
 * must pass each kind that is given; of several values of one kind it needs one. Everything is still dissected, since
 * connection numbers count all connections.
 */
import type { FieldName, Protocol } from './catalogue.js';
import type { Predicate } from './filter/parser.js';
import type { FrameView } from './frame-view.js';

export interface Selection {
  /** IP addresses or Ethernet addresses, of either end, in the form in which they are shown. */
  readonly addresses?: readonly string[];
  readonly ports?: readonly number[];
  readonly connections?: readonly number[];
  readonly protocols?: readonly Protocol[];
  readonly filter?: Predicate;
}

const ADDRESS_FIELDS: readonly FieldName[] = [
  'ip.src',
  'ip.dst',
  'ipv6.src',
  'ipv6.dst',
  'eth.src',
  'eth.dst',
  'arp.src.proto_ipv4',
  'arp.dst.proto_ipv4',
];
const PORT_FIELDS: readonly FieldName[] = ['tcp.srcport', 'tcp.dstport', 'udp.srcport', 'udp.dstport'];

/** True if the frame shall be shown. */
export function passes(view: FrameView, { addresses, ports, connections, protocols, filter }: Selection): boolean {
  if (connections !== undefined && !connections.includes(view.dissection.connection ?? 0)) return false;
  if (addresses !== undefined && !hasOne(view, ADDRESS_FIELDS, addresses)) return false;
  if (ports !== undefined && !hasOne(view, PORT_FIELDS, ports)) return false;
  if (protocols !== undefined && !protocols.some((protocol) => view.has(protocol))) return false;
  return filter === undefined || filter(view);
}

function hasOne(view: FrameView, names: readonly FieldName[], wanted: readonly (string | number)[]): boolean {
  return names.some((name) => view.values(name).some((value) => wanted.includes(value as string | number)));
}
