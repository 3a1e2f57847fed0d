/**
 * The keeper: a process that keeps the privileges after the server has given its own away (privileges.ts). It waits
 * until the server is gone, whatever the reason, and then undoes what the server left on the machine (clean-up.ts).
 * It reads no data. It only waits for the end of its standard input. Its orders come from root at its start.
 *
 * Of root's capabilities it keeps CAP_NET_ADMIN, for the interface. Started by keeper-handle.ts.
 */
import { addressOf, sys } from '../net/device/libc.js';
import { type CleanUp, cleanUp } from './clean-up.js';

/** `_LINUX_CAPABILITY_VERSION_3`, with which the three masks have two words each: capset(2). */
const CAPABILITY_VERSION_3 = 0x20080522;
const CAP_NET_ADMIN = 12;

const work = JSON.parse(process.argv[2] ?? '') as CleanUp;
keepOnly(CAP_NET_ADMIN);
// Only the end of the server counts. A service manager may signal both, and the keeper must not end first.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) process.on(signal, () => {});
process.stdin.on('error', () => {}); // followed by its end
process.stdin.once('close', () => cleanUp(work, (text) => process.stderr.write(`fastpath: ${text}\n`)));
process.stdin.resume();

/** Effective and permitted become this one capability, inheritable becomes empty. */
function keepOnly(capability: number): void {
  const header = Uint32Array.of(CAPABILITY_VERSION_3, 0);
  const data = new Uint32Array(6);
  data[0] = 1 << capability;
  data[1] = 1 << capability;
  sys.capset(addressOf(header), addressOf(data)); // a refusal leaves it as it was: root in a namespace without this one
}
