/** `fastpath dissect` without its options: a capture file in, lines out. */
import { type RecordVisitor, readCapture } from '../capture/file/input.js';
import type { CaptureReader } from '../capture/format/capture-reader.js';
import { readComment } from '../capture/format/pcapng-read-options.js';
import { Dissector, type DissectorOptions } from './dissector.js';
import { type DisplayFilter, passes } from './filter.js';
import { formatLine, formatTree, frameInfo, toJson } from './print.js';

export interface DissectOptions extends DissectorOptions {
  readonly form: 'line' | 'tree' | 'json';
  readonly filter: DisplayFilter;
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

const FORMS = {
  line: formatLine,
  tree: formatTree,
  json: (...frame: Parameters<typeof toJson>) => JSON.stringify(toJson(...frame)),
};

/** Dissects the capture at `path` (`-`: standard input). @throws the error of open(2), never for a damaged file */
export async function dissectFile(
  path: string,
  options: DissectOptions,
  print: (line: string) => void,
): Promise<DissectResult> {
  const dissector = new Dissector(options);
  const format = FORMS[options.form];
  const limit = options.count ?? Number.POSITIVE_INFINITY;
  let start: number | undefined;
  let frames = 0;
  let shown = 0;
  const visit: RecordVisitor = (record, reader) => {
    start ??= record.microseconds;
    frames++;
    const dissection = dissector.dissect(record);
    if (!passes(dissection, options.filter)) return true;
    const info = frameInfo(record, reader.interfaces[record.interfaceIndex], start, readComment(record));
    print(format(info, dissection));
    return ++shown < limit;
  };
  const reader = await readCapture(path, visit, { onPause: options.onPause });
  return { frames, shown, reader };
}
