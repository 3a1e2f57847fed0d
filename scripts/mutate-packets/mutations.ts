/**
 * The ways in which a frame of the stack is spoiled: each changes one thing and makes the checksums right again, unless
 * the checksum is what it changes.
 */
import { readInt32, readUint16, writeInt32, writeUint16 } from '../../src/net/wire/bytes.js';
import type { Tampered } from '../../src/packetdrill/run/world.js';
import { fixChecksums, type Layout, layoutOf, resized } from './frame.js';

/** A whole number from 0 up to, and without, `limit`. */
export type Draw = (limit: number) => number;

/** What a mutation may know beside the frame. */
export interface Timing {
  /** Microseconds that are more than the runner allows a time to be off. */
  readonly late: number;
}

export interface Mutation {
  readonly name: string;
  /** The spoiled frame (none: it is lost); `undefined` if there is no such part in this one. */
  apply(frame: Uint8Array, draw: Draw, timing: Timing): readonly Tampered[] | undefined;
}

const OPTION_TIMESTAMPS = 8;
const NOP = 1;
const END = 0;
/** Ticks by which a TSval is moved: more than any tolerance. */
const TICKS = 1_000_000;

/** A mutation that changes bytes in place; false: not applicable. */
function inPlace(name: string, change: (frame: Uint8Array, layout: Layout, draw: Draw) => boolean): Mutation {
  return {
    name,
    apply: (frame, draw) => {
      const changed = frame.slice();
      const layout = layoutOf(frame);
      if (!change(changed, layout, draw)) return undefined;
      fixChecksums(changed, layout);
      return [{ frame: changed, delay: 0 }];
    },
  };
}

function flipBit(frame: Uint8Array, at: number, bit: number): void {
  frame[at] = (frame[at] ?? 0) ^ (1 << bit);
}

/** Flips one bit among `bytes` bytes at an offset. */
function flips(name: string, bytes: number, offset: (layout: Layout) => number | undefined, bits = 8): Mutation {
  return inPlace(name, (frame, layout, draw) => {
    const at = offset(layout);
    if (at === undefined) return false;
    flipBit(frame, at + draw(bytes), draw(bits));
    return true;
  });
}

/** Adds to the 32-bit number at an offset of the TCP header: a little, or anything. */
function moves(name: string, offset: number): Mutation {
  return inPlace(name, (frame, { isTcp, transport }, draw) => {
    if (!isTcp) return false;
    const step = draw(2) === 0 ? 1 : 1 + draw(0x7fff_fffe);
    writeInt32(frame, transport + offset, readInt32(frame, transport + offset) + step);
    return true;
  });
}

function changes16(name: string, offset: number): Mutation {
  return inPlace(name, (frame, { isTcp, transport }, draw) => {
    if (!isTcp) return false;
    writeUint16(frame, transport + offset, readUint16(frame, transport + offset) ^ (1 + draw(0xffff)));
    return true;
  });
}

/** A bit of the flags byte, or AE (the lowest bit of the byte before it). */
function flag(name: string, bit: number): Mutation {
  return inPlace(name, (frame, { isTcp, transport }) => {
    if (isTcp) flipBit(frame, transport + (bit < 8 ? 13 : 12), bit & 7);
    return isTcp;
  });
}

/** A flag of the IPv4 header's word of flags and fragment offset. */
function ipFlag(name: string, mask: (draw: Draw) => number): Mutation {
  return inPlace(name, (frame, { isV4, ip }, draw) => {
    if (isV4) writeUint16(frame, ip + 6, readUint16(frame, ip + 6) ^ mask(draw));
    return isV4;
  });
}

/** The offset of an option's first byte, if the segment has it. */
export function findOption(frame: Uint8Array, layout: Layout, kind: number): number | undefined {
  if (!layout.isTcp) return undefined;
  for (let at = layout.options; at < layout.payload; ) {
    const found = frame[at];
    if (found === kind) return at;
    if (found === END) return undefined;
    at += found === NOP ? 1 : Math.max(2, frame[at + 1] ?? 0);
  }
  return undefined;
}

const tsval = inPlace('TSval', (frame, layout, draw) => {
  const at = findOption(frame, layout, OPTION_TIMESTAMPS);
  if (at === undefined) return false;
  writeInt32(frame, at + 2, readInt32(frame, at + 2) + (draw(2) === 0 ? TICKS : -TICKS));
  return true;
});

const optionByte = inPlace('byte of the options', (frame, layout, draw) => {
  const stamps = findOption(frame, layout, OPTION_TIMESTAMPS);
  const places: number[] = [];
  for (let at = layout.options; layout.isTcp && at < layout.payload; at++) {
    const inTsval = stamps !== undefined && at >= stamps + 2 && at < stamps + 6;
    if (!inTsval) places.push(at);
  }
  const at = places[draw(Math.max(1, places.length))];
  if (at === undefined) return false;
  flipBit(frame, at, draw(8));
  return true;
});

const optionsGone = inPlace('options left out', (frame, layout) => {
  if (!layout.isTcp || layout.options === layout.payload) return false;
  frame.fill(NOP, layout.options, layout.payload);
  return true;
});

const payloadByte = inPlace('byte of the payload', (frame, layout, draw) => {
  if (layout.payload === layout.end) return false;
  flipBit(frame, layout.payload + draw(layout.end - layout.payload), draw(8));
  return true;
});

function lengthened(name: string, bytes: number): Mutation {
  return {
    name,
    apply: (frame) => {
      const layout = layoutOf(frame);
      if (layout.end - layout.payload + bytes < 0) return undefined;
      const changed = resized(frame, layout, bytes);
      fixChecksums(changed, { ...layout, end: changed.length });
      return [{ frame: changed, delay: 0 }];
    },
  };
}

/** Spoils a checksum and leaves it so. */
function badChecksum(name: string, offset: (layout: Layout) => number | undefined): Mutation {
  return {
    name,
    apply: (frame, draw) => {
      const at = offset(layoutOf(frame));
      if (at === undefined) return undefined;
      const changed = frame.slice();
      flipBit(changed, at + draw(2), draw(8));
      return [{ frame: changed, delay: 0 }];
    },
  };
}

function shifted(name: string, sign: 1 | -1): Mutation {
  return { name, apply: (frame, _, { late }) => [{ frame, delay: sign * late }] };
}

/** All mutations. The names are those of the void rules and the report. */
export const MUTATIONS: readonly Mutation[] = [
  flips('destination MAC', 6, () => 0),
  flips('source MAC', 6, () => 6),
  flips('source address', 4, ({ isV4, ip }) => ip + (isV4 ? 12 : 20)),
  flips('destination address', 4, ({ isV4, ip }) => ip + (isV4 ? 16 : 36)),
  flips('TTL', 1, ({ isV4, ip }) => ip + (isV4 ? 8 : 7)),
  inPlace('DSCP', (frame, { isV4, ip }, draw) => {
    // Over IPv6 the traffic class lies across two bytes: four bits in the first, four in the second.
    const bit = 2 + draw(6);
    if (isV4) flipBit(frame, ip + 1, bit);
    else flipBit(frame, ip + (bit > 3 ? 0 : 1), bit > 3 ? bit - 4 : bit + 4);
    return true;
  }),
  inPlace('ECN', (frame, { isV4, ip }, draw) => {
    flipBit(frame, ip + 1, draw(2) + (isV4 ? 0 : 4));
    return true;
  }),
  ipFlag('more fragments', () => 0x2000),
  ipFlag("don't fragment", () => 0x4000),
  ipFlag('reserved IP flag', () => 0x8000),
  ipFlag('fragment offset', (draw) => 1 + draw(0x1ffe)),
  changes16('source port', 0),
  changes16('destination port', 2),
  moves('sequence number', 4),
  moves('acknowledgment', 8),
  flag('FIN', 0),
  flag('SYN', 1),
  flag('RST', 2),
  flag('PSH', 3),
  flag('ACK', 4),
  flag('URG', 5),
  flag('ECE', 6),
  flag('CWR', 7),
  flag('AE', 8),
  inPlace('reserved TCP bits', (frame, { isTcp, transport }, draw) => {
    if (isTcp) flipBit(frame, transport + 12, 1 + draw(3));
    return isTcp;
  }),
  changes16('window', 14),
  changes16('urgent pointer', 18),
  tsval,
  optionByte,
  optionsGone,
  payloadByte,
  lengthened('payload a byte longer', 1),
  lengthened('payload a byte shorter', -1),
  {
    name: 'bytes behind the packet',
    apply: (frame) => {
      const changed = new Uint8Array(frame.length + 4);
      changed.set(frame);
      return [{ frame: changed, delay: 0 }];
    },
  },
  badChecksum('IP checksum', ({ isV4, ip }) => (isV4 ? ip + 10 : undefined)),
  badChecksum('transport checksum', ({ checksum }) => checksum),
  flips('ICMP type', 1, ({ isTcp, transport }) => (isTcp ? undefined : transport)),
  flips('ICMP code', 1, ({ isTcp, transport }) => (isTcp ? undefined : transport + 1)),
  flips('rest of the ICMP header', 4, ({ isTcp, transport }) => (isTcp ? undefined : transport + 4)),
  shifted('late', 1),
  shifted('early', -1),
  { name: 'lost', apply: () => [] },
  {
    name: 'twice',
    apply: (frame) => [
      { frame, delay: 0 },
      { frame, delay: 0 },
    ],
  },
];
