/** `node big-tcp-program.js <interface> <bytes>`: raiseLimits, run inside the interface's namespace. */
import { raiseLimits } from './big-tcp.js';

const [name, bytes] = process.argv.slice(2);
raiseLimits(name!, Number(bytes));
