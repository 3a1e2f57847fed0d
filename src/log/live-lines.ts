/**
 * Records for those who watch a running server (`fastpath log`): lines of JSON, gathered in batches. A watcher must not
 * slow the server, so at most a few batches are under way, and what comes meanwhile is counted as missed.
 */
import type { RecordFormat } from './format/formats.js';
import { Line, LONGEST_LINE } from './format/line.js';
import type { RecordView } from './format/record-view.js';

const BATCH_BYTES = 65_536;
const MOST_UNDER_WAY = 8;

export class LiveLines {
  readonly #format: RecordFormat;
  readonly #send: (lines: Uint8Array, missed: number) => void;
  readonly #line = new Line(BATCH_BYTES);
  #isWatched = false;
  #underWay = 0;
  #missed = 0;

  constructor(format: RecordFormat, send: (lines: Uint8Array, missed: number) => void) {
    this.#format = format;
    this.#send = send;
  }

  setWatched(isWatched: boolean): void {
    this.#isWatched = isWatched;
    this.#line.at = 0;
    this.#underWay = 0;
    this.#missed = 0;
  }

  take(view: RecordView): void {
    if (!this.#isWatched) return;
    if (this.#line.at > BATCH_BYTES - LONGEST_LINE) this.flush();
    if (this.#line.at > BATCH_BYTES - LONGEST_LINE) this.#missed++;
    else this.#format.write(this.#line, view);
  }

  flush(): void {
    if (this.#line.at === 0 || this.#underWay >= MOST_UNDER_WAY) return;
    this.#underWay++;
    this.#send(this.#line.bytes.slice(0, this.#line.at), this.#missed);
    this.#line.at = 0;
    this.#missed = 0;
  }

  /** A batch has been passed on. */
  passed(): void {
    if (this.#underWay > 0) this.#underWay--;
  }
}
