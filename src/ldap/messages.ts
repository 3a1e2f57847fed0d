/** The options of LDAP, and what its two parts tell each other: plain data. */
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

/** Is this the password of the entry with this normalised DN? */
export interface LdapQuestion {
  readonly id: number;
  readonly key: string;
  readonly password: Uint8Array;
}

export interface LdapAnswer {
  readonly kind: 'verified';
  readonly id: number;
  readonly isRight: boolean;
}

export type LdapMessage =
  | LdapAnswer
  | { readonly kind: 'begin'; readonly generation: number }
  | { readonly kind: 'entries'; readonly entries: readonly PlainEntry[] }
  | { readonly kind: 'end' };
