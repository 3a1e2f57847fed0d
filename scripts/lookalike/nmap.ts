/** What nmap's OS and sequence tests say of a host: its fingerprint as tests with their values. */
import { run } from '../../test/support/serve-process.js';

/** `WIN` to `W1=FFFF%W2=…`, by test and value. */
export type Fingerprint = ReadonlyMap<string, string>;

/** Runs the tests against an open and a closed port. @throws {Error} if nmap makes no fingerprint. */
export async function nmapFingerprint(address: string): Promise<Fingerprint> {
  const args = ['-n', '-Pn', '-O', '-d', '--max-os-tries', '1', '-p', '80,81', address];
  const { stdout, stderr } = await run('nmap', args);
  const text = Array.from(stdout.matchAll(/^OS:(.*)$/gm), ([, line]) => line).join('');
  if (text === '') throw new Error(`nmap has no fingerprint of ${address}: ${stdout}${stderr}`);
  return parseFingerprint(text);
}

/** `SEQ(SP=104%GCD=1)WIN(W1=FFFF)` as `SEQ.SP` to `104` and so on. */
export function parseFingerprint(text: string): Fingerprint {
  const values = new Map<string, string>();
  for (const [, test, body] of text.matchAll(/([A-Z0-9]+)\(([^)]*)\)/g)) {
    for (const pair of body!.split('%')) {
      const [name = '', value = ''] = pair.split('=');
      values.set(`${test}.${name}`, value);
    }
  }
  return values;
}

/** What may differ, and why. */
export const EXPLAINED_BY_NMAP: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/^SCAN\./, 'about the scan itself'],
  [/^SEQ\.(SP|ISR|GCD)$/, 'statistics of random ISNs: no two runs agree'],
  [/^SEQ\.(II|SS)$/, 'ids of what may be fragmented: a counter for each address here, spread by a hash in Linux'],
  [/^SEQ\.TS$/, 'both tick each millisecond; nmap measures the rate of six segments'],
  [/^OPS\.|^ECN\.O$|^T\d\.O$/, 'the window scale follows from the size of the receive buffer; all else is compared'],
  [/^WIN\.|^ECN\.W$|^T\d\.W$/, 'the first window: 65,535 here, a multiple of the MSS in Linux'],
];

/** Each value that differs without an explanation: `T3.R: Y, Linux N`. */
export function unexplained(ours: Fingerprint, linux: Fingerprint): string[] {
  const differences: string[] = [];
  for (const name of new Set([...ours.keys(), ...linux.keys()])) {
    const [mine = '(none)', theirs = '(none)'] = [ours.get(name), linux.get(name)];
    if (comparable(name, mine) === comparable(name, theirs)) continue;
    if (!isExplained(name)) differences.push(`${name}: ${mine}, Linux ${theirs}`);
    else if (isOptions(name) && mine !== '(none)') differences.push(`${name}: ${mine}, Linux ${theirs}`);
  }
  return differences;
}

function isOptions(name: string): boolean {
  return /^OPS\.|\.O$/.test(name);
}

function isExplained(name: string): boolean {
  return EXPLAINED_BY_NMAP.some(([pattern]) => pattern.test(name));
}

/** Options without the number behind the window scale. */
function comparable(name: string, value: string): string {
  return isOptions(name) ? value.replace(/W[0-9A-F](?![0-9A-F])/, 'W') : value;
}
