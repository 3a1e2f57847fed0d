/** The answer to a folder that is asked for without its slash: 301 to its name with it (RFC 9110 section 15.4.2). */
import type { Draft } from './draft.js';
import { encodePath, redirectAnswer } from './heads.js';
import type { Measures } from './layout.js';

export interface FolderRedirect {
  readonly measures: Measures;
  /** Writes it into the place that was taken for these measures. */
  seal(draft: Draft): void;
}

/** `name`: of the folder, without its slash; a character for each byte. */
export function folderRedirect(name: string): FolderRedirect {
  const { answer, payload } = redirectAnswer(`${encodePath(Buffer.from(name, 'latin1'))}/`);
  const measures = {
    nameCount: 1,
    namesLength: name.length,
    headRoom: answer.head.length,
    payloadLength: payload.length,
    notModifiedLength: answer.notModified.length,
  };
  const seal = (draft: Draft) => {
    draft.payload.set(Buffer.from(payload, 'latin1'));
    draft.seal([name], answer);
  };
  return { measures, seal };
}
