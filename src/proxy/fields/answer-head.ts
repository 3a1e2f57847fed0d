/**
 * The head of an answer as the client gets it: checked, without the fields of the upstream's connection, and with our
 * name in Via. Names keep their case and fields their order.
 */
import { ProxyFailure } from '../failure.js';
import { droppedNames, pairs, type RawFields, TOKEN } from './hop-by-hop.js';
import { PSEUDONYM } from './request-head.js';

/** What a field value may be (RFC 9110 section 5.5), as Node takes it: no control characters but tab. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** The fields of undici, which are bytes, as text in ISO 8859-1, which keeps every byte. */
export function textOf(raw: readonly unknown[] | null | undefined): string[] {
  const text: string[] = [];
  for (const each of raw ?? []) text.push(Buffer.isBuffer(each) ? each.toString('latin1') : String(each));
  return text;
}

/** Names and values for the client. @throws {ProxyFailure} `bad-answer` */
export function answerFields(status: number, raw: RawFields): string[] {
  if (status > 599) throw new ProxyFailure('bad-answer', `the status ${status}, which does not exist`);
  const dropped = droppedNames(raw);
  const fields: string[] = [];
  let via = '';
  let coding: string | undefined;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] as string;
    const value = raw[i + 1] as string;
    if (!TOKEN.test(name) || !VALUE.test(value)) throw new ProxyFailure('bad-answer', `the field ${show(name)}`);
    const lower = name.toLowerCase();
    if (lower === 'via') via += `${value}, `;
    else if (lower === 'transfer-encoding') coding = coding === undefined ? value : `${coding}, ${value}`;
    // RFC 9110 section 8.6: a 204 has no Content-Length.
    else if (!dropped.has(lower) && !(status === 204 && lower === 'content-length')) fields.push(name, value);
  }
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') {
    throw new ProxyFailure('bad-answer', 'a transfer coding other than chunked');
  }
  fields.push('Via', `${via}1.1 ${PSEUDONYM}`);
  return fields;
}

/** The fields of an interim answer (1xx) for the client. */
export function interimFields(raw: RawFields): string[] {
  const dropped = droppedNames(raw);
  return [...pairs(raw)].flatMap(([name, value]) =>
    TOKEN.test(name) && VALUE.test(value) && !dropped.has(name.toLowerCase()) ? [name, value] : [],
  );
}

/**
 * Fields that a recipient needs before the body, or that frame, route, authenticate or cache a message (RFC 9110
 * section 6.5.1). They mean nothing in a trailer section, and to merge them would be dangerous.
 */
const NO_TRAILER = new Set([
  ...['age', 'authorization', 'cache-control', 'connection', 'content-encoding', 'content-length', 'content-range'],
  ...['content-type', 'date', 'expires', 'host', 'keep-alive', 'location', 'proxy-authenticate', 'retry-after'],
  ...['set-cookie', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'vary', 'via', 'www-authenticate'],
]);

/** The trailer fields for the client, as pairs. */
export function trailerFields(raw: RawFields): [name: string, value: string][] {
  const found: [string, string][] = [];
  for (const [name, value] of pairs(raw)) {
    if (TOKEN.test(name) && VALUE.test(value) && !NO_TRAILER.has(name.toLowerCase())) found.push([name, value]);
  }
  return found;
}

/** The status line's words, if they can be sent on; Node chooses its own for undefined. */
export function reasonPhrase(words: string | undefined): string | undefined {
  return words !== undefined && words !== '' && /^[\t\x20-\x7e]{1,200}$/.test(words) ? words : undefined;
}

function show(name: string): string {
  return JSON.stringify(name.slice(0, 40));
}
