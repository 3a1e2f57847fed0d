/**
 * A TAP that stays when its last user is gone: made once with privilege, then opened by its owner without any.
 * The same as `ip tuntap add NAME mode tap user USER`. Callers: the CLI (`fastpath tap`), tests.
 */
import { sys } from './libc.js';
import { attach, configure, openTunDevice, type TapOptions } from './tap-open.js';
import { TUNSETGROUP, TUNSETOWNER, TUNSETPERSIST } from './tun-ioctl.js';

/** Which interface stays, and to whom it belongs. @see {@link createPersistentTap} */
export interface PersistentTapOptions {
  name: string;
  /** User and group (numbers) that may attach without privilege. */
  owner?: number;
  group?: number;
  /** See `TapOptions`: it must be the same at every later opening. */
  multiQueue?: boolean;
}

/**
 * Makes the interface, or changes the owner of one that is not in use; returns its name. @throws {TapError}
 *
 * @example
 * ```ts
 * import { userInfo } from 'node:os';
 * import { createPersistentTap } from 'fastpath';
 *
 * // Once, as root. From then on that user may open it without privileges.
 * createPersistentTap({ name: 'fp0', owner: userInfo().uid });
 * ```
 */
export function createPersistentTap(options: PersistentTapOptions): string {
  return withTap(options, (fd, name) => {
    if (options.owner !== undefined) configure(fd, TUNSETOWNER, options.owner, `give ${name} an owner`);
    if (options.group !== undefined) configure(fd, TUNSETGROUP, options.group, `give ${name} a group`);
    configure(fd, TUNSETPERSIST, 1, `make ${name} persistent`);
    return name;
  });
}

/**
 * Removes the interface. If it is in use, it vanishes when its last user closes it. @throws {TapError}
 *
 * @example
 * ```ts
 * import { removePersistentTap } from 'fastpath';
 *
 * removePersistentTap({ name: 'fp0' });
 * ```
 */
export function removePersistentTap(options: PersistentTapOptions): void {
  withTap(options, (fd, name) => configure(fd, TUNSETPERSIST, 0, `remove ${name}`));
}

function withTap<Result>(options: TapOptions, use: (fd: number, name: string) => Result): Result {
  const fd = openTunDevice();
  try {
    return use(fd, attach(fd, options, false));
  } finally {
    sys.close(fd);
  }
}
