/** A log that keeps what HTTP tells it, as lines. */
import { expect } from 'chai';
import { AnswerNote, AnswerReason, CacheResult, type ConnectionLog } from '../../src/http/index.js';
import type { RequestScanner } from '../../src/http/request/scanner.js';
import type { CloseReason, Connection } from '../../src/net/tcp/handler.js';

/** Writes down what it is told, as lines. */
export class LogRecorder {
  readonly note = new AnswerNote();
  readonly lines: string[] = [];
  room = true;

  opened(connection: Connection): ConnectionLog {
    const { lines, note } = this;
    let mark = connection.queuedTo;
    return {
      hasRoom: () => this.room,
      began: () => lines.push('began'),
      interim: () => {
        lines.push(`interim ${connection.queuedTo - mark}`);
        mark = connection.queuedTo;
      },
      answered: (head) => {
        const { status, payloadBytes, cache, reason, entry } = note;
        const bytes = (connection.queuedTo - mark) | 0;
        mark = connection.queuedTo;
        lines.push(
          [lineOf(head), status, payloadBytes, nameOf(CacheResult, cache), nameOf(AnswerReason, reason)].join(' '),
        );
        expect(bytes, 'bytes of the answer').to.be.at.least(payloadBytes);
        expect(entry === null, 'no object').to.equal(cache === CacheResult.none || cache === CacheResult.miss);
        note.reset();
      },
      acknowledged: () => {},
      closed: (reason: CloseReason, unanswered, why) => {
        const reasonWhy = unanswered === null ? '' : ` ${nameOf(AnswerReason, why)}`;
        lines.push(`closed ${reason} ${lineOf(unanswered)}${reasonWhy}`);
      },
    };
  }
}

function lineOf(head: RequestScanner | null): string {
  if (head === null) return '-';
  const end = head.bytes.indexOf(13, head.from);
  return Buffer.from(head.bytes.subarray(head.from, end < 0 ? head.at : end)).toString('latin1');
}

function nameOf(names: Readonly<Record<string, number>>, value: number): string {
  return Object.keys(names).find((name) => names[name] === value) ?? '?';
}
