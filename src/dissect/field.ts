/**
 * What the dissector makes of a frame: layers, each a list of fields. A field has its place in the frame, its value,
 * what the value means, and the section that defines it.
 */
import type { FieldName, Protocol } from './catalogue.js';

export type { FieldName, Protocol } from './catalogue.js';

export type FieldValue = number | string | boolean;

export interface Field {
  /** Such as `ip.ttl`. */
  readonly name: FieldName;
  /** Such as `Time to live`. */
  readonly label: string;
  /** A number, true or false, or text: see `FieldKind`. */
  readonly value: FieldValue;
  /** How a person reads the value, where that is not the value itself: `0x4000`, `[S.]`. */
  readonly display: string | undefined;
  /** What it is for, or what this value says. */
  readonly meaning: string;
  /** Where to read about it: `RFC 791 section 3.1`. */
  readonly section: string;
  /** The bytes it was read from, as offsets in the frame. Bits share their bytes. */
  readonly from: number;
  readonly to: number;
}

export interface Layer {
  readonly protocol: Protocol;
  readonly label: string;
  readonly section: string;
  readonly fields: readonly Field[];
  /** What is wrong with it: it is cut short, a length lies, a checksum is bad. */
  readonly problems: readonly string[];
}

/** One frame, taken apart. */
export interface Dissection {
  readonly layers: readonly Layer[];
  /** The frame as one line. */
  readonly summary: string;
  /** The number of its TCP connection in this capture, from 1; undefined for all that is not TCP. */
  readonly connection: number | undefined;
  /** What the frame is in its connection: a retransmission, a zero window … */
  readonly notes: readonly string[];
}

/** The value of the first field of this name, or undefined. */
export function fieldValue(dissection: Pick<Dissection, 'layers'>, name: string): FieldValue | undefined {
  for (const layer of dissection.layers) {
    const found = layer.fields.find((field) => field.name === name);
    if (found !== undefined) return found.value;
  }
  return undefined;
}
