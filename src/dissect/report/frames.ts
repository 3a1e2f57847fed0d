/** Reports of one line, tree, object or row for each frame. */
import { formatJson } from '../print/json.js';
import { formatLine } from '../print/line.js';
import type { Style } from '../print/style.js';
import { formatHeader, formatRow, type TableOptions } from '../print/table.js';
import { formatTree } from '../print/tree.js';
import type { Print, Report } from './report.js';

/** Prints a line for each frame. */
export function lineReport(print: Print, style: Style): Report {
  return { frame: ({ info }, dissection) => print(formatLine(info, dissection, style)) };
}

/** Prints a tree for each frame. */
export function treeReport(print: Print, style: Style): Report {
  return { frame: ({ info }, dissection) => print(formatTree(info, dissection, style)) };
}

/** Prints an object of JSON for each frame, one a line. */
export function jsonReport(print: Print): Report {
  return { frame: ({ info }, dissection) => print(formatJson(info, dissection)) };
}

/** @param hasHeader the first row holds the names of the fields */
export function tableReport(print: Print, options: TableOptions, hasHeader: boolean): Report {
  return {
    start: () => {
      if (hasHeader) print(formatHeader(options));
    },
    frame: (view) => print(formatRow(view, options)),
  };
}

/** Prints nothing: the frames go to a file. */
export const SILENT: Report = { frame: () => {} };
