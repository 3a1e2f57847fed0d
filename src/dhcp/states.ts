/** The states of RFC 2131 figure 5, and the moves between them. docs/dhcp.md draws them. */

export const STATE = {
  /** Before `start` and after `stop`. */
  STOPPED: 'stopped',
  /** Waits before it asks again: after a NAK, after a conflict. */
  INIT: 'init',
  /** DISCOVER is out; waits for an offer. */
  SELECTING: 'selecting',
  /** REQUEST for an offer is out. */
  REQUESTING: 'requesting',
  /** REQUEST for the lease of an earlier run is out (INIT-REBOOT has no wait of its own). */
  REBOOTING: 'rebooting',
  /** We have a lease. */
  BOUND: 'bound',
  /** T1 is over: the server is asked. */
  RENEWING: 'renewing',
  /** T2 is over: any server is asked. */
  REBINDING: 'rebinding',
} as const satisfies Record<string, DhcpState>;

/** Where a DHCP client stands. @see {@link Snapshot} */
export type DhcpState =
  | 'stopped'
  | 'init'
  | 'selecting'
  | 'requesting'
  | 'rebooting'
  | 'bound'
  | 'renewing'
  | 'rebinding';

/** True while the address of the lease is ours. */
export function hasLease(state: DhcpState): boolean {
  return state === STATE.BOUND || state === STATE.RENEWING || state === STATE.REBINDING;
}
