/**
 * Opening a TAP: /dev/net/tun, TUNSETIFF, offload, MTU; and the reasons why it may be refused.
 *
 * Read first: the kernel's Documentation/networking/tuntap.rst. Callers: tap.ts, persistent-tap.ts, the CLI's doctor.
 */
import { release } from 'node:os';
import { parseMac } from '../wire/address.js';
import { HostInterface } from './host-interface.js';
import {
  addressOf,
  EBUSY,
  EINVAL,
  EPERM,
  lastErrno,
  O_CLOEXEC,
  O_NONBLOCK,
  O_RDWR,
  openFile,
  SystemError,
  sys,
} from './libc.js';
import { changeError, openError, TapError } from './tap-error.js';
import * as tun from './tun-ioctl.js';

/** The most payload that every kernel takes: with 80 bytes of IP and TCP headers it fills the 16-bit total length. */
export const SUPER_SEGMENT_BYTES = 65_535 - 80;
/** With IPv4's total length 0 ("BIG TCP") as much as the pieces of one socket buffer hold; more gains nothing. */
export const BIG_SUPER_SEGMENT_BYTES = 262_144;

/** Which interface to open, and how. @see {@link TapDevice} */
export interface TapOptions {
  /** The interface's name, at most 15 bytes; `%d` in it stands for the first free number. */
  name: string;
  /** Our own Ethernet address as text; the default is a local one made from the name, the same at every start. */
  mac?: string;
  /** Sets the interface's MTU (which needs the privilege); the default takes what it has. */
  mtu?: number;
  /** False: every frame as on a wire, with its checksum. Default true. */
  offload?: boolean;
  /** The most payload in one frame, with offload; the default is the most that this kernel takes. */
  superSegmentBytes?: number;
  /** The interface may be opened several times, each opening being one queue. Default false. */
  multiQueue?: boolean;
  /** Bytes of ours that may wait in the kernel before `send` returns false. Default: the kernel's, unbounded. */
  sendBufferBytes?: number;
}

/**
 * An opened TAP as plain data, to be handed to another thread of this process (`TapDevice.adopt`).
 *
 * @example
 * ```ts
 * import { TapDevice, type TapHandle } from 'fastpath';
 *
 * // In the thread that got the handle by a message.
 * export const adopt = (handle: TapHandle) => TapDevice.adopt(handle);
 * ```
 */
export interface TapHandle {
  fd: number;
  name: string;
  mac: Uint8Array;
  mtu: number;
  superSegmentBytes: number;
  /** Frames carry a virtio header. */
  virtio: boolean;
}

/** Does what `TapDevice.open` promises; the descriptor is closed again if anything fails. */
export function openTap(options: TapOptions): TapHandle {
  if (!tun.isValidName(options.name)) {
    throw new TapError(
      'name-invalid',
      `"${options.name}" is no name for an interface.`,
      'Use 1 to 15 letters, digits, dots or dashes.',
    );
  }
  const offload = options.offload ?? true;
  const fd = openTunDevice();
  try {
    const name = attach(fd, options, offload);
    if (offload) turnOnOffload(fd, name);
    if (options.sendBufferBytes !== undefined) setSendBuffer(fd, options.sendBufferBytes, name);
    const host = new HostInterface(name);
    if (options.mtu !== undefined && host.mtu !== options.mtu) host.setMtu(options.mtu);
    return {
      fd,
      name,
      mac: options.mac === undefined ? macFromName(name) : parseMac(options.mac),
      mtu: options.mtu ?? host.mtu,
      superSegmentBytes: superSegmentBytes(options.superSegmentBytes),
      virtio: offload,
    };
  } catch (error) {
    sys.close(fd);
    throw error;
  }
}

/** Opens /dev/net/tun without blocking. @throws {TapError} */
export function openTunDevice(): number {
  try {
    return openFile(tun.TUN_DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  } catch (error) {
    throw error instanceof SystemError ? openError(error) : error;
  }
}

/** TUNSETIFF; returns the interface's name. @throws {TapError} */
export function attach(fd: number, options: TapOptions, virtio: boolean): string {
  const request = new tun.InterfaceRequest(options.name);
  let flags = tun.IFF_TAP | tun.IFF_NO_PI;
  if (virtio) flags |= tun.IFF_VNET_HDR;
  if (options.multiQueue) flags |= tun.IFF_MULTI_QUEUE;
  request.view.setUint16(tun.REQUEST_AT, flags, true);
  if (request.call(fd, tun.TUNSETIFF) < 0) {
    throw attachError(options.name, new SystemError('TUNSETIFF', lastErrno(), options.name));
  }
  return request.name;
}

/**
 * The kernel leaves us checksums, and large frames that it need not cut: segments of TCP, and (Linux 6.2) datagrams of
 * UDP, whose parts `Udp` hands over one by one. An older kernel refuses what it does not know, and does without.
 */
function turnOnOffload(fd: number, name: string): void {
  const usual = tun.TUN_F_CSUM | tun.TUN_F_TSO4 | tun.TUN_F_TSO6 | tun.TUN_F_TSO_ECN;
  if (sys.ioctl(fd, tun.TUNSETOFFLOAD, usual | tun.TUN_F_USO4 | tun.TUN_F_USO6) >= 0) return;
  configure(fd, tun.TUNSETOFFLOAD, usual, `turn on offload for ${name}`);
}

/** One ioctl on a tun descriptor. @throws {TapError} */
export function configure(fd: number, request: number, argument: number, what: string): void {
  if (sys.ioctl(fd, request, argument) < 0) throw changeError(what, new SystemError('ioctl', lastErrno(), what));
}

function setSendBuffer(fd: number, bytes: number, name: string): void {
  const value = Int32Array.of(bytes);
  configure(fd, tun.TUNSETSNDBUF, addressOf(value), `bound the send buffer of ${name}`);
}

/** IPv4 super-segments beyond 64 KiB came with Linux 6.3; an older kernel drops such a frame. */
function superSegmentBytes(wanted: number | undefined): number {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  const most = major > 6 || (major === 6 && minor >= 3) ? BIG_SUPER_SEGMENT_BYTES : SUPER_SEGMENT_BYTES;
  return Math.min(wanted ?? most, most);
}

/** A local address (second bit of the first byte) that depends on nothing but the name: FNV-1a, 24 bits of it. */
export function macFromName(name: string): Uint8Array {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  return Uint8Array.of(0x02, 0xfa, 0x57, hash >>> 24, hash >>> 16, hash >>> 8);
}

/** The error for a TUNSETIFF that the kernel refused, after a look at the interface that has the name now. */
function attachError(name: string, cause: SystemError): TapError {
  const host = new HostInterface(name);
  if (cause.errno === EBUSY) return takenError(name, cause);
  if (cause.errno === EINVAL && host.exists) {
    if (host.kind === 'tap') {
      return new TapError(
        'other-kind',
        `${name} exists as a TAP of another kind (one queue or several).`,
        `Remove it first: sudo ip link del ${name}; or choose another name.`,
        cause,
      );
    }
    return new TapError(
      'name-taken',
      `${name} is an interface already, and not a TAP.`,
      'Choose another name with --interface.',
      cause,
    );
  }
  if (cause.errno === EPERM && host.kind === 'tap') {
    return new TapError(
      'no-privilege',
      `${name} belongs to another user.`,
      `Run it with sudo, or make it yours: sudo ip tuntap add ${name} mode tap user "$USER".`,
      cause,
    );
  }
  return changeError(`make the interface ${name}`, cause);
}

function takenError(name: string, cause: SystemError): TapError {
  const [user] = new HostInterface(name).users();
  const by = user === undefined ? 'another process' : `process ${user.pid} (${user.command})`;
  return new TapError('name-taken', `${name} is in use by ${by}.`, 'Stop it, or choose another name.', cause);
}
