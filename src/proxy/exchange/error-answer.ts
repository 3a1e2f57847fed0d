/** Answers of the proxy's own: a page of the site for the status, or a line of text. */
import { type ServerResponse, STATUS_CODES } from 'node:http';

/** A page that a site has for an error. */
export interface ErrorPage {
  readonly type: string;
  readonly body: Uint8Array;
}

/** The page for a status and a host; undefined: there is none. */
export type ErrorPages = (status: number, host: string) => ErrorPage | undefined;

/** When a client may ask again, after 503, seconds. */
const RETRY_AFTER = 5;

/** What an own answer says besides its status. */
export interface OwnAnswer {
  readonly page?: ErrorPage | undefined;
  readonly allow?: string;
}

/** Answers. It does nothing if an answer has begun. The reason stands in the log alone. */
export function answerOwn(res: ServerResponse, status: number, { page, allow }: OwnAnswer = {}): void {
  if (res.headersSent || res.destroyed) return;
  const isEmpty = status === 204;
  const body = page?.body ?? Buffer.from(isEmpty ? '' : `${status} ${STATUS_CODES[status] ?? 'Error'}\n`);
  res.setHeader('Cache-Control', 'no-store');
  if (!isEmpty) {
    res.setHeader('Content-Type', page?.type ?? 'text/plain; charset=utf-8');
    res.setHeader('Content-Length', body.length);
  }
  if (status === 503) res.setHeader('Retry-After', RETRY_AFTER);
  if (allow !== undefined) res.setHeader('Allow', allow);
  // The rest of an upload is not wanted.
  if (!res.req.complete && res.req.httpVersionMajor === 1) res.setHeader('Connection', 'close');
  res.writeHead(status);
  res.end(isEmpty || res.req.method === 'HEAD' ? undefined : body);
}
