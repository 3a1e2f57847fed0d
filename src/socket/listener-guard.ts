/**
 * Between the stack, which calls from the middle of an arriving segment, and a program's event listeners, which may do
 * anything. Two things happen here on each call:
 *
 * - An exception of a listener must not unwind the stack, because the segment would be left half processed. It is
 *   thrown again on the next tick. There it is an uncaught exception, like that of any other listener.
 * - The stack has no asynchronous context of a program. So the listeners run in the context in which their socket was
 *   made (AsyncLocalStorage, async_hooks), as those of net.Socket do.
 */
import { AsyncResource } from 'node:async_hooks';

export class ListenerGuard extends AsyncResource {
  constructor() {
    super('FASTSOCKET');
  }

  /** Runs what may call listeners; `ifThrown` is the result when one of them threw. */
  run<T>(call: () => T, ifThrown: T): T {
    try {
      return this.runInAsyncScope(call);
    } catch (error) {
      process.nextTick(() => {
        throw error;
      });
      return ifThrown;
    }
  }
}
