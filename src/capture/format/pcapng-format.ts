/**
 * Names for the numbers of the pcapng format: draft-ietf-opsawg-pcapng ("PCAP Now Generic"). Reader and writer share
 * them. A pcapng file is a row of blocks, each
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +---------------------------------------------------------------+
 *     |                          Block Type                           |
 *     +---------------------------------------------------------------+
 *     |                      Block Total Length                       |
 *     +---------------------------------------------------------------+
 *     |              Block Body, padded to 32 bits, then options      |
 *     +---------------------------------------------------------------+
 *     |                      Block Total Length                       |
 *     +---------------------------------------------------------------+
 *
 * in the byte order of the machine that wrote it, which the Section Header Block tells.
 */

/** Block types (section 11.1 of the draft). */
export const SECTION_HEADER_BLOCK = 0x0a0d0d0a;
export const INTERFACE_DESCRIPTION_BLOCK = 1;
/** The obsolete Packet Block, still met in old files (appendix A). */
export const PACKET_BLOCK = 2;
export const SIMPLE_PACKET_BLOCK = 3;
export const INTERFACE_STATISTICS_BLOCK = 5;
export const ENHANCED_PACKET_BLOCK = 6;

/** The Section Header Block's byte-order magic (section 4.1). */
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

/** Block type and both total lengths: the least a block can be. */
export const BLOCK_OVERHEAD = 12;

/** Options that any block can have (section 3.5.1). */
export const OPTION_END = 0;
export const OPTION_COMMENT = 1;

/** Options of the Section Header Block (section 4.1). */
export const SECTION_HARDWARE = 2;
export const SECTION_OS = 3;
export const SECTION_APPLICATION = 4;

/** Options of the Interface Description Block (section 4.2). */
export const INTERFACE_NAME = 2;
export const INTERFACE_DESCRIPTION = 3;
export const INTERFACE_MAC = 6;
export const INTERFACE_RESOLUTION = 9;
export const INTERFACE_TIME_OFFSET = 14;

/** Option of the Enhanced Packet Block (section 4.3): direction in the two lowest bits. */
export const PACKET_FLAGS = 2;

/** Options of the Interface Statistics Block (section 4.6). */
export const STATISTICS_START_TIME = 2;
export const STATISTICS_END_TIME = 3;
export const STATISTICS_RECEIVED = 4;
export const STATISTICS_DROPPED = 5;

/** The direction of a frame: the two lowest bits of `PACKET_FLAGS`. @see {@link INBOUND} */
export type FrameDirection = 0 | 1 | 2;
export const DIRECTION_UNKNOWN = 0;
/**
 * The frame came in (EPB flags, bits 0 and 1).
 *
 * @example
 * ```ts
 * import { type CaptureRecord, INBOUND } from 'fastpath';
 *
 * export const isInbound = ({ direction }: CaptureRecord) => direction === INBOUND;
 * ```
 */
export const INBOUND = 1;
/**
 * The frame went out (EPB flags, bits 0 and 1).
 *
 * @example
 * ```ts
 * import { type CaptureRecord, OUTBOUND } from 'fastpath';
 *
 * export const isOutbound = ({ direction }: CaptureRecord) => direction === OUTBOUND;
 * ```
 */
export const OUTBOUND = 2;

/** Link types (the registry "LINKTYPE" of libpcap), as far as something here can be done with them. */
export const LINK_NULL = 0;
export const LINK_ETHERNET = 1;
/** The numbers under which BSD and OpenBSD wrote raw IP before 101 was agreed on. */
export const LINK_RAW_BSD = 12;
export const LINK_RAW_OPENBSD = 14;
export const LINK_RAW = 101;
export const LINK_LOOP = 108;
export const LINK_LINUX_SLL = 113;
export const LINK_IPV4 = 228;
export const LINK_IPV6 = 229;
export const LINK_LINUX_SLL2 = 276;

/**
 * The most bytes of one frame in a file: what libpcap and Wireshark take. A longer frame (a super-segment) is cut to
 * this, with its true length beside it; with more, both would refuse the whole file.
 */
export const MAX_SNAP_LENGTH = 262_144;
