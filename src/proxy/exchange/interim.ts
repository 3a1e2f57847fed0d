/** Interim answers (1xx) to the client: Early Hints and the like (RFC 9110 section 15.2, RFC 8297). */
import type { ServerResponse } from 'node:http';
import { noteInterim } from '../../handler/index.js';
import { interimHead } from '../fields/lines.js';
import { LeanResponse } from '../lean/lean-response.js';

/**
 * Sends one, if the client can take it now: it speaks HTTP/1.1, its turn has come on a pipelined connection, and the
 * final answer has not begun. Node has a method for 102 and 103 alone, and the latter takes Link only as it likes it.
 * Returns whether it was sent.
 */
export function sendInterim(res: ServerResponse, status: number, fields: readonly string[]): boolean {
  if (res instanceof LeanResponse) return res.sendInterim(status, fields);
  const { req, socket } = res;
  if (!socket || res.headersSent || socket.destroyed) return false;
  if (req.httpVersionMajor > 1) return sendHints(res, status, fields);
  if (req.httpVersion !== '1.1') return false;
  const head = interimHead(status, fields);
  socket.write(head, 'latin1');
  noteInterim(res, head.length);
  return true;
}

/** HTTP/2: only what Node's own method can. */
function sendHints(res: ServerResponse, status: number, fields: readonly string[]): boolean {
  const links = fields.filter((_, i) => i % 2 === 1 && fields[i - 1]?.toLowerCase() === 'link');
  if (status !== 103 || links.length === 0) return false;
  try {
    res.writeEarlyHints({ link: links });
    return true;
  } catch {
    // A Link that Node does not take.
    return false;
  }
}
