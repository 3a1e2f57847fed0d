/** What a worker tells the inspector of its connections, while somebody looks. */
import { liveKey } from '../../inspect/live-keys.js';
import { nameOf } from '../../inspect/tcb-view.js';
import type { ControlBlock } from '../../net/tcp/block/control-block.js';
import { statusOf } from '../../net/tcp/life/status.js';
import type { BlockNews } from './messages.js';

/** Control blocks in each news: as many as a page can follow. */
const MOST_BLOCKS = 64;
/** Connections that are listed, 64 KiB of keys. A worker with more lists none, and the page draws no conclusion. */
const MOST_KEYS = 16_384;
/** The list comes with every fourth news: once a second. */
const LIST_EVERY = 4;

export class BlockTeller {
  #turns = 0;
  /** Where the next news begins. */
  #from = 0;

  /** @param now microseconds since 1970 */
  news(blocks: readonly ControlBlock[], now: number): BlockNews {
    const told = this.#turn(blocks).map((tcb) => ({ ...nameOf(tcb), info: statusOf(tcb) }));
    if (this.#turns++ % LIST_EVERY !== 0) return { blocks: told };
    return { blocks: told, list: { time: now, keys: keysOf(blocks) } };
  }

  /** All connections have their turn, some at a time. */
  #turn(blocks: readonly ControlBlock[]): readonly ControlBlock[] {
    if (blocks.length <= MOST_BLOCKS) return blocks;
    if (this.#from >= blocks.length) this.#from = 0;
    const turn = blocks.slice(this.#from, this.#from + MOST_BLOCKS);
    this.#from += MOST_BLOCKS;
    return turn;
  }
}

/** The keys of all connections; undefined: there are too many. */
function keysOf(blocks: readonly ControlBlock[]): Uint32Array | undefined {
  if (blocks.length > MOST_KEYS) return undefined;
  return Uint32Array.from(blocks, ({ localAddress, localPort, remoteAddress, remotePort }) =>
    liveKey({ address: localAddress, port: localPort }, { address: remoteAddress, port: remotePort }),
  );
}
