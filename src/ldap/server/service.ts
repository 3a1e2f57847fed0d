/** What the connections of a worker share. */

import type { PrebuiltAnswers } from '../../module/prebuilt.js';
import type { Clock } from '../../net/clock.js';
import type { Directory, Entry } from '../directory/directory.js';

export interface LdapSettings {
  readonly anonymous: boolean;
  readonly messageBytes: number;
  readonly operations: number;
  readonly sizeLimit: number;
  readonly timeLimit: number;
  readonly idleSeconds: number;
}

export interface LdapCounters {
  binds: number;
  bindsFailed: number;
  searches: number;
  searchesPrebuilt: number;
  entries: number;
  compares: number;
  refused: number;
  malformed: number;
  connectionsRefused: number;
  loads: number;
}

export interface LdapService {
  readonly settings: LdapSettings;
  readonly counters: LdapCounters;
  readonly clock: Clock;
  readonly directory: Directory;
  readonly root: Entry;
  readonly subschema: Entry;
  /** Whole answers of searches by the bytes that ask for them. */
  readonly answers: PrebuiltAnswers;
  /**
   * Asks the main thread whether a password is right; undefined: it did not find out in time. False: too many wait
   * already.
   */
  verify(key: string, password: Uint8Array, told: (isRight: boolean | undefined) => void): boolean;
}
