/**
 * Reads what a ServerResponse without chunks writes: interim heads, the head, and then the body up to the end. It is
 * Node's own output, so its form is certain; this is no parser for what comes from a network.
 */
import type { AnswerReason } from '../../http/index.js';
import type { OriginAnswer } from './origin.js';

const HEAD_END = '\r\n\r\n';
const NOTHING = Buffer.alloc(0);

export class AnswerReader {
  readonly #answer: OriginAnswer;
  readonly #faultOf: () => AnswerReason;
  #rest: Buffer = NOTHING;
  /** Whether the final head has come. */
  hasHead = false;

  /** `faultOf`: asked about the final answer (fault.ts). */
  constructor(answer: OriginAnswer, faultOf: () => AnswerReason) {
    this.#answer = answer;
    this.#faultOf = faultOf;
  }

  read(bytes: Buffer): void {
    if (this.hasHead) {
      if (bytes.length > 0) this.#answer.data(bytes);
      return;
    }
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    for (;;) {
      const end = this.#rest.indexOf(HEAD_END);
      if (end < 0) return;
      const head = this.#rest.toString('latin1', 0, end);
      this.#rest = this.#rest.subarray(end + HEAD_END.length);
      if (this.#head(head)) break;
    }
    const body = this.#rest;
    this.#rest = NOTHING;
    if (body.length > 0) this.#answer.data(body);
  }

  /** Returns whether it was the final one. */
  #head(text: string): boolean {
    const [statusLine = '', ...lines] = text.split('\r\n');
    const status = Number(statusLine.slice(9, 12));
    const fields = lines.flatMap((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    });
    this.hasHead = status >= 200;
    if (this.hasHead) this.#answer.head(status, statusLine.slice(13), fields, this.#faultOf());
    else this.#answer.interim(status, fields);
    return this.hasHead;
  }
}
