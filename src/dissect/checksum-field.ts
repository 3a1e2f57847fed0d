/** A checksum as a field: what it is, and whether it is right (RFC 1071). */
import { fold, sum } from '../net/wire/checksum.js';
import type { PseudoHeader } from './context.js';
import type { LayerBuilder } from './layer-builder.js';

/** The checksum of an IPv4 or ICMP header: over `[from, to)` of the layer, without a pseudo-header. */
export function plainChecksum(layer: LayerBuilder, name: string, offset: number, end: number, isWhole: boolean): void {
  const state = isWhole
    ? judge(layer, offset, fold(sum(layer.bytes, layer.from, layer.from + end)))
    : 'not checked: not all of it is here';
  addChecksum(layer, name, offset, state);
}

/** The checksum of TCP, UDP or ICMPv6: over the whole payload of the packet, and the pseudo-header. */
export function transportChecksum(layer: LayerBuilder, name: string, offset: number, pseudo: PseudoHeader): void {
  let state: string;
  if (pseudo.isFragment) state = 'not checked: a fragment';
  else if (pseudo.length > layer.available) state = 'not checked: not all of the packet is here';
  else if (layer.protocol === 'udp' && layer.peek(offset, 2) === 0) state = 'none';
  else {
    const header = fold(pseudo.sum + (pseudo.length & 0xffff) + (pseudo.length >>> 16));
    const data = sum(layer.bytes, layer.from, layer.from + pseudo.length);
    state = judge(layer, offset, fold(header + data));
    // A sender with checksum offload leaves the pseudo-header's sum there: not inverted, the rest not yet added.
    if (state !== GOOD && layer.peek(offset, 2) === header) {
      state = 'left to the network card (partial)';
      layer.problems.pop();
    }
  }
  addChecksum(layer, name, offset, state);
}

const GOOD = 'correct';

/** `total` is the folded sum of everything, the field included: all ones if the field is right. */
function judge(layer: LayerBuilder, offset: number, total: number): string {
  const found = layer.peek(offset, 2);
  // The ones'-complement sum of everything is 0xffff where the field is right; a sum of nothing but zeros stays 0.
  if (total === 0xffff) return GOOD;
  const right = ~fold(total + (~found & 0xffff)) & 0xffff;
  const state = `wrong, should be 0x${right.toString(16).padStart(4, '0')}`;
  layer.problem(`${layer.label} checksum ${state}`);
  return state;
}

function addChecksum(layer: LayerBuilder, name: string, offset: number, state: string): void {
  layer.hex(name, offset, 2, 'Checksum', state);
}
