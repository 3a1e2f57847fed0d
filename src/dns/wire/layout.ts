/**
 * Where names stand in the data of a record, by its type: to compress them (RFC 1035 section 4.1.4, and RFC 3597
 * section 4, which forbids it for later types), and to find the addresses that an answer adds.
 */
import { MAX_LABEL_BYTES, MAX_NAME_BYTES } from './name.js';
import { TYPE } from './types.js';

/** `before` bytes, then `names` names, then at least `after` bytes. */
export interface Layout {
  readonly before: number;
  readonly names: number;
  readonly after: number;
  /** A message may compress these names. */
  readonly isCompressed: boolean;
  /** What follows is of this size exactly. */
  readonly isExact: boolean;
}

const row = (before: number, names: number, after = 0, isCompressed = true, isExact = true): Layout => ({
  before,
  names,
  after,
  isCompressed,
  isExact,
});

const LAYOUTS: ReadonlyMap<number, Layout> = new Map([
  [TYPE.A, row(4, 0)],
  [TYPE.AAAA, row(16, 0)],
  [TYPE.NS, row(0, 1)],
  [TYPE.MD, row(0, 1)],
  [TYPE.MF, row(0, 1)],
  [TYPE.CNAME, row(0, 1)],
  [TYPE.SOA, row(0, 2, 20)],
  [TYPE.MB, row(0, 1)],
  [TYPE.MG, row(0, 1)],
  [TYPE.MR, row(0, 1)],
  [TYPE.PTR, row(0, 1)],
  [TYPE.MINFO, row(0, 2)],
  [TYPE.MX, row(2, 1)],
  [TYPE.RP, row(0, 2, 0, false)],
  [TYPE.AFSDB, row(2, 1, 0, false)],
  [TYPE.RT, row(2, 1, 0, false)],
  [TYPE.PX, row(2, 2, 0, false)],
  [TYPE.SRV, row(6, 1, 0, false)],
  [TYPE.KX, row(2, 1, 0, false)],
  [TYPE.DNAME, row(0, 1, 0, false)],
  [TYPE.LP, row(2, 1, 0, false)],
  [TYPE.DS, row(4, 0, 1, false, false)],
  [TYPE.DNSKEY, row(4, 0, 0, false, false)],
  [TYPE.RRSIG, row(18, 1, 1, false, false)],
  [TYPE.NSEC, row(0, 1, 0, false, false)],
  [TYPE.NSEC3, row(5, 0, 1, false, false)],
  [TYPE.NSEC3PARAM, row(5, 0, 0, false, false)],
  [TYPE.SVCB, row(2, 1, 0, false, false)],
  [TYPE.HTTPS, row(2, 1, 0, false, false)],
]);

/** The layout of a type; undefined for one whose data has no names that matter to us. */
export function layoutOf(type: number): Layout | undefined {
  return LAYOUTS.get(type);
}

/** True if `data` can be what a record of this type carries, as far as its names and its size go. */
export function isSoundData(type: number, data: Uint8Array): boolean {
  if (type === TYPE.NAPTR) return isSoundPointer(data);
  const layout = LAYOUTS.get(type);
  if (layout === undefined) return true;
  let at = layout.before;
  if (at > data.length) return false;
  for (let i = 0; i < layout.names; i++) {
    at = soundNameEnd(data, at);
    if (at < 0) return false;
  }
  return layout.isExact ? at + layout.after === data.length : at + layout.after <= data.length;
}

/** Where the uncompressed name at `at` ends; -1 if it is not sound. */
export function soundNameEnd(data: Uint8Array, at: number): number {
  for (let i = at; i < data.length && i - at < MAX_NAME_BYTES; i += data[i]! + 1) {
    if (data[i] === 0) return i + 1;
    if (data[i]! > MAX_LABEL_BYTES) return -1;
  }
  return -1;
}

/** RFC 3403 section 4.1: two numbers, three strings, a name. */
function isSoundPointer(data: Uint8Array): boolean {
  let at = 4;
  for (let i = 0; i < 3; i++) at += (data[at] ?? data.length) + 1;
  return at < data.length && soundNameEnd(data, at) === data.length;
}
