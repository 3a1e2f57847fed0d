/**
 * The frame that is being taken apart: its bytes, the layers found so far, and the line that describes it.
 *
 * A layer knows the number of what it carries, not the dissector that reads it. It asks `frame.carried`, which the
 * registry fills. So a layer imports none that it carries, and IP can carry GRE that carries IP.
 */
import type { CaptureRecord } from '../capture/format/record.js';
import type { Sequence } from '../net/tcp/sequence.js';
import type { Protocol } from './catalogue.js';
import { LayerBuilder } from './layer-builder.js';
import type { ConnectionTracker, Place } from './tcp/connections.js';
import type { UdpStreams } from './udp-streams.js';

/** Bounds the layers of one frame: tunnels and extension headers can be nested without end. */
export const MAX_LAYERS = 32;

/** What IP tells the layer above it. */
export interface Packet {
  readonly protocol: number;
  /** As text, as the header has them and the line shows them. */
  readonly source: string;
  readonly destination: string;
  /** The ends of the conversation, where a source route or a home address makes them others. */
  readonly endSource?: string;
  readonly endDestination?: string;
  /**
   * The partial sum of the pseudo-header without its length (RFC 9293 section 3.1, RFC 8200 section 8.1), or -1 if the
   * final destination is not known.
   */
  readonly sum: number;
  /** The payload is the first piece of a fragmented packet: its lengths and checksum cover more than is here. */
  readonly isFragment: boolean;
  /** Bytes of transport header and data as the IP header says. */
  readonly length: number;
}

/** Dissectors by the number that names them. Each gets `[from, to)` of the frame's bytes. */
export interface Carried {
  /** By EtherType; below 1536 it is an IEEE 802.3 length. */
  etherType(frame: Frame, type: number, from: number, to: number): void;
  /** A whole Ethernet frame inside a tunnel. */
  ethernet(frame: Frame, from: number, to: number): void;
  /** A PPP frame, with or without address and control bytes. */
  ppp(frame: Frame, from: number, to: number): void;
  /** By PPP protocol number. */
  pppProtocol(frame: Frame, protocol: number, from: number, to: number): void;
  /** By IP protocol number. */
  transport(frame: Frame, from: number, to: number, packet: Packet): void;
  /** The data of a TCP segment. */
  stream(frame: Frame, from: number, to: number, ports: Ports): void;
  /** The data of a UDP datagram. */
  datagram(frame: Frame, from: number, to: number, ports: Ports): void;
}

/** The data of a frame's TCP segment. */
export interface Payload {
  /** What is there of it: `[from, to)` of the record's bytes. */
  readonly from: number;
  readonly to: number;
  /** Bytes that were sent. */
  readonly length: number;
  /** The sequence number of the segment, that of SYN if it has one. */
  readonly sequence: Sequence;
  readonly isSyn: boolean;
  readonly isFin: boolean;
  readonly acknowledgment: Sequence | undefined;
}

export interface Ports {
  readonly source: number;
  readonly destination: number;
}

/** What all frames of a capture share. */
export interface Surroundings {
  readonly carried: Carried;
  readonly tracker: ConnectionTracker;
  readonly udpStreams: UdpStreams;
  /** Sequence numbers are shown as they are, not counted from the start of the connection. */
  readonly absolute: boolean;
}

export class Frame {
  readonly carried: Carried;
  readonly tracker: ConnectionTracker;
  readonly udpStreams: UdpStreams;
  readonly absolute: boolean;
  readonly layers: LayerBuilder[];
  /** The frame as one line; layers add to it in their order. */
  line = '';
  /** Where the frame's TCP segment stands in its connection. */
  place: Place | undefined;
  /** The data of that segment. */
  payload: Payload | undefined;

  private constructor(
    surroundings: Surroundings,
    readonly bytes: Uint8Array,
    /** The frame is `bytes[from, to)`. */
    readonly from: number,
    readonly to: number,
    /** Bytes that it had on the wire and that are not here. Infinity: an unknown number. */
    readonly missing: number,
    /** It is the packet that an ICMP error quotes: it belongs to no conversation. */
    readonly isQuoted: boolean,
    readonly number: number,
    readonly microseconds: number,
    /** Where it was seen: a conversation is followed there alone, as copies elsewhere are no repetitions. */
    public seenAt: string,
    layers: LayerBuilder[],
  ) {
    this.carried = surroundings.carried;
    this.tracker = surroundings.tracker;
    this.udpStreams = surroundings.udpStreams;
    this.absolute = surroundings.absolute;
    this.layers = layers;
  }

  static of(record: CaptureRecord, surroundings: Surroundings): Frame {
    const { bytes, from, to, originalLength, number, microseconds } = record;
    const seenAt = String(record.firstInterfaceIndex);
    const missing = Math.max(0, originalLength - (to - from));
    return new Frame(surroundings, bytes, from, to, missing, false, number, microseconds, seenAt, []);
  }

  /** The same frame for the packet that an ICMP error in it quotes. Its layers go to this frame, its line nowhere. */
  quoting(): Frame {
    const { bytes, from, to, number, microseconds, seenAt, layers } = this;
    return new Frame(this, bytes, from, to, Number.POSITIVE_INFINITY, true, number, microseconds, seenAt, layers);
  }

  /** It was longer on the wire: a length that reaches past its end is no fault of the sender. */
  get isCut(): boolean {
    return this.missing > 0;
  }

  get isFull(): boolean {
    return this.layers.length >= MAX_LAYERS;
  }

  /** Adds a layer that begins at `from`; `bytes[from, to)` is what is there of it and all that it carries. */
  layer(protocol: Protocol, label: string, section: string, from: number, to: number): LayerBuilder {
    const layer = new LayerBuilder(protocol, label, section, this.bytes, from, Math.max(from, to), this.from);
    this.layers.push(layer);
    return layer;
  }

  /** Adds a layer that came in several frames. `[from, to)` of this frame holds its last part. */
  joinedLayer(protocol: Protocol, label: string, section: string, bytes: Uint8Array, from: number, to: number) {
    const origin = { from: from - this.from, to: to - this.from };
    const layer = new LayerBuilder(protocol, label, section, bytes, 0, bytes.length, 0, origin);
    this.layers.push(layer);
    return layer;
  }

  /** Adds bytes that no dissector here takes apart. */
  data(from: number, to: number, label: string): void {
    if (to <= from || this.isFull) return;
    this.layer('data', label, '', from, to).add('data.len', 0, to - from, 'Length', to - from, 'bytes');
  }

  /** Adds to the line. */
  say(text: string): void {
    this.line += text;
  }
}
