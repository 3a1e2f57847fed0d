/**
 * Fields that concern one connection and are not forwarded (RFC 9110 section 7.6.1): those of the list there, and
 * those that the Connection field of the message names.
 */

import { NEVER_OF_CONNECTION } from '../../shared-cache/fields.js';

/** Names and values, one after the other, as they came. */
export type RawFields = readonly string[];

const CONNECTION = 'connection';
const HOP_BY_HOP = new Set([
  'connection',
  'close',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

/** A field name or a method (RFC 9110 section 5.6.2). */
export const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/**
 * The names, in lower case, that a message does not carry on. End-to-end fields of which a Connection field must not
 * rid a message, because they frame or route it, are not among them.
 */
export function droppedNames(fields: RawFields): ReadonlySet<string> {
  let named: Set<string> | undefined;
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i] as string;
    if (name.length !== CONNECTION.length || name.toLowerCase() !== CONNECTION) continue;
    const value = (fields[i + 1] as string).toLowerCase();
    if (value === 'keep-alive' || value === 'close') continue; // as most say
    named ??= new Set(HOP_BY_HOP);
    for (const option of value.split(',')) {
      const token = option.trim();
      if (!NEVER_OF_CONNECTION.has(token)) named.add(token);
    }
  }
  return named ?? HOP_BY_HOP;
}

/** Name and value of each field. */
export function* pairs(fields: RawFields): Generator<readonly [name: string, value: string]> {
  for (let i = 0; i + 1 < fields.length; i += 2) yield [fields[i] as string, fields[i + 1] as string];
}
