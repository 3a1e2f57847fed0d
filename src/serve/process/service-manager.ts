/**
 * What a server tells the service manager that started it: sd_notify(3). Lines of NAME=value go in one datagram to the
 * Unix socket that $NOTIFY_SOCKET names. Node has no datagrams for Unix sockets, so they are sent by libc.
 *
 * Used by src/cli/service-reporter.ts; the units are in packaging/systemd.
 */
import { AF_UNIX, addressOf, check, O_NONBLOCK, SOCK_CLOEXEC, SOCK_DGRAM, sys } from '../../net/device/libc.js';

/** `sun_path` of `struct sockaddr_un`, and the family in front of it: unix(7). */
const MAX_PATH = 108;
const FAMILY_BYTES = 2;
/** The manager kills a service after one missed interval. sd_watchdog_enabled(3) asks for half of it. */
const BEATS_PER_INTERVAL = 2;

export class ServiceManager {
  /** Milliseconds between two signs of life; undefined: the manager has asked for none. */
  readonly watchdogMs: number | undefined;
  readonly #fd: number;

  private constructor(fd: number, watchdogMs: number | undefined) {
    this.#fd = fd;
    this.watchdogMs = watchdogMs;
  }

  /**
   * The manager that the environment names; undefined if there is none. The variables stay, for a successor
   * (handover/). Of any other process that we start, the manager takes no word (NotifyAccess=main).
   * @throws {SystemError} if its socket cannot be reached
   */
  static fromEnvironment(env: NodeJS.ProcessEnv = process.env): ServiceManager | undefined {
    const { NOTIFY_SOCKET: path, WATCHDOG_USEC, WATCHDOG_PID } = env;
    if (path === undefined) return undefined;
    const isForUs = WATCHDOG_PID === undefined || Number(WATCHDOG_PID) === process.pid;
    const interval = isForUs ? Number(WATCHDOG_USEC) / 1000 : Number.NaN;
    return new ServiceManager(connectTo(path), interval > 0 ? interval / BEATS_PER_INTERVAL : undefined);
  }

  /** Sends one message. A manager that is gone or busy is no reason to stop serving: the result is not looked at. */
  notify(...lines: readonly string[]): void {
    const bytes = Buffer.from(lines.join('\n'));
    sys.write(this.#fd, addressOf(bytes), bytes.length);
  }

  close(): void {
    sys.close(this.#fd);
  }
}

/** A connected socket. A path that begins with '@' is a name in the abstract namespace: unix(7). */
function connectTo(path: string): number {
  const name = Buffer.from(path.startsWith('@') ? `\0${path.slice(1)}` : path);
  const address = Buffer.alloc(FAMILY_BYTES + Math.min(name.length, MAX_PATH));
  address.writeUInt16LE(AF_UNIX);
  name.copy(address, FAMILY_BYTES);
  const fd = check(sys.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | O_NONBLOCK, 0), 'socket');
  try {
    check(sys.connect(fd, addressOf(address), address.length), 'connect', path);
  } catch (error) {
    sys.close(fd);
    throw error;
  }
  return fd;
}
