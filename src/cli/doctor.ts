/** `fastpath doctor`: prints what src/serve/doctor.ts finds. */
import type { Command } from 'commander';
import type { IpNetwork } from '../net/wire/address.js';
import type { Check, CheckResult } from '../serve/doctor.js';
import { DEFAULT_INTERFACE } from '../serve/network/plan.js';
import type { AddressWish } from '../site/values.js';
import { ExitCode } from './exit-codes.js';
import { collectAddresses, parseInterfaceName, parseNetwork } from './option-values.js';
import { subcommand } from './subcommand.js';

const EXAMPLES = [
  { line: 'doctor', meaning: 'can this user serve on this machine? each line that is not well says how to mend it' },
  { line: 'doctor -i fp7 --host 10.99.0.1/24', meaning: 'the same for other names and addresses' },
  { line: 'doctor --json', meaning: 'for a program' },
];

interface Flags {
  readonly interface?: string;
  readonly host?: IpNetwork;
  readonly address?: AddressWish[];
  readonly bridge?: string;
  readonly json?: boolean;
}

/** The subcommand `doctor`. */
export function doctorCommand(): Command {
  return subcommand('doctor', 'See whether everything that serving needs is there.', EXAMPLES)
    .option(
      '-i, --interface <name>',
      `the interface that would be used (default: ${DEFAULT_INTERFACE})`,
      parseInterfaceName,
    )
    .option('--host <address/length>', "this machine's end of the link", parseNetwork)
    .option('-a, --address <address>', 'our own address; may be given again', collectAddresses)
    .option('--bridge <name>', 'the bridge to join', parseInterfaceName)
    .option('--json', 'one JSON object for each check')
    .addHelpText('after', '\nExit status: 0 all well, or nothing but warnings; 1 something is missing.\n')
    .action(async (flags: Flags) => {
      const { diagnose } = await import('../serve/doctor.js');
      const { interface: interfaceName, host, address: addresses, bridge } = flags;
      const wish = { interfaceName, host, addresses, bridge };
      const checks = await diagnose(wish);
      for (const check of checks) console.log(flags.json ? JSON.stringify(check) : await describeCheck(check));
      if (checks.some(({ result }) => result === 'failed')) process.exitCode = ExitCode.failure;
    });
}

const MARKS: Readonly<Record<CheckResult, string>> = { ok: '✓', warning: '!', failed: '✗' };

/** `✓ tun device      /dev/net/tun can be opened`, and the fix on a line of its own. */
async function describeCheck({ name, result, detail, fix }: Check): Promise<string> {
  const { default: pc } = await import('picocolors');
  const color = { ok: pc.green, warning: pc.yellow, failed: pc.red }[result];
  const line = `${color(MARKS[result])} ${name.padEnd(15)} ${detail}`;
  if (fix === undefined) return line;
  return `${line}\n${fix.replace(/^/gm, `${' '.repeat(18)}→ `)}`;
}
