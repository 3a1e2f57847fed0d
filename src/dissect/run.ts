/** `fastpath dissect` without its options: a capture file in, a report out. */
import { type RecordVisitor, readCapture } from '../capture/file/input.js';
import type { CaptureReader } from '../capture/format/capture-reader.js';
import { readComment } from '../capture/format/pcapng-read-options.js';
import { Dissector, type DissectorOptions } from './dissector.js';
import { FrameClock } from './frame-info.js';
import { FrameView } from './frame-view.js';
import type { Report } from './report/report.js';
import type { FrameWriter } from './report/write.js';
import { passes, type Selection } from './selection.js';

export interface DissectOptions extends Pick<DissectorOptions, 'absolute'> {
  readonly selection?: Selection;
  readonly report: Report;
  /** Receives the frames that are shown. */
  readonly writer?: FrameWriter | undefined;
  /** At most this many frames are shown. */
  readonly count?: number;
  /** Called when there is nothing more to print for now. */
  readonly onPause?: () => void;
}

export interface DissectResult {
  readonly frames: number;
  readonly shown: number;
  /** Its `problems` say what could not be read. */
  readonly reader: CaptureReader;
}

/** Dissects the capture at `path` (`-`: standard input). @throws the error of open(2), never for a damaged file */
export async function dissectFile(path: string, options: DissectOptions): Promise<DissectResult> {
  const { report, writer, selection = {}, absolute = false, count = Number.POSITIVE_INFINITY } = options;
  const dissector = new Dissector({ absolute, onForgotten: (connection) => report.forgotten?.(connection) });
  const clock = new FrameClock();
  let frames = 0;
  let shown = 0;
  report.start?.();
  const visit: RecordVisitor = (record, reader) => {
    frames++;
    const owner = reader.interfaces[record.interfaceIndex];
    const comment = readComment(record);
    const info = clock.info(record, owner, comment);
    const dissection = dissector.dissect(record);
    const view = new FrameView(info, dissection);
    if (!passes(view, selection)) return true;
    report.frame(view, dissection, record);
    writer?.write(record, owner, comment);
    clock.show(info);
    return ++shown < count;
  };
  const reader = await readCapture(path, visit, { onPause: options.onPause });
  report.end?.(dissector.connections);
  writer?.close();
  return { frames, shown, reader };
}
