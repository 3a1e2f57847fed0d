/**
 * Segments on their way out: header, options, checksum. This file decides nothing; output.ts and the steps of segment
 * arrival do.
 */
import { type OutgoingFrame, TRANSPORT_AT } from '../../device/frame.js';
import type { Route } from '../../ip/route.js';
import { optionBytes as accurateOptionBytes, COUNTERS, writeAccurateEcn } from '../../wire/accurate-ecn.js';
import { writeUint16 } from '../../wire/bytes.js';
import { finish, fold, sum } from '../../wire/checksum.js';
import { PROTOCOL } from '../../wire/protocol.js';
import { ACK, SYN, TCP_CHECKSUM_AT, TCP_HEADER_BYTES, writeHeader } from '../../wire/tcp.js';
import * as options from '../../wire/tcp-options.js';
import type { BareSegment } from '../block/bare-segment.js';
import type { ControlBlock } from '../block/control-block.js';
import type { TcpHost } from '../block/host.js';
import { timestampNow } from '../block/timestamp-clock.js';
import { countersThatFit, markToSend, noteOptionSent, takeAceFlags, wantsOption } from '../loss/accurate-ecn.js';
import { ackFlags } from '../loss/ecn.js';
import type { AccurateEcnState } from '../parts/accurate-ecn-state.js';
import { type Sequence, toWord, ZERO } from '../sequence.js';
import { DELAYED_ACK } from '../timers.js';
import { advertiseWindow } from './receive-window.js';

const OPTIONS_AT = TRANSPORT_AT + TCP_HEADER_BYTES;
/** The most bytes of options that a header has room for. */
const MAX_OPTION_BYTES = 40;
/** The most SACK blocks beside the option of Accurate ECN, and the number of blocks that the option never displaces. */
const MOST_BLOCKS_BESIDE = 3;
const LEAST_BLOCKS = 2;

/** Bytes of options that the next segment will carry beyond those of every segment: SACK and Accurate ECN, padded. */
export function extraOptionBytes(tcb: ControlBlock): number {
  const room = MAX_OPTION_BYTES - tcb.snd.optionBytes;
  const counters = accurateCounters(tcb, room);
  const accurate = counters === 0 ? 0 : accurateOptionBytes(counters);
  return accurate + sackBytes(Math.min(countSackBlocks(tcb), blocksThatFit(room - accurate)));
}

/**
 * Sends one segment (or super-segment) of a connection: `length` bytes of its send queue from `sequence` on, which the
 * caller knows to be queued and in few enough pieces. It carries an ACK, so none is due afterwards.
 */
export function emitSegment(
  tcb: ControlBlock,
  sequence: Sequence,
  flags: number,
  length: number,
  trafficClass = tcb.preferences.trafficClass,
): void {
  const host = tcb.host;
  const frame = host.frame;
  frame.reset();
  frame.hopLimit = tcb.preferences.timeToLive;
  let end = OPTIONS_AT;
  if (flags & SYN) end = writeSynOptions(tcb, frame.header, end);
  else if (tcb.usesTimestamps) end = writeTimestamps(tcb, frame.header, end);
  if (tcb.accurateEcn !== null && (flags & SYN) === 0)
    end = writeAccurateOption(tcb, tcb.accurateEcn, frame.header, end);
  if (tcb.reassembly !== null || tcb.rcv.duplicateFrom !== tcb.rcv.duplicateTo)
    end = writeSackBlocks(tcb, frame.header, end);
  frame.end = end;
  const offload = host.device.offload;
  let payloadSum = 0;
  if (length > 0) {
    payloadSum = tcb.queue.gather(sequence, length, frame, !offload.checksum, host.statistics);
    // `snd.mss` already leaves room for the options of every segment; SACK blocks come on top of those.
    const fullSegment = tcb.snd.mss - (end - OPTIONS_AT - tcb.snd.optionBytes);
    if (length > fullSegment) frame.segmentBytes = fullSegment;
  }
  const acknowledgment = flags & ACK ? tcb.rcv.nxt : ZERO;
  const windowField = advertiseWindow(tcb, (flags & SYN) !== 0);
  writeHeader(
    frame.header,
    TRANSPORT_AT,
    tcb.localPort,
    tcb.remotePort,
    toWord(sequence),
    toWord(acknowledgment),
    end - TRANSPORT_AT,
    flags & SYN ? flags : flags | feedbackFlags(tcb),
    windowField,
  );
  const mark = tcb.accurateEcn === null || flags & SYN ? 0 : markToSend(tcb.accurateEcn);
  finishAndSend(host, frame, tcb.route, payloadSum, trafficClass | mark);
  if (flags & ACK) noteAckSent(tcb);
}

/** The flags that tell the peer of the marks that we have seen. */
function feedbackFlags(tcb: ControlBlock): number {
  return tcb.accurateEcn === null ? ackFlags(tcb) : takeAceFlags(tcb.accurateEcn);
}

/** Sends a bare ACK with what RCV.NXT and the window are now. */
export function emitAck(tcb: ControlBlock): void {
  emitSegment(tcb, tcb.snd.nxt, ACK, 0);
}

/** Sends a segment that belongs to no control block; its options are in the host's frame already. */
export function emitBare(host: TcpHost, segment: BareSegment): void {
  const frame = host.frame;
  frame.reset();
  frame.hopLimit = segment.timeToLive;
  frame.end = OPTIONS_AT + segment.optionBytes;
  writeHeader(
    frame.header,
    TRANSPORT_AT,
    segment.localPort,
    segment.remotePort,
    toWord(segment.sequence),
    toWord(segment.acknowledgment),
    TCP_HEADER_BYTES + segment.optionBytes,
    segment.flags,
    segment.window,
  );
  finishAndSend(host, frame, segment.route, 0, segment.trafficClass);
}

/** Checksum, counters, and down to IP. */
function finishAndSend(
  host: TcpHost,
  frame: OutgoingFrame,
  route: Route,
  payloadSum: number,
  trafficClass: number,
): void {
  const transportBytes = frame.end - TRANSPORT_AT + frame.payloadLength;
  const pseudoSum = route.pseudoSum + (transportBytes & 0xffff) + (transportBytes >>> 16);
  const header = frame.header;
  if (host.device.offload.checksum) {
    // The device sums from the TCP header on and finds the pseudo-header's sum in the field, folded and not inverted.
    frame.checksumFrom = TRANSPORT_AT;
    frame.checksumOffset = TCP_CHECKSUM_AT;
    writeUint16(header, TRANSPORT_AT + TCP_CHECKSUM_AT, fold(pseudoSum));
  } else {
    const total = pseudoSum + sum(header, TRANSPORT_AT, frame.end) + payloadSum;
    writeUint16(header, TRANSPORT_AT + TCP_CHECKSUM_AT, finish(total));
  }
  host.statistics.segmentsSent++;
  host.internet.send(frame, route, PROTOCOL.TCP, trafficClass);
}

/** An ACK has left: we owe the peer none any more. */
export function noteAckSent(tcb: ControlBlock): void {
  const { rcv } = tcb;
  rcv.ackNow = false;
  rcv.pendingBytes = 0;
  rcv.lastAckSent = tcb.rcv.nxt;
  rcv.duplicateFrom = rcv.duplicateTo;
  tcb.host.timers.stop(tcb, DELAYED_ACK);
}

/**
 * The options of our SYN or SYN-ACK. A SYN-ACK has only options that the SYN offered (RFC 7323 section 1.3, RFC 2018
 * section 2).
 */
function writeSynOptions(tcb: ControlBlock, bytes: Uint8Array, at: number): number {
  const { rcv, usesSack, usesTimestamps } = tcb;
  let next = options.writeMss(bytes, at, rcv.offeredMss);
  // The padding is Linux's, so that the order of the options does not tell which stack this is.
  const accurate = isAccurateSynAck(tcb);
  if (accurate && !usesTimestamps) next = writeAccurateEcn(bytes, next, COUNTERS, 0, 0, 0);
  if (usesSack !== usesTimestamps) next = options.writeTwoNops(bytes, next);
  if (usesSack) next = options.writeSackPermitted(bytes, next);
  if (usesTimestamps) next = options.writeTimestamps(bytes, next, timestampNow(tcb), rcv.tsRecent);
  if (accurate && usesTimestamps) next = writeAccurateEcn(bytes, next, COUNTERS, 0, 0, 0);
  if (tcb.scalesWindows) next = options.writeWindowScale(bytes, next, rcv.scale);
  return next;
}

/**
 * Only our first SYN-ACK carries the option of Accurate ECN, since something on the path may drop it (RFC 9768
 * section 3.2.3.2.2).
 */
function isAccurateSynAck({ accurateEcn, flight, host }: ControlBlock): boolean {
  return accurateEcn !== null && flight.first === null && host.settings.accurateEcnOption !== 'off';
}

/** The byte counters of Accurate ECN, as many as fit beside the SACK blocks, which give way down to two. */
function writeAccurateOption(tcb: ControlBlock, state: AccurateEcnState, bytes: Uint8Array, at: number): number {
  const counters = accurateCounters(tcb, MAX_OPTION_BYTES - (at - OPTIONS_AT));
  if (counters === 0) return at;
  noteOptionSent(tcb, state);
  const { receivedEct1Bytes, receivedCeBytes, receivedEct0Bytes } = state;
  return writeAccurateEcn(bytes, at, counters, receivedEct1Bytes, receivedCeBytes, receivedEct0Bytes);
}

/** How many counters the option will have in `room` bytes with SACK blocks beside it; 0: it is not sent. */
function accurateCounters(tcb: ControlBlock, room: number): number {
  const state = tcb.accurateEcn;
  if (state === null || !wantsOption(tcb, state)) return 0;
  const blocks = countSackBlocks(tcb);
  const beside = countersThatFit(state, room - sackBytes(Math.min(blocks, MOST_BLOCKS_BESIDE)));
  return beside > 0 || blocks <= LEAST_BLOCKS ? beside : countersThatFit(state, room - sackBytes(LEAST_BLOCKS));
}

function sackBytes(blocks: number): number {
  return blocks === 0 ? 0 : 4 + 8 * blocks;
}

function blocksThatFit(room: number): number {
  return Math.max(0, (room - 4) >> 3);
}

function writeTimestamps(tcb: ControlBlock, bytes: Uint8Array, at: number): number {
  bytes[at] = options.TIMESTAMPS_HEADER >>> 24;
  bytes[at + 1] = (options.TIMESTAMPS_HEADER >>> 16) & 0xff;
  return options.writeTimestamps(bytes, at + 2, timestampNow(tcb), tcb.rcv.tsRecent);
}

const sackEdges = new Int32Array(2 * options.MAX_SACK_BLOCKS);

/** D-SACK first (RFC 2883 section 4), then what is held beyond gaps (RFC 2018 section 4), as many as fit. */
function writeSackBlocks(tcb: ControlBlock, bytes: Uint8Array, at: number): number {
  if (!tcb.usesSack) return at;
  const max = blocksThatFit(MAX_OPTION_BYTES - (at - OPTIONS_AT));
  const { duplicateFrom, duplicateTo } = tcb.rcv;
  let blocks = 0;
  if (duplicateFrom !== duplicateTo) {
    sackEdges[0] = toWord(duplicateFrom);
    sackEdges[1] = toWord(duplicateTo);
    blocks = 1;
  }
  if (tcb.reassembly !== null) blocks += tcb.reassembly.writeBlocks(sackEdges, 2 * blocks, max - blocks);
  return blocks === 0 ? at : options.writeSack(bytes, at, sackEdges, blocks);
}

function countSackBlocks(tcb: ControlBlock): number {
  if (!tcb.usesSack) return 0;
  const max = tcb.usesTimestamps ? options.MAX_SACK_BLOCKS - 1 : options.MAX_SACK_BLOCKS;
  const duplicate = tcb.rcv.duplicateFrom !== tcb.rcv.duplicateTo ? 1 : 0;
  const islands = tcb.reassembly === null ? 0 : tcb.reassembly.countBlocks(max - duplicate);
  return duplicate + islands;
}
