/** Ethernet frames (IEEE 802.3, RFC 894) and VLAN tags (IEEE 802.1Q). */
import type { Frame } from '../../frame.js';
import type { LayerBuilder } from '../../layer-builder.js';
import { etherTypeName, isLength, isVlan } from './ether-types.js';

const ETHERNET = 'IEEE 802.3 clause 3, RFC 894';
const VLAN = 'IEEE 802.1Q clause 9';
const HEADER_BYTES = 14;
const TAG_BYTES = 4;

/** An Ethernet frame without its FCS in `[from, to)`: stations, type or length, tags (IEEE 802.3, 802.1Q). */
export function dissectEthernet(frame: Frame, from: number, to: number): void {
  const eth = frame.layer('eth', 'Ethernet', ETHERNET, from, to);
  eth.mac('eth.dst', 0, 'Destination', 'the station it is for, or a group if the first byte is odd');
  eth.mac('eth.src', 6, 'Source', 'the station that sent it');
  typeOrLength(eth, 'eth', 12);
  if (eth.available < HEADER_BYTES) frame.say(`[|ether], length ${to - from}`);
  else dissectTagged(frame, eth.peek(12, 2), from + HEADER_BYTES, to);
}

/** What follows an EtherType: VLAN tags, then the packet. */
export function dissectTagged(frame: Frame, type: number, from: number, to: number): void {
  if (!isVlan(type)) {
    frame.carried.etherType(frame, type, from, isLength(type) ? Math.min(to, from + type) : to);
    return;
  }
  if (frame.isFull) return;
  const tag = frame.layer('vlan', 'VLAN tag', VLAN, from, to);
  tag.bits('vlan.priority', 0, 2, 13, 7, 'Priority', 'class of service, 7 the highest');
  tag.flag('vlan.dei', 0, 2, 12, 'Drop eligible', 'may be dropped first when there is too much');
  const id = tag.bits(
    'vlan.id',
    0,
    2,
    0,
    0xfff,
    'VLAN',
    'the virtual network it belongs to; 0: only the priority counts',
  );
  typeOrLength(tag, 'vlan', 2);
  if (tag.available < TAG_BYTES) frame.say('[|vlan]');
  else {
    frame.say(`vlan ${id}, `);
    dissectTagged(frame, tag.peek(2, 2), from + TAG_BYTES, to);
  }
}

/** A type below 1536 is a length: then an IEEE 802.2 header follows. */
function typeOrLength(layer: LayerBuilder, owner: 'eth' | 'vlan', offset: number): void {
  const type = layer.peek(offset, 2);
  if (isLength(type)) layer.uint(`${owner}.len`, offset, 2, 'Length', 'IEEE 802.3: bytes that follow');
  else layer.hex(owner === 'eth' ? 'eth.type' : 'vlan.etype', offset, 2, 'Type', etherTypeName(type));
}
