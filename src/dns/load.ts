/** From the text of a zone file to an image that can be served, or all that is wrong with it. */
import { parseMaster } from './master/parser.js';
import { type Problem, problemText } from './master/problem.js';
import { parseName } from './master/values.js';
import { ROOT } from './wire/name.js';
import { draftZone } from './zone/draft.js';
import { buildImage, type ZoneImage } from './zone/image.js';

export interface ZoneSource {
  /** The zone's name, `example.org`. */
  readonly zone: string;
  /** For messages, and what `$INCLUDE` is relative to. */
  readonly file: string;
  /** One character for each byte. */
  readonly text: string;
  /** Reads another file. See `MasterOptions`. */
  readonly include?: ((name: string, from: string) => { readonly file: string; readonly text: string }) | undefined;
}

export interface LoadedZone {
  readonly name: Uint8Array;
  readonly image: ZoneImage;
  readonly records: number;
  readonly warnings: readonly string[];
  /** The files that it was made of. */
  readonly files: readonly string[];
}

/** A zone file cannot be served. The message has a line for each fault, with its file and line. */
export class ZoneError extends Error {
  override readonly name = 'ZoneError';

  constructor(readonly problems: readonly Problem[]) {
    super(problems.map(problemText).join('\n'));
  }
}

/** Reads, checks and lays out a zone. @throws {ZoneError} */
export function loadZone({ zone, file, text, include }: ZoneSource): LoadedZone {
  const apex = zoneName(zone);
  const { records, errors, files } = parseMaster(text, { file, origin: apex, include });
  if (errors.length > 0) throw new ZoneError(errors);
  const draft = draftZone(apex, records, file);
  if (draft.errors.length > 0) throw new ZoneError(draft.errors);
  const image = buildImage(draft);
  return { name: apex, image, records: records.length, warnings: draft.warnings.map(problemText), files };
}

/** A zone's name as its bytes. The dot at the end may be left out. @throws {EntryError} for what is no name */
export function zoneName(text: string): Uint8Array {
  return parseName(text, ROOT);
}
