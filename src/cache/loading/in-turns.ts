/** Long work on the main thread, done in parts, so that the event loop has its turns. */

/** After so many single names the event loop has its turn. */
const NAMES_PER_TURN = 64;

/** Does something for each item, one after another, and gives the event loop its turns. */
export async function inTurns<Item>(items: readonly Item[], action: (item: Item) => Promise<unknown>): Promise<void> {
  for (const [i, item] of items.entries()) {
    await action(item);
    if ((i + 1) % NAMES_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}
