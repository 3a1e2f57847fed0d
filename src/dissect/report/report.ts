/** What becomes of the frames that pass: lines, a table, statistics. Each form of output is one report. */
import type { CaptureRecord } from '../../capture/format/record.js';
import type { TrackedDissection } from '../dissector.js';
import type { FrameView } from '../frame-view.js';
import type { Connection } from '../tcp/connections.js';

export type Print = (line: string) => void;

export interface Report {
  /** Before the first frame. */
  start?(): void;
  /** A frame that passed the selection. */
  frame(view: FrameView, dissection: TrackedDissection, record: CaptureRecord): void;
  /** A connection that the dissector forgets. */
  forgotten?(connection: Connection): void;
  /** After the last frame; `connections` are those that have not been forgotten. */
  end?(connections: Iterable<Connection>): void;
}
