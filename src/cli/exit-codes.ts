/**
 * The exit codes of `fastpath`, for scripts. The README lists them; `test/cli/readme.test.ts` holds the two together.
 *
 * A number, once given, keeps its meaning.
 */
import type { ServeErrorCode } from '../serve/serve-error.js';

export const ExitCode = {
  /** Did what was asked; for `serve` also: stopped by Ctrl-C or SIGTERM after removing what it made. */
  ok: 0,
  /** Something failed that has no number of its own; also: a check or a comparison did not pass. */
  failure: 1,
  /** The command line makes no sense: unknown option, impossible value, missing argument. */
  usage: 2,
  /** There is no usable /dev/net/tun. */
  noTunDevice: 3,
  /** Not allowed: needs root, CAP_NET_ADMIN, or a TAP interface of one's own. */
  noPrivilege: 4,
  /** The interface name belongs to something else, or to another fastpath. */
  interfaceTaken: 5,
  /** The network or address is in use on this machine. */
  addressTaken: 6,
  /** A folder or file cannot be read, or an output cannot be written. */
  unreadable: 7,
  /** A data-path worker died while serving. */
  dataPathDied: 8,
  /** With `--probe require`: the self-probe after the start did not get through. */
  probeFailed: 9,
  /** A second Ctrl-C did not wait for connections to close: they were reset. */
  forced: 130,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** The exit code for each way in which serving can fail. */
export const EXIT_CODE_OF: Readonly<Record<ServeErrorCode, ExitCode>> = {
  'bad-option': ExitCode.usage,
  'no-tun-device': ExitCode.noTunDevice,
  'no-privilege': ExitCode.noPrivilege,
  'interface-taken': ExitCode.interfaceTaken,
  'address-taken': ExitCode.addressTaken,
  unreadable: ExitCode.unreadable,
  'data-path-died': ExitCode.dataPathDied,
  'probe-failed': ExitCode.probeFailed,
  failure: ExitCode.failure,
};
