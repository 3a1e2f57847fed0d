/** The kinds of records that cross a channel, and what their words mean. `block` is a number of the sender's pool. */

/** From the worker to the thread. */
export const Up = {
  /** A connection: block and length of its addresses (addresses.ts); the block's first word is what it is for. */
  open: 1,
  /** Bytes from the client: block, length. */
  data: 2,
  /** A request begins: block and length of the upstream's name; -1, 0: the handler. */
  begin: 3,
  /** All of the request has been sent. */
  requestEnd: 4,
  /** The client has sent its last byte. */
  end: 5,
  /** The client's connection is gone, or is given up. a: 1 if it was reset or broken. */
  destroy: 6,
  /** A block of the thread's is free again: a. */
  free: 7,
  /** No connection is opened any more, and none begins another request: another thread takes over. */
  leave: 8,
} as const;

/** From the thread to the worker. */
export const Down = {
  /** Bytes for the client: block, length. */
  data: 1,
  /** The answer is complete: a = status | persists << 16 | cache << 17 | made here << 20, b = bytes of its heads. */
  answered: 2,
  /** The protocol has changed. */
  tunnel: 3,
  /** The thread has sent its last byte. */
  end: 4,
  /** The socket was destroyed. a: 1 to reset the client's connection; b: why (`AnswerReason`), 0: not told. */
  destroy: 5,
  /** A block of the worker's is free again: a. */
  free: 6,
  /** Nagle's algorithm: a = 1 off. */
  noDelay: 7,
  /** Probes of a silent peer: a = seconds of silence before; 0: none. */
  keepAlive: 8,
  /** The group whose bandwidth the connection uses (`Connection.pacingGroup`): a. */
  pacingGroup: 9,
} as const;

/** Parts of the first word of `Down.answered`, beside the status. */
export const ANSWER_PERSISTS = 0x1_0000;
export const ANSWER_CACHE_SHIFT = 17;
export const ANSWER_CACHE_MASK = 7;
/** A number of `AnswerReason`. */
export const ANSWER_FAULT_SHIFT = 20;
export const ANSWER_FAULT_MASK = 63;

/** What a connection is for. */
export const Purpose = {
  /** Requests of a connection that HTTP in the worker has read; the thread answers them. */
  requests: 0,
  /** All of its bytes. */
  whole: 1,
} as const;
