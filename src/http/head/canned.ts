/**
 * Answers that do not come from the cache: errors (404, 405, 408 …), and the answer to OPTIONS. They are made once at
 * start. Each is a fixed head and a short text for people. The mutable head goes before it, as before every answer.
 */

import { VARY_LINE } from '../../cache/head/heads.js';
import type { SummedBytes } from '../../net/wire/summed-bytes.js';
import { ALLOWED_METHODS } from '../grammar/methods.js';
import { HeadMemory } from './head-memory.js';
import { REASONS } from './reasons.js';

/** An answer that does not come from the cache. */
export interface CannedAnswer {
  readonly status: number;
  /** Fixed head and text. */
  readonly whole: SummedBytes;
  /** The same without the text, for HEAD. */
  readonly head: SummedBytes;
}

/** 503 says when to come again (RFC 9110 section 10.2.3): its reasons pass quickly. */
const RETRY_LINE = 'Retry-After: 5\r\n';
/** 405 must have Allow (RFC 9110 section 15.5.6), and it is what OPTIONS asks for (section 9.3.7). */
const ALLOW_LINE = `Allow: ${ALLOWED_METHODS}\r\n`;

/** The interim answer to Expect: 100-continue (RFC 9110 section 15.2.1). It has no Date, since no client keeps it. */
export const CONTINUE_ANSWER = new HeadMemory().write('HTTP/1.1 100 Continue\r\n\r\n');

/** The answers by status: every error we send, and 200 as the answer to OPTIONS. */
export function makeCannedAnswers(memory: HeadMemory): ReadonlyMap<number, CannedAnswer> {
  const answers = new Map<number, CannedAnswer>();
  for (const [status, reason] of REASONS) if (status >= 400) answers.set(status, makeError(memory, status, reason));
  const options = memory.write(`${ALLOW_LINE}Content-Length: 0\r\n\r\n`);
  answers.set(200, { status: 200, whole: options, head: options });
  return answers;
}

/** Fields that belong to one status. */
const MORE_LINES: ReadonlyMap<number, string> = new Map([
  [405, ALLOW_LINE],
  // It depends on Accept-Encoding as the file does (RFC 9110 section 12.5.5).
  [406, VARY_LINE],
  // No bound on a client's rate is under one request a second, so after a second there is room again.
  [429, 'Retry-After: 1\r\n'],
  [503, RETRY_LINE],
]);

function makeError(memory: HeadMemory, status: number, reason: string): CannedAnswer {
  const text = `${status} ${reason}\n`;
  const more = MORE_LINES.get(status) ?? '';
  const head = `Content-Type: text/plain; charset=utf-8\r\nContent-Length: ${text.length}\r\n${more}\r\n`;
  return { status, whole: memory.write(head + text), head: memory.write(head) };
}
