/** A dissected frame as an object for JSON: one line a frame. */
import type { Dissection, Field, FieldValue } from '../field.js';
import type { FrameInfo } from '../frame-info.js';
import { secondsText, timestamp } from '../time.js';

/** A field that occurs more than once holds a list. Values that are not known are left out. */
export function toJson(info: FrameInfo, dissection: Dissection): object {
  const { notes, layers } = dissection;
  return {
    number: info.number,
    time: timestamp(info.time),
    relative: secondsText(info.relative, info.digits),
    delta: secondsText(info.delta, info.digits),
    length: info.length,
    captured: info.captured,
    interface: info.interfaceName,
    direction: info.direction,
    comment: info.comment,
    connection: dissection.connection,
    summary: dissection.summary,
    notes: notes.length === 0 ? undefined : notes,
    layers: layers.map(({ protocol, fields, problems }) => ({
      protocol,
      fields: fieldObject(fields),
      problems: problems.length === 0 ? undefined : problems,
    })),
  };
}

/** `toJson` as text. */
export function formatJson(info: FrameInfo, dissection: Dissection): string {
  return JSON.stringify(toJson(info, dissection));
}

function fieldObject(fields: readonly Field[]): Record<string, FieldValue | FieldValue[]> {
  const values = new Map<string, FieldValue | FieldValue[]>();
  for (const { name, value } of fields) {
    const before = values.get(name);
    if (before === undefined) values.set(name, value);
    else if (Array.isArray(before)) before.push(value);
    else values.set(name, [before, value]);
  }
  return Object.fromEntries(values);
}
