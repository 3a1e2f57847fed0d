/**
 * Why an answer is no server's, or is broken off, by its response: the log tells it. The reasons are HTTP's
 * (`AnswerReason`), as with what a cache did (outcome.ts).
 */
import type { ServerResponse } from 'node:http';
import { AnswerReason } from '../http/index.js';

const faults = new WeakMap<ServerResponse, AnswerReason>();

/** No upstream has sent this answer: it is a 502, 503 or 504 of our own. Or it ends here, before it is whole. */
export function noteFault(response: ServerResponse, fault: AnswerReason): void {
  faults.set(response, fault);
  // A socket of a channel takes it along when it is destroyed (channel-socket.ts).
  const socket = response.socket as { fault?: number } | null;
  if (socket?.fault !== undefined) socket.fault = fault;
}

/** `none`: a server has sent it. */
export function faultOf(response: ServerResponse): AnswerReason {
  return faults.get(response) ?? AnswerReason.none;
}

/** The reason for a status of our own, where nobody knows more. */
export function faultOfStatus(status: number): AnswerReason {
  if (status === 503) return AnswerReason.noHandler;
  return status === 504 ? AnswerReason.handlerTimeout : AnswerReason.handlerFailed;
}
