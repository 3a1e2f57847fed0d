/** The options of LDAP, and what its two parts tell each other: plain data. */
import type { Answered } from '../module/program/questions.js';
import type { PlainEntry } from './directory/tree.js';

export interface LdapOptions {
  readonly port: number;
  readonly folder: string;
  readonly files: readonly string[];
  readonly anonymous: boolean;
  readonly hide: readonly string[];
  readonly sizeLimit: number;
  readonly timeLimit: number;
  readonly messageBytes: number;
  readonly operations: number;
  readonly connections: number;
  readonly connectionsPerClient: number;
  readonly idleSeconds: number;
}

/** Is this the password of the entry with this normalised DN? The answer is true or false. */
export interface LdapQuestion {
  readonly key: string;
  readonly password: Uint8Array;
}

export type LdapMessage =
  | Answered
  | { readonly kind: 'begin'; readonly generation: number }
  | { readonly kind: 'entries'; readonly entries: readonly PlainEntry[] }
  | { readonly kind: 'end' };
