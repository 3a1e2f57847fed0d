/** Objects that are no files: redirects, lists of folders, error pages, short texts. Main thread. */

import { hash } from 'node:crypto';
import { latin1Text } from '../../net/wire/latin1.js';
import type { FolderRules, Resolved } from '../folder/folder-rules.js';
import type { CompressMode } from '../head/compressible.js';
import { isWorthMaking } from '../head/compressible.js';
import { type Answer, ETAG_LENGTH, fileAnswer, redirectAnswer, textAnswer } from '../head/heads.js';
import type { HeldFile } from '../library/library.js';
import type { Draft } from '../object/draft.js';
import type { Entry } from '../object/entry.js';
import type { Measures } from '../object/layout.js';
import type { ObjectKind } from '../object/record.js';

/** An object in the making, with its whole content. */
export interface Made {
  readonly name: string;
  readonly kind: ObjectKind;
  readonly answer: Answer;
  readonly payload: Uint8Array;
}

const HTML = 'text/html; charset=utf-8';
const REASONS: Readonly<Record<number, string>> = { 403: 'Forbidden', 410: 'Gone' };
/** The answer for a file, or a list, that the system does not let us read. */
export const FORBIDDEN = { kind: 'text', status: 403 } as const;

/** A redirect, or a short text. */
export function madeOf(rules: FolderRules, name: string, resolved: Resolved & { kind: 'redirect' | 'text' }): Made {
  const fields = rules.fieldsOf(name, resolved.status);
  const { status } = resolved;
  const short =
    resolved.kind === 'redirect'
      ? redirectAnswer(resolved.location, status, fields)
      : textAnswer(status, REASONS[status] ?? '', fields);
  return { name, kind: 'redirect', answer: short.answer, payload: Buffer.from(short.payload, 'latin1') };
}

/** A page of our own, such as the list of a folder. It has an entity-tag, and no date that would mean anything. */
export function madePage(name: string, html: string, fields: string, compress: CompressMode): Made {
  const payload = Buffer.from(html, 'utf8');
  const answer = fileAnswer({
    contentType: HTML,
    contentLength: payload.length,
    lastModifiedSeconds: -1,
    etag: hash('sha256', payload, 'base64url').slice(0, ETAG_LENGTH),
    isNegotiated: compress === 'load' && isWorthMaking(payload.length, 'text/html'),
    fields,
  });
  return { name, kind: 'page', answer, payload };
}

/**
 * The content of a file as a page with a head of its own. With the status of an error it has no validators: they would
 * be those of the file, and the answer is no representation of what was asked for (RFC 9110 section 8.8).
 */
export function pageOf(file: HeldFile, name: string, status: number, fields: string, hints: string): Made {
  const { entry, payload } = file;
  const isError = status >= 400;
  const answer = fileAnswer({
    contentType: entry.contentType,
    contentLength: payload.length,
    lastModifiedSeconds: isError ? -1 : entry.lastModifiedSeconds,
    etag: isError ? '' : latin1Text(entry.etag).replaceAll('"', ''),
    isNegotiated: entry.isNegotiated,
    fields,
    hints,
  });
  const head = isError ? answer.head.replace('Accept-Ranges: bytes\r\n', '') : answer.head;
  return { name, kind: 'page', answer: { ...answer, head, status }, payload };
}

/** The room that such an object takes: one name, bytes of its head, payload and 304. */
export function madeMeasures({ name, answer, payload }: Made): Measures {
  return {
    nameCount: 1,
    namesLength: name.length,
    headRoom: answer.head.length,
    payloadLength: payload.length,
    notModifiedLength: answer.notModified.length,
  };
}

/** Writes it into the place that was taken for it. */
export function sealMade(draft: Draft, { name, answer, payload }: Made): void {
  draft.payload.set(payload);
  draft.seal([name], answer);
}

/** Whether this is what is published. */
export function isMade({ answer, payload }: Made, there: Entry | undefined): boolean {
  if (there === undefined || there.status !== answer.status || there.payloadLength !== payload.length) return false;
  if (latin1Text(there.head.bytes) !== answer.head) return false;
  return Buffer.compare(there.bytes.bytes.subarray(there.payloadFrom), payload) === 0;
}
