/**
 * Frames with a tag: IEEE 802.1Q. Here it is decided whether a tagged frame is for us, and its tag is taken away. The
 * rest of the stack does not know that there was one.
 *
 * Without a virtual LAN of our own, a tag with id 0 is accepted: it only gives the frame a priority, and Linux takes it
 * too. With one, only frames with its id are for us, and all that we send has it.
 */
import type { IncomingFrame, OutgoingFrame } from '../device/frame.js';
import * as Ethernet from '../wire/ethernet.js';

/** We are in no virtual LAN: frames go out without a tag. */
export const NO_VLAN = 0;

/** @throws {RangeError} if `vlan` is neither `NO_VLAN` nor the id of a virtual LAN. */
export function checkVlan(vlan: number): number {
  if (Number.isInteger(vlan) && vlan >= NO_VLAN && vlan <= Ethernet.MAX_VLAN) return vlan;
  throw new RangeError(`not the id of a VLAN (1 to ${Ethernet.MAX_VLAN}): ${vlan}`);
}

/** True if the frame `bytes[from, to)`, whose Ethernet header is there, is for the virtual LAN `vlan`. */
export function isForVlan(bytes: Uint8Array, from: number, to: number, vlan: number): boolean {
  if (Ethernet.type(bytes, from) !== Ethernet.TYPE_VLAN) return vlan === NO_VLAN;
  // A tag with id 0 has only a priority: the frame is in no VLAN (`NO_VLAN` is 0, too).
  return to - from >= Ethernet.HEADER_BYTES + Ethernet.TAG_BYTES && Ethernet.vlanId(bytes, from) === vlan;
}

/**
 * Takes the tag out of `frame`, whose Ethernet header is there: the addresses move four bytes up, and the frame begins
 * there. Returns false if the frame is not for the virtual LAN `vlan`; then nothing has changed.
 */
export function untag(frame: IncomingFrame, vlan: number): boolean {
  const { bytes, from, to } = frame;
  if (!isForVlan(bytes, from, to, vlan)) return false;
  if (Ethernet.type(bytes, from) !== Ethernet.TYPE_VLAN) return true;
  for (let i = 2 * Ethernet.ADDRESS_BYTES - 1; i >= 0; i--) bytes[from + Ethernet.TAG_BYTES + i] = bytes[from + i]!;
  frame.from = from + Ethernet.TAG_BYTES;
  return true;
}

/** Puts an Ethernet header in front of `frame.start`, with a tag if `vlan` is not `NO_VLAN`. */
export function putEthernetHeader(
  frame: OutgoingFrame,
  destination: Uint8Array,
  source: Uint8Array,
  vlan: number,
  etherType: number,
): void {
  frame.start -= Ethernet.HEADER_BYTES;
  if (vlan === NO_VLAN) {
    Ethernet.emit(frame.header, frame.start, destination, source, etherType);
    return;
  }
  frame.start -= Ethernet.TAG_BYTES;
  Ethernet.emitTagged(frame.header, frame.start, destination, source, vlan, etherType);
}
