/**
 * What a program may choose of the IP header, for a listener or a connection, before its first segment: RFC 9293
 * section 3.9.2 (MUST-48, MUST-49) and RFC 5082 (GTSM).
 */
import { NetworkError } from '../network-error.js';

/**
 * Given to `listen` and `connect`.
 *
 * @example
 * ```ts
 * import type { Acceptor, IpChoices, Stack } from 'fastpath';
 *
 * // Low delay (DSCP EF), and from the same link only (RFC 5082).
 * const choices: IpChoices = { trafficClass: 46 << 2, timeToLive: 255, minimumTimeToLive: 255 };
 * export const listenLocally = (stack: Stack, accept: Acceptor) => stack.listen(179, accept, choices);
 * ```
 */
export interface IpChoices {
  /** TOS byte or traffic class: DSCP in the upper six bits (ECN is TCP's own). Default: by the setting `dscp`. */
  readonly trafficClass?: number;
  /** TTL or hop limit of what is sent, 1 to 255. Default: the host's, 64. */
  readonly timeToLive?: number;
  /**
   * Drop what comes with a smaller TTL or hop limit. With 255 at both ends only neighbours on the link get through,
   * since each router lessens it (RFC 5082, "generalized TTL security"); give 255 for `timeToLive` too. Default 0: drop
   * none.
   */
  readonly minimumTimeToLive?: number;
}

/** The values in force for a listener or a connection. */
export interface SentWith {
  readonly trafficClass: number;
  /** 0: the host's. */
  readonly timeToLive: number;
}

/** The two bits of the traffic class that are ECN's (RFC 3168 section 5). */
const ECN_BITS = 3;

/** Checks the choices. @throws {NetworkError} EINVAL for one that is out of range. */
export function checkIpChoices({ trafficClass, timeToLive, minimumTimeToLive }: IpChoices): void {
  if (trafficClass !== undefined) checkedTrafficClass(trafficClass);
  if (timeToLive !== undefined) checkedHops(timeToLive, 'timeToLive');
  if (minimumTimeToLive !== undefined) checkedHops(minimumTimeToLive, 'minimumTimeToLive');
}

/** A traffic class without its ECN bits. @throws {NetworkError} EINVAL if it is no byte. */
export function checkedTrafficClass(value: number): number {
  return byte(value, 'trafficClass') & ~ECN_BITS;
}

/** A number of hops. @throws {NetworkError} EINVAL if it is no byte. */
export function checkedHops(value: number, name: string): number {
  return byte(value, name);
}

function byte(value: number, name: string): number {
  if (Number.isInteger(value) && value >= 0 && value <= 255) return value;
  throw new NetworkError('EINVAL', `${name} is from 0 to 255, not ${value}`);
}
