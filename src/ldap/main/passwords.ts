/**
 * Passwords as entries have them (userPassword): plain text, {SSHA}, {SHA} and their kin of SHA-2, {ARGON2}. They stay
 * in the main thread; workers never have them.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { argon2dAsync, argon2iAsync, argon2idAsync } from '@noble/hashes/argon2.js';

/** More values of one entry than that are not looked at. */
const MOST_VALUES = 4;
/** Argon2 with larger settings would keep everybody waiting. KiB, and passes. */
const MOST_ARGON2_KIB = 64 * 1024;
const MOST_ARGON2_PASSES = 10;

const HASHES: Readonly<Record<string, readonly [algorithm: string, bytes: number]>> = {
  SHA: ['sha1', 20],
  SSHA: ['sha1', 20],
  SHA256: ['sha256', 32],
  SSHA256: ['sha256', 32],
  SHA384: ['sha384', 48],
  SSHA384: ['sha384', 48],
  SHA512: ['sha512', 64],
  SSHA512: ['sha512', 64],
};
const ARGON2 = { argon2d: argon2dAsync, argon2i: argon2iAsync, argon2id: argon2idAsync } as const;

interface Argon2 {
  readonly kind: keyof typeof ARGON2;
  readonly options: { readonly m: number; readonly t: number; readonly p: number; readonly dkLen: number };
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

/** Verifies a password against a stored value. */
interface Stored {
  readonly cost: number;
  verify(password: Uint8Array): boolean | Promise<boolean>;
}

/** Reads a stored value; undefined: its scheme is unknown or its form wrong, and no password fits. */
function readStored(value: Uint8Array): Stored | undefined {
  const text = Buffer.from(value).toString('utf8');
  const found = /^\{([A-Za-z\d-]+)\}(.*)$/s.exec(text);
  if (found === null) return { cost: 1, verify: (password) => equals(sha256(password), sha256(value)) };
  const [, scheme = '', rest = ''] = found;
  if (scheme.toUpperCase() === 'ARGON2') return readArgon2(rest);
  const hash = Object.hasOwn(HASHES, scheme.toUpperCase()) ? HASHES[scheme.toUpperCase()] : undefined;
  if (hash === undefined) return undefined;
  const [algorithm, length] = hash;
  const bytes = Buffer.from(rest, 'base64');
  if (bytes.length < length) return undefined;
  const salt = bytes.subarray(length);
  const verify = (password: Uint8Array) =>
    equals(createHash(algorithm).update(password).update(salt).digest(), bytes.subarray(0, length));
  return { cost: 1, verify };
}

/** `$argon2id$v=19$m=65536,t=2,p=1$salt$hash` */
function readArgon2(text: string): Stored | undefined {
  const found = /^\$(argon2(?:i|d|id))\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(text);
  if (found === null) return undefined;
  const [, kind = '', m, t, p, salt = '', hash = ''] = found;
  const options = { m: Number(m), t: Number(t), p: Number(p), dkLen: Buffer.from(hash, 'base64').length };
  const isWithin = options.m <= MOST_ARGON2_KIB && options.t >= 1 && options.t <= MOST_ARGON2_PASSES;
  const isWhole = options.p >= 1 && options.p <= 4 && options.m >= 8 * options.p && options.dkLen >= 4;
  const saltBytes = Buffer.from(salt, 'base64');
  if (!isWithin || !isWhole || saltBytes.length < 8) return undefined;
  const argon: Argon2 = { kind: kind as Argon2['kind'], options, salt: saltBytes, hash: Buffer.from(hash, 'base64') };
  return { cost: options.m * options.t, verify: (password) => verifyArgon2(argon, password) };
}

async function verifyArgon2({ kind, options, salt, hash }: Argon2, password: Uint8Array): Promise<boolean> {
  return equals(await ARGON2[kind](password, salt, options), hash);
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}

function equals(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The passwords of all entries. One is looked at after the other, so that hashing has a bound. */
export class Passwords {
  readonly #byKey = new Map<string, readonly Stored[]>();
  /** The costliest of all. It is computed for names without one too, so that time does not tell who is there. */
  #costliest: Stored = { cost: 1, verify: (password) => equals(sha256(password), new Uint8Array(32)) };
  #last: Promise<unknown> = Promise.resolve();

  /** Returns how many values no password will fit, because of their scheme. */
  add(key: string, values: readonly Uint8Array[]): number {
    const stored = values.slice(0, MOST_VALUES).map(readStored);
    const known = stored.filter((each) => each !== undefined);
    for (const each of known) if (each.cost > this.#costliest.cost) this.#costliest = each;
    this.#byKey.set(key, known);
    return values.length - known.length;
  }

  /** Whether the password is that of the entry with this normalised DN. */
  verify(key: string, password: Uint8Array): Promise<boolean> {
    const result = this.#last.then(() => this.#verify(key, password));
    this.#last = result.catch(() => false);
    return result;
  }

  async #verify(key: string, password: Uint8Array): Promise<boolean> {
    const stored = this.#byKey.get(key) ?? [];
    let isRight = false;
    let hasPaid = false;
    for (const each of stored) {
      hasPaid ||= each.cost === this.#costliest.cost;
      if (await each.verify(password)) isRight = true;
    }
    if (!hasPaid) await this.#costliest.verify(password);
    return isRight;
  }
}
