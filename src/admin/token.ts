/** The token of the admin listener: who has it may change something. RFC 6750: `Authorization: Bearer TOKEN`. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { AdminError } from './source.js';

/** The environment variable for the token itself. */
export const TOKEN_VARIABLE = 'FASTPATH_ADMIN_TOKEN';
/** A shorter one could be guessed. */
export const SHORTEST_TOKEN = 16;
/** The characters that a header field can carry. RFC 6750 section 2.1. */
const TOKEN = /^[A-Za-z0-9._~+/=-]+$/;

/**
 * The token in a file, or in the environment; undefined: there is none. White space around it does not count.
 * @throws {AdminError} `bad-token` if the file cannot be read, or the token is none
 */
export function readToken(file: string | undefined, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const [text, where] = file === undefined ? [env[TOKEN_VARIABLE], `$${TOKEN_VARIABLE}`] : [contentsOf(file), file];
  if (text === undefined) return undefined;
  const token = text.trim();
  if (token.length < SHORTEST_TOKEN || !TOKEN.test(token)) {
    throw new AdminError(
      'bad-token',
      `${where} has no token of at least ${SHORTEST_TOKEN} letters, digits and ._~+/=-`,
      'Make one: openssl rand -hex 32',
    );
  }
  return token;
}

function contentsOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { message } = cause as Error;
    throw new AdminError('bad-token', `the token cannot be read: ${message}`, 'Name a file that is there.', { cause });
  }
}

/** Whether a header field carries the token. It takes the same time wherever the two differ. */
export function carriesToken(authorization: string | undefined, token: string): boolean {
  const given = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
  return given !== undefined && timingSafeEqual(hash(given), hash(token));
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
