/** Two ends of a cable made of sockets: what one end writes is one frame at the other. */
import koffi from 'koffi';
import { addressOf, check, O_NONBLOCK, sys } from '../../src/net/device/libc.js';
import { TapDevice } from '../../src/net/device/tap.js';
import { parseMac } from '../../src/net/wire/address.js';
import { OUR_MAC } from './fake-device.js';

const AF_UNIX = 1;
const SOCK_SEQPACKET = 5;
const LARGEST_FRAME = 300_000;

const socketpair = koffi.load(null).func('socketpair', 'int', ['int', 'int', 'int', 'uintptr_t']) as (
  family: number,
  type: number,
  protocol: number,
  pair: number,
) => number;

/** A TAP device, without a virtio header, over one end, and the other end. */
export class FrameSocket {
  readonly tap: TapDevice;
  readonly #fd: number;
  readonly #buffer = new Uint8Array(LARGEST_FRAME);
  #isOpen = true;

  constructor() {
    const pair = new Int32Array(2);
    check(socketpair(AF_UNIX, SOCK_SEQPACKET | O_NONBLOCK, 0, addressOf(pair)), 'socketpair');
    const [ours = -1, theirs = -1] = pair;
    const mac = parseMac(OUR_MAC);
    this.tap = TapDevice.adopt({ fd: ours, name: 'pair', mac, mtu: 1500, superSegmentBytes: 0, virtio: false });
    this.#fd = theirs;
  }

  /** Sends one frame to the device. */
  send(bytes: Uint8Array): void {
    check(sys.write(this.#fd, addressOf(bytes), bytes.length), 'write');
  }

  /** The next frame that the device has sent; undefined if there is none. */
  receive(): Uint8Array | undefined {
    const length = sys.read(this.#fd, addressOf(this.#buffer), this.#buffer.length);
    return length > 0 ? this.#buffer.slice(0, length) : undefined;
  }

  /** Closes the other end: the device's writes fail from here on. */
  hangUp(): void {
    if (this.#isOpen) sys.close(this.#fd);
    this.#isOpen = false;
  }

  close(): void {
    this.hangUp();
    this.tap.close();
  }
}
