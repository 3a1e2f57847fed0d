/** The value of a field as text, for people and for tables. */
import type { FieldValue } from '../field.js';

/** True is 1 and false is 0, as in a header. */
export function valueText(value: FieldValue): string {
  return typeof value === 'boolean' ? (value ? '1' : '0') : String(value);
}
