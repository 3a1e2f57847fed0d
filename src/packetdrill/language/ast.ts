/**
 * A script as a tree. Each node that can be at fault keeps its position. The shapes follow the grammar page of
 * google/packetdrill (syntax.md). A comment says which forms only the nplab dialect has.
 */
import type { Position } from './script-error.js';

export interface Script {
  readonly path: string;
  readonly source: string;
  readonly options: readonly ScriptOption[];
  /** A shell line before the first event, and one after the last. */
  readonly init: ShellCommand | undefined;
  readonly events: readonly ScriptEvent[];
  readonly cleanup: ShellCommand | undefined;
  /** There are `#ifdef` branches, and every one was left out: the part that the script is about. */
  readonly allSkipped: boolean;
}

/** `--name=value` or `--name`. */
export interface ScriptOption {
  readonly name: string;
  readonly value: string | undefined;
  readonly at: Position;
}

export interface ScriptEvent {
  readonly time: EventTime;
  readonly action: Action;
  readonly at: Position;
}

/** When an event happens, or has to happen; microseconds. */
export type EventTime =
  | { readonly kind: 'absolute' | 'relative'; readonly from: number }
  | { readonly kind: 'absolute range' | 'relative range'; readonly from: number; readonly to: number }
  | { readonly kind: 'any' };

export type Action = Packet | SystemCall | ShellCommand | CodeBlock;

export interface ShellCommand {
  readonly kind: 'shell';
  readonly text: string;
  readonly at: Position;
}

export interface CodeBlock {
  readonly kind: 'code';
  readonly text: string;
  readonly at: Position;
}

/** `name(arguments) = result ERRNO (text)`; `until` is the end time of a call that blocks, microseconds. */
export interface SystemCall {
  readonly kind: 'call';
  readonly name: string;
  readonly arguments: readonly Expression[];
  readonly result: Expression;
  readonly errno: string | undefined;
  readonly note: string | undefined;
  readonly until: number | undefined;
  readonly at: Position;
}

export type Direction = 'in' | 'out';

export interface Packet {
  readonly kind: 'packet';
  readonly direction: Direction;
  /** Outer headers (`ipv4 …:`, `gre:`, `mpls …:`), the outermost first. */
  readonly outer: readonly OuterHeader[];
  readonly ip: IpInfo;
  readonly body: TcpBody | UdpBody | IcmpBody;
  readonly at: Position;
}

export interface OuterHeader {
  readonly kind: 'ipv4' | 'ipv6' | 'gre' | 'mpls' | 'psp';
  readonly at: Position;
}

/** What a script says about the IP header. A field that it leaves out is not compared. */
export interface IpInfo {
  readonly ecn?: 'noecn' | 'ect0' | 'ect1' | 'ce' | 'ect01';
  /** The whole traffic class byte. */
  readonly trafficClass?: number;
  /** Its upper six bits (nplab). */
  readonly dscp?: number;
  readonly flowLabel?: number;
  readonly timeToLive?: number;
}

export interface Ports {
  readonly source: number;
  readonly destination: number;
}

export interface TcpBody {
  readonly protocol: 'tcp';
  readonly ports: Ports | undefined;
  readonly flags: TcpFlags;
  readonly sequence: SequenceRange;
  readonly acknowledgment: number | undefined;
  readonly window: number | undefined;
  readonly urgentPointer: number | undefined;
  /** `undefined`: `<...>`, any options will do. */
  readonly options: readonly TcpOption[] | undefined;
  /** The diagnostic payload of a RST, and the ports of a UDP header around the segment (nplab). */
  readonly diagnosis: { readonly code: number; readonly enterprise: number } | undefined;
  readonly inUdp: Ports | undefined;
}

export interface TcpFlags {
  readonly fin: boolean;
  readonly syn: boolean;
  readonly rst: boolean;
  readonly psh: boolean;
  readonly ack: boolean;
  readonly urg: boolean;
  readonly ece: boolean;
  readonly cwr: boolean;
  readonly ae: boolean;
  /** The ACE count of Accurate ECN (RFC 9768), written `5.` or `.5`. ECE, CWR and AE are its bits. */
  readonly aceCount: number | undefined;
}

/** `first:last(length)`. */
export interface SequenceRange {
  readonly first: number;
  readonly length: number;
  /** Written with `!`: not relative to the initial sequence number (nplab). */
  readonly absolute: boolean;
  /** Written `...(length)`: any sequence number (nplab). */
  readonly any: boolean;
}

export type TcpOption =
  | { readonly kind: 'nop' | 'eol' | 'sackOK' }
  | { readonly kind: 'mss' | 'wscale'; readonly value: number }
  | { readonly kind: 'sack'; readonly blocks: readonly (readonly [number, number])[] }
  | {
      readonly kind: 'TS';
      readonly value: number;
      readonly echo: number;
      /** `val ...`: not compared; `ecr 5!`: not mapped (nplab). */
      readonly anyValue: boolean;
      readonly absoluteEcho: boolean;
    }
  /** Every other option, as its bytes; `number` is the option's kind. */
  | { readonly kind: 'raw'; readonly number: number; readonly bytes: Uint8Array }
  /** The whole option field as bytes (nplab: `<0101080a…>`). */
  | { readonly kind: 'field'; readonly bytes: Uint8Array };

export interface UdpBody {
  readonly protocol: 'udp' | 'udplite';
  readonly ports: Ports | undefined;
  readonly length: number;
}

export interface IcmpBody {
  readonly protocol: 'icmp';
  readonly type: string;
  readonly code: string | undefined;
  readonly mtu: number | undefined;
  readonly identifier: number | undefined;
  readonly quoted: QuotedPacket | undefined;
  readonly typeAt: Position;
}

/** The packet that an ICMP message quotes. */
export type QuotedPacket =
  | { readonly protocol: 'tcp'; readonly sequence: SequenceRange }
  | { readonly protocol: 'udp' | 'udplite' | 'raw'; readonly length: number };

export type Expression =
  | { readonly kind: 'any'; readonly at: Position }
  | { readonly kind: 'integer'; readonly value: number; readonly at: Position }
  | { readonly kind: 'word'; readonly name: string; readonly at: Position }
  | { readonly kind: 'string'; readonly text: string; readonly repeated: boolean; readonly at: Position }
  | { readonly kind: 'or'; readonly left: Expression; readonly right: Expression; readonly at: Position }
  /** `name=value`, as in `TCP_INFO` lists. */
  | { readonly kind: 'assign'; readonly name: string; readonly value: Expression; readonly at: Position }
  | { readonly kind: 'list'; readonly items: readonly Expression[]; readonly at: Position }
  /** `htons(80)`, `inet_addr("192.0.2.1")`. */
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Expression[]; readonly at: Position }
  /** `{name=value, …}`; a field written `msg_iov(2)=` has a `count`. */
  | { readonly kind: 'struct'; readonly fields: readonly StructField[]; readonly at: Position }
  /** `{..., 100}`. */
  | { readonly kind: 'iovec'; readonly length: number; readonly at: Position };

export interface StructField {
  readonly name: string;
  readonly count: Expression | undefined;
  readonly value: Expression;
  readonly at: Position;
}
