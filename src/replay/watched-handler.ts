/** A connection handler of any program, watched: what it is told also goes to the conversation's account. */
import type { ConnectionHandler } from '../net/tcp/handler.js';
import type { Conversation } from './conversation.js';

/** Wraps `handler`. States are looked at around each call, so that none that lasts only within one is missed. */
export function watch(handler: ConnectionHandler, conversation: Conversation): ConnectionHandler {
  return {
    received: (bytes, from, to) => {
      const taken = handler.received(bytes, from, to);
      conversation.bytesReceived += taken;
      conversation.sample();
      return taken;
    },
    acknowledged: () => handler.acknowledged(),
    ended: () => {
      conversation.sample();
      handler.ended();
      conversation.sample();
    },
    timedOut: () => {
      handler.timedOut();
      conversation.sample();
    },
    closed: (reason) => {
      conversation.closeReason = reason;
      conversation.sample();
      handler.closed(reason);
    },
  };
}
