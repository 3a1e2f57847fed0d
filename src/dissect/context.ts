/** What the dissectors of one frame share, and the result of each: where to go on. */
import type { LayerBuilder } from './layer-builder.js';

/** The frame and the layers found in it so far. */
export interface FrameContext {
  readonly bytes: Uint8Array;
  /** The frame is `bytes[from, to)`. */
  readonly from: number;
  readonly to: number;
  /** It was longer on the wire: lengths that reach past its end are no fault of the sender. */
  readonly isCut: boolean;
  readonly layers: LayerBuilder[];
}

/** Bounds the layers of one frame: tunnels and extension headers can be nested without end. */
export const MAX_LAYERS = 16;

/** What a transport checksum is computed over besides the segment: RFC 9293 section 3.1, RFC 8200 section 8.1. */
export interface PseudoHeader {
  /** The partial sum of the addresses and the protocol. */
  readonly sum: number;
  /** The payload is the first piece of a fragmented packet: its checksum cannot be checked. */
  readonly isFragment: boolean;
  /** Bytes of transport header and data as the IP header says. */
  readonly length: number;
}
