/** MPLS label stacks (RFC 3032). */

import { TYPE_IPV4, TYPE_IPV6 } from '../../../net/wire/ethernet.js';
import type { Frame } from '../../frame.js';

const ENTRY_BYTES = 4;
const LABELS: Readonly<Record<number, string>> = {
  0: 'IPv4 follows',
  1: 'router alert',
  2: 'IPv6 follows',
  3: 'no label (implicit null)',
  7: 'entropy label follows (RFC 6790)',
};

/** A stack of MPLS labels in `[from, to)`, and what lies below the last one (RFC 3032). */
export function dissectMpls(frame: Frame, from: number, to: number): void {
  frame.say('MPLS');
  let at = from;
  for (let bottom = false; !bottom; at += ENTRY_BYTES) {
    if (frame.isFull) return;
    const mpls = frame.layer('mpls', 'MPLS label', 'RFC 3032 section 2.1', at, to);
    const value = mpls.peek(0, 3) >>> 4;
    const label = mpls.bits(
      'mpls.label',
      0,
      3,
      4,
      0xfffff,
      'Label',
      LABELS[value] ?? 'names the path to the next router',
    );
    const trafficClass = mpls.bits('mpls.exp', 2, 1, 1, 7, 'Traffic class', 'class of service (RFC 5462)');
    bottom = mpls.flag('mpls.bottom', 2, 1, 0, 'Bottom', 'the last label of the stack');
    const ttl = mpls.uint('mpls.ttl', 3, 1, 'Time to live', 'how many more routers may pass it on');
    if (mpls.available < ENTRY_BYTES) {
      frame.say(' [|mpls]');
      return;
    }
    frame.say(` (label ${label}, tc ${trafficClass}, ${bottom ? '[S], ' : ''}ttl ${ttl})`);
  }
  frame.say(' ');
  payload(frame, at, to);
}

/** The labels do not say what they carry: the first half byte tells IP (RFC 4928), zero a control word (RFC 4385). */
function payload(frame: Frame, from: number, to: number): void {
  const version = from < to ? (frame.bytes[from] ?? 0) >>> 4 : -1;
  if (version === 4) frame.carried.etherType(frame, TYPE_IPV4, from, to);
  else if (version === 6) frame.carried.etherType(frame, TYPE_IPV6, from, to);
  else {
    frame.say(`length ${Math.max(0, to - from)}`);
    frame.data(from, to, 'MPLS data');
  }
}
