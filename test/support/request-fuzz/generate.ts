/**
 * Requests for a fuzz of parsers: mostly right, wrong in a few places, several behind each other. The same seed gives
 * the same requests. Each target has a number, so that no request can be taken for another.
 */
import { SeededRandom } from '../../../src/net/random.js';
import { SMUGGLING_FORMS } from './corpus.js';

const METHODS = ['GET', 'GET', 'GET', 'POST', 'POST', 'HEAD', 'PUT', 'OPTIONS', 'DELETE', 'PATCH'];
const VERSIONS = [...new Array<string>(24).fill('1.1'), '1.0', '1.0', '1.0', '1.2', '0.9', '2.0'];
const TARGETS = ['/', '/', '/a/../', '/%41', '/?q=', '/a//', 'http://b/', 'http://b:80/?', '/x%', '//', '/%2e%2e/'];
const FIELDS = [
  'Host: a',
  'host:a',
  'HOST: \t a:80 ',
  'Content-Length: 5',
  'content-length: 5',
  'Content-Length:0',
  'Content-Length: 00005',
  'Content-Length: 40',
  'Content-Length: +5',
  'Content-Length: 5, 5',
  'Transfer-Encoding: chunked',
  'transfer-encoding:  ChUnKeD ',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding : chunked',
  'Transfer_Encoding: chunked',
  'Connection: close',
  'Connection: keep-alive',
  'Connection: Keep-Alive, close',
  'Connection: upgrade',
  'Upgrade: h2c',
  'Expect: 100-continue',
  'Range: bytes=0-1,4-',
  'X: y',
  'X:',
  'X: a\tb',
  'X: \xe4\xff',
  `X-Long: ${'z'.repeat(40)}`,
  'Trailer: X',
];
const BODIES = [
  '',
  '',
  'hello',
  'hello',
  '5\r\nhello\r\n0\r\n\r\n',
  '5\r\nhello\r\n0\r\n\r\n',
  '5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n',
  '05\r\nhello\r\n5 \r\nhello\r\n00\r\n\r\n',
  '0\r\n\r\n',
  '0\r\n\r\n\r\n',
  '5\r\nhel',
  'GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n',
];
const OCTETS = [
  '\r',
  '\n',
  '\r\n',
  '\n\n',
  ' ',
  '\t',
  '\0',
  ':',
  ',',
  ';',
  '0',
  '5',
  'a',
  '\v',
  '\f',
  '\x7f',
  '\x80',
  '_',
  '"',
  '%',
  '/',
  '?',
  '#',
  '.',
  '-',
  '+',
  '=',
];

/** Makes one input after another. */
export class RequestGenerator {
  readonly #random: SeededRandom;
  #number = 0;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
  }

  /** One to four requests as they might come on a connection; a character for each octet. */
  next(): string {
    let text = '';
    for (let left = 1 + this.#below(4); left > 0; left--)
      text += this.#below(20) === 0 ? this.#form() : this.#request();
    for (let left = Math.max(0, this.#below(6) - 2); left > 0; left--) text = this.#damage(text);
    return text;
  }

  #request(): string {
    const line = `${this.#of(METHODS)} ${this.#of(TARGETS)}${this.#number++ % 10_000} HTTP/${this.#of(VERSIONS)}\r\n`;
    const fields = this.#below(30) === 0 ? [] : [this.#below(10) === 0 ? this.#of(FIELDS) : 'Host: a'];
    let body = '';
    switch (this.#below(4)) {
      case 0:
        fields.push('Content-Length: 5');
        body = 'hello';
        break;
      case 1:
        fields.push('Transfer-Encoding: chunked');
        body = '5\r\nhello\r\n0\r\n\r\n';
        break;
      case 2:
        break;
      default:
        for (let more = this.#below(4); more > 0; more--) fields.push(this.#of(FIELDS));
        body = this.#of(BODIES);
    }
    return `${line}${fields.map((field) => `${field}\r\n`).join('')}\r\n${body}`;
  }

  #form(): string {
    return this.#of(SMUGGLING_FORMS).text;
  }

  /** One octet put in, replaced or taken away; or a stretch doubled or cut out. */
  #damage(text: string): string {
    const at = this.#below(text.length + 1);
    const to = at + this.#below(12);
    switch (this.#below(8)) {
      case 0:
        return text.slice(0, at) + text.slice(to);
      case 1:
        return text.slice(0, to) + text.slice(at);
      case 2:
        return this.#below(8) === 0 ? text.slice(0, at) : text;
      default:
        return text.slice(0, at) + this.#of(OCTETS) + text.slice(at + this.#below(2));
    }
  }

  #of<Item>(list: readonly Item[]): Item {
    return list[this.#below(list.length)]!;
  }

  #below(limit: number): number {
    return Math.floor(this.#random.nextFraction() * limit);
  }
}
