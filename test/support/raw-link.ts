/**
 * Frames of a test's own making, sent by this machine out of an interface (packet(7)): for what no ordinary client
 * would ever send.
 */
import koffi from 'koffi';
import { HostInterface } from '../../src/net/device/host-interface.js';
import { addressOf, check, sys } from '../../src/net/device/libc.js';

const AF_PACKET = 17;
const SOCK_RAW = 3;

const sendto = koffi
  .load(null)
  .func('sendto', 'int64_t', ['int', 'uintptr_t', 'size_t', 'int', 'uintptr_t', 'uint32_t']) as (
  fd: number,
  frame: number,
  length: number,
  flags: number,
  address: number,
  addressLength: number,
) => number;

export class RawLink {
  readonly #fd = check(sys.socket(AF_PACKET, SOCK_RAW, 0), 'socket');
  /** `struct sockaddr_ll`, of which a raw socket needs the family and the interface's index. */
  readonly #address = new Uint8Array(20);

  constructor(interfaceName: string) {
    const view = new DataView(this.#address.buffer);
    view.setUint16(0, AF_PACKET, true);
    view.setInt32(4, new HostInterface(interfaceName).index!, true);
  }

  send(frame: Uint8Array): void {
    check(
      sendto(this.#fd, addressOf(frame), frame.length, 0, addressOf(this.#address), this.#address.length),
      'sendto',
    );
  }

  close(): void {
    sys.close(this.#fd);
  }
}
