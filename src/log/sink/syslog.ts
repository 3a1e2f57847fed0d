/**
 * A syslog daemon, each line a datagram: over the socket of this machine (/dev/log), or over UDP (RFC 5424, RFC 5426).
 * Sends wait until the socket has room, so on this machine nothing is lost; UDP promises nothing.
 *
 *     <190>1 2026-11-30T01:48:10.123Z host fastpath 4711 access - 10.77.0.1 - - [...] "GET / HTTP/1.1" 200 26
 *     <190>Nov 30 01:48:10 fastpath[4711]: 10.77.0.1 - - [...] "GET / HTTP/1.1" 200 26
 *
 * The second form goes to /dev/log: it is that of the C library's syslog(3), an RFC 3164 line without the host.
 * journald and rsyslog expect it there, and take the first for text without a name.
 *
 * Node's dgram knows no UNIX sockets, and libraries for them need a compiler. With the system calls that are here
 * anyway it is a page.
 */
import { hostname } from 'node:os';
import { addressOf, lastErrno, SystemError, sys } from '../../net/device/libc.js';
import { IpAddress } from '../../net/wire/address.js';
import type { Sink } from './sink.js';

/** Facility local7, severity informational: what nginx sends by default. */
const PRIORITY = 23 * 8 + 6;
const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_DGRAM_CLOEXEC = 0x80002;
const LINE_FEED = 0x0a;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** A path in `struct sockaddr_un`. */
const LONGEST_PATH = 107;
/** Room for a line and its header. */
const LONGEST_DATAGRAM = 16_384;

const HOST = headField(hostname());

/** Where a daemon listens. @see {@link LogTarget} */
export type SyslogTarget =
  | { readonly path: string }
  /** `address` as text. */
  | { readonly address: string; readonly port: number };

export class SyslogSink implements Sink {
  readonly name: string;
  readonly mostBytes = Number.POSITIVE_INFINITY;
  readonly #address: Uint8Array;
  readonly #family: number;
  readonly #datagram = new Uint8Array(LONGEST_DATAGRAM);
  readonly #datagramAddress = addressOf(this.#datagram);
  readonly #isLocal: boolean;
  #fd = -1;

  /** @throws {SystemError} if there is no daemon */
  constructor(target: SyslogTarget) {
    this.name = 'path' in target ? `syslog:${target.path}` : `syslog:${target.address}:${target.port}`;
    this.#address = 'path' in target ? unixAddress(target.path) : ipAddress(target.address, target.port);
    this.#family = this.#address[0] ?? 0;
    this.#isLocal = 'path' in target;
    this.reopen();
  }

  prepare(): boolean {
    return false; // a header is for files
  }

  /** One line: one datagram. */
  write(bytes: Uint8Array, from: number, to: number): number {
    if (this.#fd < 0) this.reopen();
    const end = bytes.indexOf(LINE_FEED, from);
    const lineTo = end < 0 ? to : end;
    const head = Buffer.from(this.#isLocal ? localHead(new Date()) : farHead(new Date()), 'latin1');
    const length = Math.min(lineTo - from, LONGEST_DATAGRAM - head.length);
    this.#datagram.set(head);
    this.#datagram.set(bytes.subarray(from, from + length), head.length);
    if (sys.write(this.#fd, this.#datagramAddress, head.length + length) < 0) {
      const errno = lastErrno();
      this.close(); // the daemon may have been started again: the next call connects anew
      throw new SystemError('write', errno);
    }
    return lineTo + 1 - from;
  }

  reopen(): void {
    this.close();
    const fd = sys.socket(this.#family, SOCK_DGRAM_CLOEXEC, 0);
    if (fd < 0) throw new SystemError('socket', lastErrno());
    if (sys.connect(fd, addressOf(this.#address), this.#address.length) < 0) {
      const errno = lastErrno();
      sys.close(fd);
      throw new SystemError('connect', errno);
    }
    this.#fd = fd;
  }

  follow(): void {}

  close(): void {
    if (this.#fd >= 0) sys.close(this.#fd);
    this.#fd = -1;
  }
}

/** RFC 5424 section 6. */
function farHead(now: Date): string {
  return `<${PRIORITY}>1 ${now.toISOString()} ${HOST} fastpath ${process.pid} access - `;
}

/** As syslog(3): `Nov  3 01:48:10` in local time. */
function localHead(now: Date): string {
  const day = String(now.getDate()).padStart(2);
  return `<${PRIORITY}>${MONTHS[now.getMonth()]} ${day} ${now.toTimeString().slice(0, 8)} fastpath[${process.pid}]: `;
}

/** A field of the header: printable ASCII, not empty, without spaces (RFC 5424 section 6). */
function headField(text: string): string {
  return text.replace(/[^\x21-\x7e]/g, '?').slice(0, 255) || '-';
}

function unixAddress(path: string): Uint8Array {
  const bytes = Buffer.from(path);
  if (bytes.length > LONGEST_PATH) throw new RangeError(`the path of a socket has at most ${LONGEST_PATH} bytes`);
  const address = new Uint8Array(2 + bytes.length + 1);
  address[0] = AF_UNIX;
  address.set(bytes, 2);
  return address;
}

function ipAddress(text: string, port: number): Uint8Array {
  const ip = IpAddress.parse(text);
  const address = new Uint8Array(ip.isV4 ? 16 : 28);
  address[0] = ip.isV4 ? AF_INET : AF_INET6;
  address[2] = port >> 8;
  address[3] = port & 0xff;
  if (ip.isV4) ip.writeV4(address, 4);
  else ip.writeV6(address, 8);
  return address;
}
