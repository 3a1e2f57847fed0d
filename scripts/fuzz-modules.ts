/**
 * Mutated FTP scripts and LDAP messages through their servers, a million of each unless told otherwise.
 * `node dist/scripts/fuzz-modules.js [count] [seed]`; a failure names its index, and `--one INDEX SEED` runs it again.
 */
import { FtpFuzz } from '../test/support/ftp/fuzz.js';
import { LdapFuzz } from '../test/support/ldap/fuzz.js';

const REPORT_EVERY = 100_000;
/** An input that takes longer is a fault: the worker answers nobody else meanwhile, ms. */
const MOST_MS = 2_000;

function attempt(what: string, index: number, seed: number, action: () => void): void {
  const started = performance.now();
  try {
    action();
  } catch (error) {
    throw new Error(`${what} ${index} of seed ${seed}: ${(error as Error).stack}`);
  }
  const took = performance.now() - started;
  if (took > MOST_MS) throw new Error(`${what} ${index} of seed ${seed} took ${took.toFixed(0)} ms`);
}

async function run(from: number, to: number, seed: number): Promise<void> {
  const ldap = new LdapFuzz(seed);
  const ftp = await FtpFuzz.make(seed);
  for (let index = from; index < to; index++) {
    attempt('LDAP input', index, seed, () => ldap.run(index));
    attempt('FTP script', index, seed, () => ftp.run(index));
    if ((index + 1) % REPORT_EVERY !== 0) continue;
    const heap = (process.memoryUsage().heapUsed / 1e6).toFixed(0);
    const seen = `${ldap.searches} searches, ${ldap.malformed} no LDAP, ${ftp.commands} commands of FTP`;
    console.log(`${index + 1} of each: ${seen}; heap ${heap} MB`);
  }
}

const words = process.argv.slice(2);
if (words[0] === '--one') await run(Number(words[1]), Number(words[1]) + 1, Number(words[2] ?? 1));
else await run(0, Number(words[0] ?? 1_000_000), Number(words[1] ?? 1));
