/**
 * Which frames are shown: by address, port, connection, protocol. A frame must pass each kind that is given; of several
 * values of one kind it needs one. (Everything is still dissected: connection numbers count all connections.)
 */
import type { Dissection, Protocol } from './field.js';

export interface DisplayFilter {
  /** IP addresses or Ethernet addresses, of either end, in the form in which they are shown. */
  readonly addresses?: readonly string[];
  readonly ports?: readonly number[];
  readonly connections?: readonly number[];
  readonly protocols?: readonly Protocol[];
}

const ADDRESS_FIELDS = new Set([
  'ip.src',
  'ip.dst',
  'ipv6.src',
  'ipv6.dst',
  'eth.src',
  'eth.dst',
  'arp.src.proto_ipv4',
  'arp.dst.proto_ipv4',
]);
const PORT_FIELDS = new Set(['tcp.srcport', 'tcp.dstport', 'udp.srcport', 'udp.dstport']);

/** True if the frame shall be shown. */
export function passes(dissection: Dissection, filter: DisplayFilter): boolean {
  const { addresses, ports, connections, protocols } = filter;
  if (connections !== undefined && !connections.includes(dissection.connection ?? 0)) return false;
  if (addresses !== undefined && !hasField(dissection, ADDRESS_FIELDS, addresses)) return false;
  if (ports !== undefined && !hasField(dissection, PORT_FIELDS, ports)) return false;
  return protocols === undefined || dissection.layers.some((layer) => protocols.includes(layer.protocol));
}

function hasField(dissection: Dissection, names: ReadonlySet<string>, values: readonly (string | number)[]): boolean {
  return dissection.layers.some((layer) =>
    layer.fields.some((field) => names.has(field.name) && values.includes(field.value as string | number)),
  );
}
