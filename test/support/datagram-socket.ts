/** A UNIX datagram socket at a path, as a syslog daemon has one. Node's dgram knows only UDP. */
import { rmSync } from 'node:fs';
import koffi from 'koffi';
import { AF_UNIX, addressOf, check, O_NONBLOCK, SOCK_CLOEXEC, SOCK_DGRAM, sys } from '../../src/net/device/libc.js';

const bind = koffi.load(null).func('bind', 'int', ['int', 'uintptr_t', 'uint']);

export class DatagramSocket {
  readonly path: string;
  readonly #fd: number;
  readonly #buffer = new Uint8Array(65_536);

  constructor(path: string) {
    this.path = path;
    this.#fd = sys.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | O_NONBLOCK, 0);
    const address = Uint8Array.from([AF_UNIX, 0, ...Buffer.from(path), 0]);
    check(bind(this.#fd, addressOf(address), address.length), 'bind');
  }

  /** The next datagram as Latin-1; undefined: none has come. */
  read(): string | undefined {
    const length = sys.read(this.#fd, addressOf(this.#buffer), this.#buffer.length);
    return length < 0 ? undefined : Buffer.from(this.#buffer.subarray(0, length)).toString('latin1');
  }

  close(): void {
    sys.close(this.#fd);
    rmSync(this.path, { force: true });
  }
}
