/**
 * The channels of one worker, by the name of who answers at the other end. A thread may be started again, or another
 * one may take its place while requests are under way. Then the channel before stays until its last request is over.
 *
 *     current:  handler, generation 3 ── new requests      leaving:  handler, generation 2 ── what it has under way
 */
import type { SlowFailure } from '../http/index.js';
import { sys } from '../net/device/libc.js';
import { attachWorker, type WorkerLink } from './link.js';
import { ChannelStatistics, type WorkerEnd } from './worker-end.js';

/** What a worker is told of its channels. It survives structured cloning. */
export type ChannelNews =
  /**
   * A thread has begun, or will: this is the channel to it. The one before has ended, or goes on with what it has under
   * way (`LEAVES`). The worker closes its descriptor.
   */
  | {
      readonly kind: 'channel';
      readonly name: string;
      readonly generation: number;
      readonly link: WorkerLink;
      readonly before: Before;
    }
  /** The thread at the other end of this channel has ended, or does not come. */
  | {
      readonly kind: 'channel-failed';
      readonly name: string;
      readonly generation: number;
      readonly failure: SlowFailure;
    };

/** The thread before goes on with what it has under way, and then ends. */
export const LEAVES = 'leaves';
/** What has become of the thread before. */
export type Before = typeof LEAVES | SlowFailure;

interface Channel {
  readonly name: string;
  readonly generation: number;
  readonly link: WorkerLink;
  readonly end: WorkerEnd;
}

export class ChannelSet {
  readonly statistics = new ChannelStatistics();
  /** Those that take requests, by name. */
  readonly ends = new Map<string, WorkerEnd>();
  readonly #current = new Map<string, Channel>();
  #leaving: readonly Channel[] = [];

  obey(news: ChannelNews): void {
    if (news.kind === 'channel') this.#replace(news);
    else this.#fail(news);
  }

  /** A channel that is there from the beginning. */
  add(name: string, link: WorkerLink, generation = 0): void {
    const end = attachWorker(link, this.statistics);
    this.#current.set(name, { name, generation, link, end });
    this.ends.set(name, end);
  }

  /** Takes what the threads have sent. Returns whether there is more: call it again after the next frames. */
  drain(): boolean {
    let hasMore = false;
    for (const end of this.ends.values()) hasMore = end.drain() || hasMore;
    if (this.#leaving.length > 0) hasMore = this.#drainLeaving() || hasMore;
    return hasMore;
  }

  /** Closes the descriptors of those that leave; those of the others too, if they are ours (`isWhole`). */
  close(isWhole: boolean): void {
    for (const channel of this.#leaving) close(channel);
    this.#leaving = [];
    if (isWhole) for (const channel of this.#current.values()) close(channel);
  }

  #replace({ name, generation, link, before: fate }: ChannelNews & { kind: 'channel' }): void {
    const before = this.#current.get(name);
    this.add(name, link, generation); // first, so that a request behind one that fails goes to the new thread
    if (before === undefined) return;
    if (fate !== LEAVES) {
      close(before, fate);
      return;
    }
    before.end.leave();
    this.#leaving = [...this.#leaving, before];
    this.#drainLeaving();
  }

  #fail({ name, generation, failure }: ChannelNews & { kind: 'channel-failed' }): void {
    const current = this.#current.get(name);
    if (current?.generation === generation) current.end.fail(failure);
    const isMeant = (channel: Channel) => channel.name === name && channel.generation === generation;
    const leaving = this.#leaving.find(isMeant);
    if (leaving === undefined) return;
    leaving.end.fail(failure);
    this.#drainLeaving();
  }

  /** One without connections is not needed any more. */
  #drainLeaving(): boolean {
    let hasMore = false;
    for (const channel of this.#leaving) {
      const { end } = channel;
      hasMore = end.drain() || hasMore;
      if (end.hasFailed || (end.size === 0 && !end.isBehind)) close(channel);
    }
    this.#leaving = this.#leaving.filter(({ end }) => !end.hasFailed);
    return hasMore;
  }
}

function close({ end, link }: Channel, failure?: SlowFailure): void {
  end.fail(failure); // from here on nothing is written to the descriptor
  sys.close(link.wakeFd);
}
