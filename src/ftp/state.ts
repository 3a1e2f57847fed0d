/**
 * The states of an FTP control connection, as a table. Actions say what has happened; which state follows is said here
 * alone.
 *
 *     STRANGER ── named ──▶ NAMED ── welcomed ──▶ READY ── asks ──▶ ASKING ── told ──▶ READY
 *         ▲                   │                     │                  └── opens ──┐
 *         └───── refused ─────┘                     └───── opens ──▶ TRANSFER ◀────┘── transferred ──▶ READY
 *
 * In ASKING the main thread looks at the folder, and later commands wait. In TRANSFER a data connection is under way;
 * ABOR, STAT and QUIT are obeyed at once (RFC 959 section 4.1.3).
 */

export const STRANGER = 0;
/** USER was accepted, PASS has to follow. */
export const NAMED = 1;
export const READY = 2;
export const ASKING = 3;
export const TRANSFER = 4;
export const GONE = 5;
export type FtpState = 0 | 1 | 2 | 3 | 4 | 5;

export const STATE_NAMES = ['stranger', 'named', 'ready', 'asking', 'transfer', 'gone'] as const;
export const EVENT_NAMES = ['named', 'welcomed', 'refused', 'asks', 'told', 'opens', 'transferred', 'left'] as const;
export type FtpEvent = (typeof EVENT_NAMES)[number];

const NO = -1;
// biome-ignore format: a table
const TRANSITIONS: Readonly<Record<FtpEvent, readonly number[]>> = {
  //           STRANGER  NAMED     READY     ASKING    TRANSFER  GONE
  named:       [NAMED,    NAMED,    NAMED,    NO,       NO,       NO],
  welcomed:    [NO,       READY,    NO,       NO,       NO,       NO],
  refused:     [STRANGER, STRANGER, STRANGER, NO,       NO,       NO],
  asks:        [NO,       NO,       ASKING,   NO,       NO,       NO],
  told:        [NO,       NO,       NO,       READY,    NO,       GONE],
  opens:       [NO,       NO,       TRANSFER, TRANSFER, NO,       NO],
  transferred: [NO,       NO,       NO,       NO,       READY,    GONE],
  left:        [GONE,     GONE,     GONE,     GONE,     GONE,     GONE],
};

/** The state after `event`. @throws {Error} for an event that cannot happen in `state`: a mistake of ours. */
export function nextState(state: FtpState, event: FtpEvent): FtpState {
  const next = TRANSITIONS[event][state] ?? NO;
  if (next === NO) throw new Error(`ftp: "${event}" in state "${STATE_NAMES[state]}"`);
  return next as FtpState;
}
