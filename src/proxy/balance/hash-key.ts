/** The part of a request that decides about its server, with `balance: hash`. */
import type { IncomingMessage } from 'node:http';
import { plainAddress } from '../fields/trust.js';
import type { HashKey } from '../options.js';

/** The key; undefined: the request has no such part, so round robin decides. */
export function hashKeyOf(req: IncomingMessage, by: HashKey): string | undefined {
  const { url = '/' } = req;
  const [path = '/', query = ''] = url.split(/\?(.*)/s);
  switch (by.of) {
    case 'target':
      return url;
    case 'path':
      return path;
    case 'address':
      return req.socket.remoteAddress === undefined ? undefined : plainAddress(req.socket.remoteAddress);
    case 'header':
      return [req.headers[by.name.toLowerCase()]].flat().join(', ') || undefined;
    case 'cookie':
      return cookie(req.headers.cookie ?? '', by.name);
    case 'query':
      return new URLSearchParams(query).get(by.name) ?? undefined;
  }
}

/** The value of the first cookie of that name (RFC 6265 section 4.2). */
function cookie(field: string, name: string): string | undefined {
  for (const pair of field.split(';')) {
    const [key = '', value] = pair.trim().split(/=(.*)/s);
    if (key === name) return value;
  }
  return undefined;
}
