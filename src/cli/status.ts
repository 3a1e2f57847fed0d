/** `fastpath status`: which servers run on this machine, and their numbers. */
import type { Command } from 'commander';
import type { TcpSettings } from '../net/tcp/settings.js';
import type { RuntimeState } from '../serve/runtime-state.js';
import { formatCount, formatDuration } from './format.js';
import { subcommand } from './subcommand.js';
import { describeTcpSettings } from './tcp-settings.js';

const EXAMPLES = [
  { line: 'status', meaning: 'one line for each server that this user may see' },
  { line: 'status --json', meaning: 'every counter, one JSON object for each server' },
  {
    line: 'status --verbose',
    meaning: 'every setting of TCP too, with its meaning and source; without a server, the defaults',
  },
];

/** What a running server answers (src/serve/snapshot.ts), as far as the line needs it. */
interface Numbers {
  readonly uptimeSeconds?: number;
  readonly counters?: Readonly<Record<string, number>>;
  readonly tcp?: Partial<TcpSettings>;
}

interface Flags {
  readonly json?: boolean;
  readonly verbose?: boolean;
}

export function statusCommand(): Command {
  return subcommand('status', 'List the servers that run on this machine.', EXAMPLES)
    .option('--json', 'one JSON object for each server, with all its counters')
    .option('-v, --verbose', 'every setting of TCP as well: value, default, meaning, RFC')
    .action(async (flags: Flags) => {
      const { RuntimeStates, isAlive } = await import('../serve/runtime-state.js');
      const { askServer } = await import('../serve/control-socket.js');
      const states = new RuntimeStates();
      const servers = states.list();
      if (servers.length === 0 && !flags.json) console.log('no server is running');
      if (servers.length === 0 && flags.verbose && !flags.json) printSettings({});
      for (const state of servers) {
        const alive = isAlive(state);
        const numbers = alive ? ((await askServer(states.pathOf(state, 'sock'))) as Numbers | undefined) : undefined;
        console.log(flags.json ? JSON.stringify({ ...state, alive, ...numbers }) : describe(state, alive, numbers));
        if (flags.verbose && !flags.json && alive) printSettings(numbers?.tcp ?? {});
      }
    });
}

function printSettings(changed: Partial<TcpSettings>): void {
  console.log("  TCP's settings; change one with `fastpath serve --tcp name=value`:");
  for (const line of describeTcpSettings(changed)) console.log(line);
}

function describe(state: RuntimeState, alive: boolean, numbers: Numbers = {}): string {
  const head = `${state.interfaceName.padEnd(15)} ${state.url}  ${state.folder}  process ${state.pid}`;
  if (!alive) return `${head}  ended without cleaning up; the next start on ${state.interfaceName} does`;
  const { uptimeSeconds = 0, counters = {} } = numbers;
  const requests = formatCount(counters['http.requests'] ?? 0);
  const connections = formatCount(counters['connections.open'] ?? 0);
  return `${head}  up ${formatDuration(1_000 * uptimeSeconds)}, ${requests} requests, ${connections} connections open`;
}
