/** EtherTypes: IEEE 802 Numbers, kept by IANA. */

const NAMES: Readonly<Record<number, string>> = {
  2048: 'IPv4',
  2054: 'ARP',
  25944: 'Ethernet in a tunnel',
  32821: 'RARP',
  33024: 'VLAN tag',
  34525: 'IPv6',
  34887: 'MPLS',
  34888: 'MPLS, label from above',
  34915: 'PPPoE discovery',
  34916: 'PPPoE session',
  34958: 'IEEE 802.1X',
  34984: 'provider VLAN tag',
  35020: 'LLDP',
  35045: 'MACsec',
};

/** The name of an EtherType; `unknown` if it has none here. */
export function etherTypeName(type: number): string {
  return NAMES[type] ?? 'unknown';
}

/** True for the tags of IEEE 802.1Q and 802.1ad, and what was in use before the latter had a number. */
export function isVlan(type: number): boolean {
  return type === 0x8100 || type === 0x88a8 || type === 0x9100;
}

/** True if the number in the place of an EtherType is a length (IEEE 802.3 clause 3.2.6). */
export function isLength(type: number): boolean {
  return type < 1536;
}
