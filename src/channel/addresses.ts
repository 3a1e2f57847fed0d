/** What the thread is told when a connection is opened: what it is for, and the addresses of both ends. */
import { IpAddress } from '../net/wire/address.js';
import type { Ends } from '../socket/endpoints.js';

/** Words: purpose, the two ports, the two addresses. */
export const OPEN_WORDS = 11;

/** Writes what opens a connection: its purpose, ports and addresses, in `OPEN_WORDS` words (host byte order). */
export function writeOpening(words: Int32Array, purpose: number, ends: Ends): void {
  const { localAddress: local, remoteAddress: remote } = ends;
  words.set([purpose, ends.localPort, ends.remotePort]);
  words.set([local.word0, local.word1, local.word2, local.word3], 3);
  words.set([remote.word0, remote.word1, remote.word2, remote.word3], 7);
}

/** The other end of `writeOpening`. */
export function readOpening(words: Int32Array): { purpose: number; ends: Ends } {
  const word = (i: number) => words[i] ?? 0;
  const address = (i: number) => new IpAddress(word(i), word(i + 1), word(i + 2), word(i + 3));
  const ends = { localAddress: address(3), localPort: word(1), remoteAddress: address(7), remotePort: word(2) };
  return { purpose: word(0), ends };
}
