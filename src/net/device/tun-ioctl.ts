/**
 * The numbers of the tun driver (linux/if_tun.h, linux/if.h) and the one structure that all its calls share.
 * Read first: the kernel's Documentation/networking/tuntap.rst. Callers: tap.ts, host-interface.ts.
 */
import { addressOf, sys } from './libc.js';

export const TUN_DEVICE = '/dev/net/tun';

export const TUNSETIFF = 0x400454ca;
export const TUNSETPERSIST = 0x400454cb;
export const TUNSETOWNER = 0x400454cc;
export const TUNSETGROUP = 0x400454ce;
export const TUNSETOFFLOAD = 0x400454d0;
export const TUNSETSNDBUF = 0x400454d4;

export const IFF_TAP = 0x0002;
/** No four bytes of "packet information" before each frame. */
export const IFF_NO_PI = 0x1000;
export const IFF_VNET_HDR = 0x4000;
export const IFF_MULTI_QUEUE = 0x0100;

/** What we take from the kernel: frames without a checksum, and super-segments of TCP. */
export const TUN_F_CSUM = 0x01;
export const TUN_F_TSO4 = 0x02;
export const TUN_F_TSO6 = 0x04;
export const TUN_F_TSO_ECN = 0x08;
/** Several UDP datagrams as one, in both families: Linux 6.2. It takes both or none. */
export const TUN_F_USO4 = 0x20;
export const TUN_F_USO6 = 0x40;

/** Longest name of an interface; the kernel's IFNAMSIZ is 16 with the closing zero. */
export const MAX_NAME_BYTES = 15;

/**
 * `struct ifreq`: the interface's name and 24 bytes that each request reads in its own way.
 *
 *     | name 16 bytes, zero-padded | flags, MTU, index or a sockaddr … 24 bytes |
 */
export class InterfaceRequest {
  readonly bytes = new Uint8Array(40);
  readonly view = new DataView(this.bytes.buffer);
  readonly address = addressOf(this.bytes);

  constructor(name: string) {
    this.bytes.set(new TextEncoder().encode(name).subarray(0, MAX_NAME_BYTES));
  }

  /** The name as the kernel left it (TUNSETIFF replaces `%d` by a free number). */
  get name(): string {
    return new TextDecoder().decode(this.bytes.subarray(0, this.bytes.indexOf(0)));
  }

  /** One ioctl with this structure; -1 if it fails. */
  call(fd: number, request: number): number {
    return sys.ioctl(fd, request, this.address);
  }
}

/** Where the request's own 24 bytes begin. */
export const REQUEST_AT = 16;

/**
 * True if the kernel would take this as the name of an interface (net/core/dev.c, dev_valid_name); `%d` stands for
 * the next free number.
 */
export function isValidName(name: string): boolean {
  return /^[^\s/:\0]{1,15}$/u.test(name) && name !== '.' && name !== '..' && new TextEncoder().encode(name).length < 16;
}
