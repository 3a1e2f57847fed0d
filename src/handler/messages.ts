/** What a handler's thread is given, and what it and the main thread say to each other. */
import type { ThreadLink } from '../channel/index.js';

/** All of it survives structured cloning. */
export interface HandlerThreadSetup {
  /** The URL of the file whose default export is the handler. */
  readonly url: string;
}

export type MessageToHandler =
  /** Serve the sockets of these channels. */
  | { readonly kind: 'serve'; readonly links: readonly ThreadLink[] }
  /** End. */
  | { readonly kind: 'stop' };

export type MessageFromHandler =
  /** The handler is loaded. */
  | { readonly kind: 'loaded' }
  /** The handler cannot be loaded. The thread ends. */
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'warning'; readonly text: string };
