/**
 * The keeper: a process that keeps the privileges after the server has given its own away (privileges.ts). It waits
 * until the server is gone, whatever the reason, and then undoes what the server left on the machine (clean-up.ts).
 * It reads no data. It only waits for the end of its standard input. Its orders come from root at its start.
 *
 * Of root's capabilities its one thread that works keeps CAP_NET_ADMIN, for the interface. The others are V8's, and
 * keep none. Started by keeper-handle.ts.
 */
import { addressOf, sys } from '../../net/device/libc.js';
import { type CleanUp, cleanUp } from './clean-up.js';
import { outliveTerminal } from './terminal.js';

/** `_LINUX_CAPABILITY_VERSION_3`, with which the three masks have two words each: capset(2). */
const CAPABILITY_VERSION_3 = 0x20080522;
const CAP_SETUID = 7;
const CAP_NET_ADMIN = 12;
/** Linux: include/uapi/linux/prctl.h. */
const PR_SET_KEEPCAPS = 8;
/** The call for one thread; that of the C library is for all. Its number on the processors that we run on. */
const SETRESUID_NUMBER: Readonly<Record<string, number>> = { x64: 117, arm64: 147 };
/** A number that no user has, so that none may send a signal to a thread that has it: kill(2). */
const NO_USER = 0xffff_fffe;

const work = JSON.parse(process.argv[2] ?? '') as CleanUp;
takeFromOtherThreads();
keepOnly(CAP_NET_ADMIN);
// Only the end of the server counts. A service manager may signal both, and the keeper must not end first.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) process.on(signal, () => {});
outliveTerminal();
process.stdin.on('error', () => {}); // followed by its end
process.stdin.once('close', () => cleanUp(work, (text) => process.stderr.write(`fastpath: ${text}\n`)));
process.stdin.resume();

/**
 * capset(2) is for one thread, and there are others already. All threads become a user who is not root, which takes
 * their capabilities away (capabilities(7), "Effect of user ID changes on capabilities"), but not those of this thread,
 * which asked to keep them. Then this one alone becomes root again: files of root's are to be removed.
 */
function takeFromOtherThreads(): void {
  const setresuid = SETRESUID_NUMBER[process.arch];
  if (setresuid === undefined) return;
  sys.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
  try {
    process.setuid?.(NO_USER);
  } catch {
    return; // a user namespace that does not know the number
  }
  keepOnly(CAP_SETUID, CAP_NET_ADMIN);
  sys.syscall(setresuid, 0, 0, 0);
}

/** This thread's effective and permitted capabilities become these, and its inheritable ones none. */
function keepOnly(...capabilities: number[]): void {
  const mask = capabilities.reduce((bits, capability) => bits | (1 << capability), 0);
  const header = Uint32Array.of(CAPABILITY_VERSION_3, 0);
  const data = new Uint32Array(6);
  data[0] = mask;
  data[1] = mask;
  sys.capset(addressOf(header), addressOf(data)); // a refusal leaves it as it was: root in a namespace without this one
}
