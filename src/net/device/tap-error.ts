/**
 * The errors of the tun driver, each with a sentence that says what to do about it.
 * Callers: tap.ts and host-interface.ts throw it; the CLI prints its message and chooses an exit status by its code.
 */
import { EACCES, EBUSY, EINVAL, ENODEV, ENOENT, ENXIO, EPERM, type SystemError } from './libc.js';
import { TUN_DEVICE } from './tun-ioctl.js';

/**
 * What was refused. The CLI chooses its exit status by it.
 *
 * @example
 * ```ts
 * import type { TapError, TapErrorCode } from 'fastpath';
 *
 * const needsRoot: readonly TapErrorCode[] = ['no-permission', 'no-privilege'];
 * export const tryAsRoot = ({ code }: TapError) => needsRoot.includes(code);
 * ```
 */
export type TapErrorCode =
  /** There is no /dev/net/tun, or no driver behind it. */
  | 'no-tun-device'
  /** /dev/net/tun cannot be opened by this user. */
  | 'no-permission'
  /** Making or changing an interface needs CAP_NET_ADMIN, and the interface is not this user's own. */
  | 'no-privilege'
  /** Another process is attached to the interface, or the name belongs to an interface of another kind. */
  | 'name-taken'
  | 'name-invalid'
  /** The interface is a TAP with other properties (several queues or one). */
  | 'other-kind'
  /** There is no interface of this name. */
  | 'no-interface'
  /** The host refused an address, MTU or prefix. */
  | 'value-refused'
  /** Any other refusal of the kernel; `cause` has the number. */
  | 'refused';

/**
 * A refusal of the kernel with a code of ours and a sentence that says what to do.
 *
 * @example
 * ```ts
 * import { TapDevice, TapError } from 'fastpath';
 *
 * try {
 *   TapDevice.open({ name: 'fp0' }).close();
 * } catch (error) {
 *   if (error instanceof TapError) console.error(`${error.message}\n${error.fix}`);
 *   else throw error;
 * }
 * ```
 */
export class TapError extends Error {
  override readonly name = 'TapError';

  constructor(
    readonly code: TapErrorCode,
    message: string,
    /** What to do about it, as a sentence. */
    readonly fix: string,
    cause?: unknown,
  ) {
    super(`${message} ${fix}`, { cause });
  }
}

/** The error for a failed open of /dev/net/tun. */
export function openError(cause: SystemError): TapError {
  if (cause.errno === EACCES || cause.errno === EPERM) {
    return new TapError(
      'no-permission',
      `${TUN_DEVICE} cannot be opened by this user.`,
      `Run it with sudo, or let users open it: sudo chmod 666 ${TUN_DEVICE} (the kernel checks later what they may do).`,
      cause,
    );
  }
  if (cause.errno === ENOENT || cause.errno === ENODEV || cause.errno === ENXIO) {
    return new TapError(
      'no-tun-device',
      `There is no ${TUN_DEVICE}.`,
      'Load the driver with: sudo modprobe tun (a container needs --device /dev/net/tun --cap-add NET_ADMIN).',
      cause,
    );
  }
  return new TapError('refused', cause.message, 'This is not expected; please report it.', cause);
}

/** The error for a change that the kernel refused (`what`: "set the MTU of tap0"). */
export function changeError(what: string, cause: SystemError): TapError {
  if (cause.errno === EPERM || cause.errno === EACCES) {
    return new TapError(
      'no-privilege',
      `This user may not ${what}.`,
      'Run it with sudo, or in a namespace of your own: unshare --user --map-root-user --net.',
      cause,
    );
  }
  if (cause.errno === ENODEV || cause.errno === ENXIO) {
    return new TapError('no-interface', `Cannot ${what}: it does not exist.`, 'Check the name.', cause);
  }
  if (cause.errno === EBUSY) {
    return new TapError(
      'name-taken',
      `Cannot ${what}: another process uses it.`,
      'Stop that process, or choose another name.',
      cause,
    );
  }
  if (cause.errno === EINVAL) {
    return new TapError(
      'value-refused',
      `The kernel refuses to ${what}: invalid value.`,
      'Choose another value.',
      cause,
    );
  }
  return new TapError('refused', `Cannot ${what}: ${cause.message}.`, 'See the error number.', cause);
}
