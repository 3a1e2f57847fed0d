/**
 * Frames of a test's own making through an interface, both ways (packet(7)): a station on the link that the kernel
 * knows nothing of. raw-link.ts only sends.
 */
import koffi from 'koffi';
import { HostInterface } from '../../src/net/device/host-interface.js';
import { addressOf, check, O_NONBLOCK, POLLIN, sys } from '../../src/net/device/libc.js';

const AF_PACKET = 17;
const SOCK_RAW = 3;
const ETH_P_ALL = 3;
/** A super-segment of BIG TCP at most. */
const LARGEST_FRAME = 300_000;

const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;

const setsockopt = koffi.load(null).func('setsockopt', 'int', ['int', 'int', 'int', 'uintptr_t', 'uint32_t']) as (
  fd: number,
  level: number,
  option: number,
  value: number,
  length: number,
) => number;
const bind = koffi.load(null).func('bind', 'int', ['int', 'uintptr_t', 'uint32_t']) as (
  fd: number,
  address: number,
  length: number,
) => number;

export class FramePort {
  readonly #fd = check(sys.socket(AF_PACKET, SOCK_RAW | O_NONBLOCK, ETH_P_ALL << 8), 'socket');
  readonly #buffer = new Uint8Array(LARGEST_FRAME);
  readonly #waiting = new Uint8Array(8);

  /** @param mac only frames to this address or to all, if it is given; the rest would fill the socket's buffer */
  constructor(interfaceName: string, mac?: Uint8Array) {
    if (mac !== undefined) this.#filter(mac);
    /** `struct sockaddr_ll`: family, protocol (network order), index. */
    const address = new Uint8Array(20);
    const view = new DataView(address.buffer);
    view.setUint16(0, AF_PACKET, true);
    view.setUint16(2, ETH_P_ALL, false);
    view.setInt32(4, new HostInterface(interfaceName).index!, true);
    check(bind(this.#fd, addressOf(address), address.length), 'bind');
    const waiting = new DataView(this.#waiting.buffer);
    waiting.setInt32(0, this.#fd, true);
    waiting.setInt16(4, POLLIN, true);
  }

  send(frame: Uint8Array): void {
    check(sys.write(this.#fd, addressOf(frame), frame.length), 'write');
  }

  /** The next frame that crosses the interface in either direction; undefined if none does within `milliseconds`. */
  receive(milliseconds: number): Uint8Array | undefined {
    const length = sys.read(this.#fd, addressOf(this.#buffer), this.#buffer.length);
    if (length > 0) return this.#buffer.slice(0, length);
    if (sys.poll(addressOf(this.#waiting), 1, Math.ceil(milliseconds)) <= 0) return undefined;
    const late = sys.read(this.#fd, addressOf(this.#buffer), this.#buffer.length);
    return late > 0 ? this.#buffer.slice(0, late) : undefined;
  }

  /** A classic BPF program (Documentation/networking/filter.rst): destination is `mac`, or the broadcast address. */
  #filter(mac: Uint8Array): void {
    const [top, low] = [(mac[0]! << 24) | (mac[1]! << 16) | (mac[2]! << 8) | mac[3]!, (mac[4]! << 8) | mac[5]!];
    const [LOAD_WORD, LOAD_HALF, JUMP_EQUAL, RETURN] = [0x20, 0x28, 0x15, 0x06];
    const program: readonly (readonly [code: number, ifTrue: number, ifFalse: number, value: number])[] = [
      [LOAD_WORD, 0, 0, 0],
      [JUMP_EQUAL, 0, 2, top],
      [LOAD_HALF, 0, 0, 4],
      [JUMP_EQUAL, 1, 2, low],
      [JUMP_EQUAL, 0, 1, -1],
      [RETURN, 0, 0, -1],
      [RETURN, 0, 0, 0],
    ];
    const code = new DataView(new ArrayBuffer(8 * program.length));
    for (const [i, [operation, ifTrue, ifFalse, value]] of program.entries()) {
      code.setUint16(8 * i, operation, true);
      code.setUint8(8 * i + 2, ifTrue);
      code.setUint8(8 * i + 3, ifFalse);
      code.setInt32(8 * i + 4, value, true);
    }
    // `struct sock_fprog`: a length, and after padding the address.
    const header = new DataView(new ArrayBuffer(16));
    header.setUint16(0, program.length, true);
    header.setBigUint64(8, BigInt(addressOf(code)), true);
    check(setsockopt(this.#fd, SOL_SOCKET, SO_ATTACH_FILTER, addressOf(header), 16), 'setsockopt');
  }

  close(): void {
    sys.close(this.#fd);
  }
}
