/** ClientHello and ServerHello: RFC 8446 section 4.1; as much of them as is there. */
import { latin1Text } from '../../../net/wire/latin1.js';

const SERVER_NAME = 0;
const ALPN = 16;
const SUPPORTED_VERSIONS = 43;
const HOST_NAME = 0;

/** A value with its place in the message. */
export interface Placed<T> {
  readonly offset: number;
  readonly length: number;
  readonly value: T;
}

export interface Hello {
  version: number | undefined;
  serverName: Placed<string> | undefined;
  readonly suites: Placed<number>[];
  readonly protocols: Placed<string>[];
  readonly versions: Placed<number>[];
}

/** What stands in front of the cipher suites: version, 32 random bytes, the session with its length. */
const SESSION_LENGTH_AT = 34;
const START_BYTES = 35;

/** Reads bytes in order and stops at the end of what is there. */
class Cursor {
  constructor(
    readonly bytes: Uint8Array,
    public at: number,
    readonly end: number,
  ) {}

  has(count: number): boolean {
    return this.at + count <= this.end;
  }

  /** The number of `count` bytes here, -1 if they are not all there; steps behind it. */
  number(count: number): number {
    if (!this.has(count)) {
      this.at = this.end;
      return -1;
    }
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 256 + (this.bytes[this.at++] ?? 0);
    return value;
  }

  /** What a length of `count` bytes announces, as far as it is there; steps behind it. */
  vector(count: number): Cursor {
    const length = Math.max(0, this.number(count));
    const part = new Cursor(this.bytes, this.at, Math.min(this.end, this.at + length));
    this.at = part.end;
    return part;
  }

  /** All that is left, as text. */
  text(): Placed<string> {
    const value = latin1Text(this.bytes.subarray(this.at, this.end));
    return { offset: this.at, length: this.end - this.at, value };
  }
}

/** Reads the body of a hello. What is not there is left out: a hello may continue in the next segment. */
export function readHello(bytes: Uint8Array, isClient: boolean): Hello {
  const hello: Hello = { version: undefined, serverName: undefined, suites: [], protocols: [], versions: [] };
  const cursor = new Cursor(bytes, 0, bytes.length);
  const version = cursor.number(2);
  const at = START_BYTES + (bytes[SESSION_LENGTH_AT] ?? 0);
  if (bytes.length < START_BYTES || bytes.length < at) return hello;
  hello.version = version;
  cursor.at = at;
  if (isClient) {
    const suites = cursor.vector(2);
    while (suites.has(2)) number(suites, hello.suites);
    cursor.vector(1);
  } else {
    if (cursor.has(2)) number(cursor, hello.suites);
    cursor.number(1);
  }
  const extensions = cursor.vector(2);
  while (extensions.has(4)) {
    const type = extensions.number(2);
    extension(hello, type, extensions.vector(2), isClient);
  }
  return hello;
}

function extension(hello: Hello, type: number, body: Cursor, isClient: boolean): void {
  if (type === SERVER_NAME && isClient) {
    const names = body.vector(2);
    if (names.number(1) !== HOST_NAME) return;
    const name = names.vector(2).text();
    if (name.length > 0) hello.serverName = name;
  } else if (type === ALPN) {
    const list = body.vector(2);
    while (list.has(2)) {
      const name = list.vector(1).text();
      if (name.length > 0) hello.protocols.push(name);
    }
  } else if (type === SUPPORTED_VERSIONS) {
    const list = isClient ? body.vector(1) : body;
    while (list.has(2)) number(list, hello.versions);
  }
}

function number(cursor: Cursor, list: Placed<number>[]): void {
  const offset = cursor.at;
  list.push({ offset, length: 2, value: cursor.number(2) });
}
