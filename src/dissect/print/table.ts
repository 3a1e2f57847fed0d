/** Chosen fields as a table of comma-separated values (RFC 4180). */
import type { FrameView } from '../frame-view.js';
import { printable } from './printable.js';
import { valueText } from './value.js';

export interface TableOptions {
  readonly fields: readonly string[];
  /** One character between two values of a row; a comma unless said otherwise. */
  readonly separator?: string;
}

/** The first row of a table: the names of its fields. */
export function formatHeader({ fields, separator = ',' }: TableOptions): string {
  return fields.map((field) => quoted(field, separator)).join(separator);
}

/** A row. Several values of one field stand in one cell, with commas between; a field that is not there is empty. */
export function formatRow(view: FrameView, { fields, separator = ',' }: TableOptions): string {
  return fields
    .map((field) => quoted(printable(view.values(field).map(valueText).join(',')), separator))
    .join(separator);
}

/** RFC 4180 section 2: rules 5 to 7. */
function quoted(text: string, separator: string): string {
  const needsQuotes = text.includes(separator) || /["\n\r]/.test(text);
  return needsQuotes ? `"${text.replaceAll('"', '""')}"` : text;
}
