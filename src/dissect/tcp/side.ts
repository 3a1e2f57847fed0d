/** One direction of a TCP connection, as the capture shows it: what has been sent, and what has been acknowledged. */
import type { Sequence } from '../../net/tcp/sequence.js';
import { MAX_WINDOW_SCALE } from '../../net/wire/tcp-options.js';
import { Holes } from './holes.js';

/** No window scale option was seen, so windows count as they are. */
export const NO_SCALE = -1;

export class Side {
  /** The number that is shown as 0: that of the SYN, or one before the first byte seen. */
  base: Sequence | undefined;
  /** The first byte seen, as the sequence counts them: what stands before it is new. */
  first: Sequence | undefined;
  /** Behind the last byte seen; undefined until a segment of this side has been seen. */
  next: Sequence | undefined;
  /** When `next` last moved, microseconds. */
  nextTime = 0;
  /** The highest number that the peer can acknowledge without acknowledging what the capture lacks. */
  acknowledgeable: Sequence | undefined;
  /** What this side acknowledged last, and when. */
  acknowledged: Sequence | undefined;
  acknowledgedTime = 0;
  /** The window field of its last segment; -1 before the first. */
  window = -1;
  /** From its SYN: later windows are shifted left by this. `NO_SCALE` if it did not offer to scale. */
  scale = NO_SCALE;
  /** Its SYN was seen, so that `scale` is known. */
  knowsScale = false;
  /** `window` is that of a segment that is no SYN: only there it is scaled. */
  windowIsScaled = false;
  duplicates = 0;
  /** The frame that the duplicates repeat. */
  originalFrame = 0;
  lastWasKeepAlive = false;
  lastWasWindowProbe = false;
  finished = false;
  readonly holes = new Holes();

  /** Counters for the table of connections. */
  frames = 0;
  bytes = 0;
  retransmissions = 0;
}

/**
 * By how much the windows of `side` are shifted left (RFC 7323 section 2.2): by 0 unless both SYNs offered a scale.
 * Where the capture lacks one SYN, the other decides. Undefined: the capture does not tell.
 */
export function windowShift(side: Side, other: Side): number | undefined {
  if (refuses(side) || refuses(other)) return 0;
  return side.knowsScale ? Math.min(side.scale, MAX_WINDOW_SCALE) : undefined;
}

/** Its SYN was seen, and offers no scale. */
function refuses({ knowsScale, scale }: Side): boolean {
  return knowsScale && scale === NO_SCALE;
}

/** What a window counts that was shifted by so much. */
export function windowMeaning(shift: number | undefined): string {
  if (shift === undefined) return 'not scaled: the handshake, which tells the scale, is not in the capture';
  return shift === 0 ? 'bytes' : `bytes: the number in the header times ${2 ** shift}`;
}
