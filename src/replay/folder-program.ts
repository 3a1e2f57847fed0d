/** A folder as the program of a replay: what `fastpath serve` would answer, Date and all, at the capture's time. */
import { Library } from '../cache/library/library.js';
import type { CacheMessage } from '../cache/library/published.js';
import { Store } from '../cache/library/store.js';
import { FolderLoader } from '../cache/loading/loader.js';
import { createHttpAcceptor, DerivedWallClock } from '../http/index.js';
import type { Clock } from '../net/clock.js';
import type { Acceptor } from '../net/tcp/handler.js';

/**
 * Loads the folder; the result is the `application` of a replay.
 * @param warn told of files that are left out, and why
 * @throws {FolderError} if the folder cannot be read
 */
export async function folderProgram(
  folder: string,
  warn: (message: string) => void = () => {},
): Promise<(clock: Clock, startMicroseconds: number) => Acceptor> {
  const library = new Library();
  const loader = new FolderLoader(folder, library, { warn: ({ path, message }) => warn(`${path} ${message}`) });
  await loader.load();
  loader.close(); // a replay serves the folder as it is now
  const messages: CacheMessage[] = [];
  library.attach((message) => messages.push(message));
  return (clock, startMicroseconds) => {
    const store = new Store(() => {});
    for (const message of messages) store.apply(message);
    return createHttpAcceptor({ store, clock, wallClock: new DerivedWallClock(clock, startMicroseconds / 1000) });
  };
}
