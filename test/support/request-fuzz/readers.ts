/**
 * What two parsers make of the same bytes: ours, and llhttp, the parser in Node. Each says which requests it took out
 * of them, and how it was left.
 */
import { createRequire } from 'node:module';
import { UNKNOWN_METHOD } from '../../../src/http/grammar/methods.js';
import { DEFAULT_LIMITS } from '../../../src/http/limits.js';
import { BodyReader } from '../../../src/http/request/body.js';
import { RequestFraming } from '../../../src/http/request/framing.js';
import { COMPLETE, INCOMPLETE, RequestScanner } from '../../../src/http/request/scanner.js';
import { Target } from '../../../src/http/request/target.js';
import { KnownHost } from '../../../src/http/sites/known-host.js';

/**
 * How a parser was left: between two requests, all bytes taken; within one, waiting for more; it refused what came
 * next; or it closed after a request that was the last one. `elsewhere`: what comes next is not comparable.
 */
export type End = 'between' | 'within' | 'refused' | 'closed' | 'elsewhere';

export interface Reading {
  /** Method and target of each request that came whole, with its body. */
  readonly requests: readonly string[];
  readonly end: End;
}

/** Reads with our parser. One object serves any number of inputs, as it does on a connection. */
export class OurReader {
  readonly #scanner = new RequestScanner(DEFAULT_LIMITS, new KnownHost());
  readonly #framing = new RequestFraming();
  readonly #target = new Target(DEFAULT_LIMITS.requestLineBytes);

  /** `knowsAllMethods`: the other parser takes any method, and HTTP/1.2 for HTTP/1.1, as we do. */
  constructor(readonly knowsAllMethods: boolean) {}

  read(bytes: Uint8Array): Reading {
    const requests: string[] = [];
    let at = 0;
    for (;;) {
      const next = this.#readOne(bytes, at, requests);
      if (typeof next === 'string') return { requests, end: next };
      at = next;
    }
  }

  /** The place behind the request that begins at `from`, which is added to `requests`; or the end. */
  #readOne(bytes: Uint8Array, from: number, requests: string[]): number | End {
    const scanner = this.#scanner;
    scanner.begin(bytes, from);
    const outcome = scanner.scan(bytes.length);
    if (outcome === INCOMPLETE) return scanner.from === bytes.length ? 'between' : 'within';
    if (outcome !== COMPLETE || this.#framing.judge(scanner) !== 0) return 'refused';
    let { at } = scanner;
    if (this.#framing.bodyLength !== 0) {
      if (this.#framing.bodyLength > DEFAULT_LIMITS.bodyBytes) return 'refused';
      const body = new BodyReader(this.#framing.bodyLength, DEFAULT_LIMITS.bodyBytes);
      const read = body.read(bytes, at, bytes.length);
      if (read === INCOMPLETE) return 'within';
      if (read !== COMPLETE) return 'refused';
      at = body.at;
    }
    if (this.#target.read(scanner) === 400) return 'refused';
    if (!this.knowsAllMethods && (scanner.method === UNKNOWN_METHOD || scanner.minorVersion > 1)) return 'elsewhere';
    const { methodTo, targetFrom, targetTo } = scanner;
    requests.push(`${latin1(bytes, scanner.from, methodTo)} ${latin1(bytes, targetFrom, targetTo)}`);
    return this.#framing.persists ? at : 'closed';
  }
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1');
}

/** Node's own binding of llhttp. It has no types and no page in the manual; node:http is built on it. */
interface LlhttpParser {
  initialize(type: number, resource: object): void;
  execute(bytes: Buffer): number | Error;
  [callback: number]: (...values: never[]) => unknown;
}
interface LlhttpClass {
  new (): LlhttpParser;
  readonly REQUEST: number;
  readonly kOnHeaders: number;
  readonly kOnHeadersComplete: number;
  readonly kOnBody: number;
  readonly kOnMessageComplete: number;
  readonly kOnMessageBegin: number;
  readonly methods?: readonly string[];
}
interface HttpCommon {
  readonly HTTPParser: LlhttpClass;
  readonly methods: readonly string[];
}

const { HTTPParser, methods } = createRequire(import.meta.url)('_http_common') as HttpCommon;

/** Reads with llhttp, as strictly as node:http does by default. */
export class LlhttpReader {
  readonly #parser = new HTTPParser();
  #requests: string[] = [];
  #url = '';
  #current = '';
  #isWithin = false;
  #persists = true;
  /** Why llhttp refused the last input; '' if it did not. */
  reason = '';

  constructor() {
    const parser = this.#parser;
    parser[HTTPParser.kOnMessageBegin] = () => {
      this.#isWithin = true;
      this.#url = '';
    };
    parser[HTTPParser.kOnHeaders] = (_fields: unknown, url: string) => {
      this.#url += url; // many fields come in several calls
    };
    parser[HTTPParser.kOnHeadersComplete] = (
      _major: number,
      _minor: number,
      _fields: unknown,
      method: number,
      url: string | undefined,
      _status: number,
      _message: string,
      _upgrade: boolean,
      persists: boolean,
    ) => {
      this.#current = `${methods[method]} ${url ?? this.#url}`;
      this.#persists = persists;
      return 0;
    };
    parser[HTTPParser.kOnBody] = () => undefined;
    parser[HTTPParser.kOnMessageComplete] = () => {
      this.#isWithin = false;
      this.#requests.push(this.#current);
    };
  }

  read(bytes: Buffer): Reading {
    this.#requests = [];
    this.#isWithin = false;
    this.#persists = true;
    this.#parser.initialize(HTTPParser.REQUEST, {});
    const result = this.#parser.execute(bytes);
    this.reason = result instanceof Error ? ((result as Error & { code?: string }).code ?? result.message) : '';
    return { requests: this.#requests, end: this.#end(result, bytes.length) };
  }

  #end(result: number | Error, length: number): End {
    if (result instanceof Error) return this.#persists || this.#isWithin ? 'refused' : 'closed';
    if (result < length) return 'elsewhere'; // CONNECT: what follows is another protocol
    return this.#isWithin ? 'within' : 'between';
  }
}

/**
 * What RFC 9110 allows and llhttp refuses: a tab is white space behind a Content-Length or Transfer-Encoding too
 * (section 5.5). A trailer field that must not be one is thrown away (section 6.5.1). And UTF-8 in a target, which we
 * take (grammar.ts).
 */
export function isBeyondLlhttp(text: string): boolean {
  const trailer = /\r\n0+[^\r\n]*\r\n(?:[^\r\n:]+:[^\r\n]*\r\n)*(transfer-encoding|content-length):/i;
  return /[\x80-\xff]\S* HTTP|(Content-Length|Transfer-Encoding):[^\r\n]*\t/i.test(text) || trailer.test(text);
}
