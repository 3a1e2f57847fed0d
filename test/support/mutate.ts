/** Damages bytes, repeatably: what disks, networks, broken writers and malice do to a file. */
import type { SeededRandom } from '../../src/net/random.js';

type Mutation = (bytes: Uint8Array, random: SeededRandom) => Uint8Array;

const INTERESTING = [
  0, 1, 2, 3, 4, 7, 8, 15, 16, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
];

function below(random: SeededRandom, limit: number): number {
  return limit === 0 ? 0 : (random.nextInt32() >>> 0) % limit;
}

const flipBit: Mutation = (bytes, random) => {
  const at = below(random, bytes.length);
  if (bytes.length > 0) bytes[at]! ^= 1 << below(random, 8);
  return bytes;
};

const setByte: Mutation = (bytes, random) => {
  if (bytes.length > 0) bytes[below(random, bytes.length)] = random.nextInt32();
  return bytes;
};

/** A 32-bit number of either byte order at any place. */
const setWord: Mutation = (bytes, random) => {
  if (bytes.length < 4) return bytes;
  const value = INTERESTING[below(random, INTERESTING.length)]!;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setUint32(below(random, bytes.length - 3), value, below(random, 2) === 0);
  return bytes;
};

const cutEnd: Mutation = (bytes, random) => bytes.subarray(0, below(random, bytes.length + 1));

const cutOut: Mutation = (bytes, random) => {
  const from = below(random, bytes.length + 1);
  const to = Math.min(bytes.length, from + below(random, 64));
  return join(bytes.subarray(0, from), bytes.subarray(to));
};

const repeat: Mutation = (bytes, random) => {
  const from = below(random, bytes.length + 1);
  const to = Math.min(bytes.length, from + below(random, 256));
  return join(bytes.subarray(0, to), bytes.subarray(from));
};

const insertNoise: Mutation = (bytes, random) => {
  const at = below(random, bytes.length + 1);
  const noise = Uint8Array.from({ length: below(random, 32) }, () => random.nextInt32());
  return join(bytes.subarray(0, at), noise, bytes.subarray(at));
};

const MUTATIONS: readonly Mutation[] = [
  flipBit,
  flipBit,
  setByte,
  setByte,
  setWord,
  setWord,
  cutEnd,
  cutOut,
  repeat,
  insertNoise,
];

/** A damaged copy: one to eight mutations. */
export function mutate(original: Uint8Array, random: SeededRandom): Uint8Array {
  let bytes: Uint8Array = original.slice();
  const count = 1 + below(random, 8);
  for (let i = 0; i < count; i++) bytes = MUTATIONS[below(random, MUTATIONS.length)]!(bytes, random).slice();
  return bytes;
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
