/** Publishes by messages to the main thread, in their order. The heads are made here, so that it has little to do. */
import { keptName } from '../../http/index.js';
import type { Place } from '../match/key.js';
import type { PublishedAnswer, Publisher } from '../publisher.js';
import { answerOf } from '../stored-object.js';
import type { MessageFromCaches } from './messages.js';

export type Post = (message: MessageFromCaches, transfer?: readonly ArrayBuffer[]) => void;

export class MessagePublisher implements Publisher {
  readonly #cacheId: number;
  readonly #cacheStatus: string;
  readonly #post: Post;

  /** `name`: of the cache, in Cache-Status. */
  constructor(cacheId: number, name: string, post: Post) {
    this.#cacheId = cacheId;
    this.#cacheStatus = `${name}; hit`;
    this.#post = post;
  }

  put(published: PublishedAnswer): boolean {
    const { scheme, host, target } = published;
    const answer = answerOf(published, this.#cacheStatus);
    if (answer === null) return false;
    const body = Uint8Array.from(published.body); // a copy that can be given away
    const kept = { name: keptName(scheme, host, target), answer, body };
    this.#post({ kind: 'keep', cacheId: this.#cacheId, kept }, [body.buffer]);
    return true;
  }

  remove({ scheme, host, target }: Place): void {
    this.#post({ kind: 'drop', cacheId: this.#cacheId, name: keptName(scheme, host, target) });
  }
}
