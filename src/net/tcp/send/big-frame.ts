/**
 * Super-segments beyond 64 KiB (BIG TCP): not every kernel takes them, and a network behind it may not either. But
 * such a frame can also be lost like any other frame. So a loss says something about the device only if none has ever
 * got through. The connection that lost one sends only frames below 64 KiB from then on.
 */
import type { ControlBlock } from '../block/control-block.js';
import type { AckOutcome } from '../parts/ack-outcome.js';

/** The most payload that the length field of IPv4 has room for, beside 80 bytes of headers. */
export const ORDINARY_FRAME = 65_535 - 80;

/** A frame with `bytes` of payload, more than `ORDINARY_FRAME`, is lost. */
export function bigFrameLost({ snd, host }: ControlBlock, bytes: number): void {
  snd.frameLimit = ORDINARY_FRAME;
  if (!host.bigFrameDelivered) host.device.superSegmentLost?.(bytes);
}

/** Learns from an ACK that such frames get through. */
export function noteBigFrames({ host }: ControlBlock, outcome: AckOutcome): void {
  if (outcome.largestRecord > ORDINARY_FRAME) host.bigFrameDelivered = true;
}
