/** `fastpath dissect`: what is in a capture file, frame by frame. */
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { PROTOCOLS, type Protocol } from '../dissect/field.js';
import { IpAddress } from '../net/wire/address.js';
import { ServeError } from '../serve/serve-error.js';
import { ExitCode } from './exit-codes.js';
import { collect, parseCount } from './option-values.js';
import { subcommand } from './subcommand.js';

const EXAMPLES = [
  { line: 'dissect trace.pcapng', meaning: 'one line a frame, in the manner of tcpdump' },
  {
    line: 'dissect --tree -c 1 trace.pcapng',
    meaning: 'every field of the first frame: bytes, value, meaning, RFC section',
  },
  {
    line: 'dissect --connection 3 --tree trace.pcap.gz',
    meaning: 'one TCP connection (the lines show its number as #3)',
  },
  { line: 'dissect --json trace.pcap.zst | jq .summary', meaning: 'one JSON object a frame, for programs' },
  {
    line: 'dissect --port 80 --address 10.77.0.2 -',
    meaning: 'from standard input, only what concerns this port and host',
  },
];

const AFTER = `
pcap and pcapng, of any byte order, resolution and number of interfaces, plain, gzip or zstd. Fields have the names of
Wireshark's display filters. Of a damaged file what can be read is shown, then what is wrong and at which byte.

Exit status: 0 all read; 1 the file is damaged or cut short; 2 wrong options; 7 the file cannot be opened.
`;

interface Flags {
  readonly tree?: boolean;
  readonly json?: boolean;
  readonly absolute?: boolean;
  readonly count?: number;
  readonly address?: string[];
  readonly port?: number[];
  readonly connection?: number[];
  readonly protocol?: Protocol[];
}

export function dissectCommand(): Command {
  const port = parseCount(0, 65_535);
  const connection = parseCount(1, Number.MAX_SAFE_INTEGER);
  return subcommand('dissect', 'Show what is in a capture file, frame by frame.', EXAMPLES)
    .argument('<capture>', 'a pcap or pcapng file, compressed or not; - for standard input')
    .option('-t, --tree', 'every field, with its bytes, meaning and RFC section')
    .option('--json', 'one JSON object a frame')
    .option('--absolute', 'sequence numbers as they are, not counted from the start of the connection')
    .option('-c, --count <n>', 'stop after showing this many frames', parseCount(1, Number.MAX_SAFE_INTEGER))
    .option(
      '-a, --address <address>',
      'only frames from or to this IP or Ethernet address; may be given again',
      collect(parseAddress),
    )
    .option('-p, --port <port>', 'only frames from or to this TCP or UDP port; may be given again', collect(port))
    .option('-n, --connection <n>', 'only frames of this TCP connection; may be given again', collect(connection))
    .option(
      '--protocol <name>',
      'only frames with this layer: arp, icmp, tcp, http …; may be given again',
      collect(parseProtocol),
    )
    .addHelpText('after', AFTER)
    .action(run);
}

async function run(path: string, flags: Flags): Promise<void> {
  const { dissectFile } = await import('../dissect/run.js');
  const { LineOutput } = await import('../capture/file/line-output.js');
  const output = new LineOutput();
  const filter = {
    ...(flags.address && { addresses: flags.address }),
    ...(flags.port && { ports: flags.port }),
    ...(flags.connection && { connections: flags.connection }),
    ...(flags.protocol && { protocols: flags.protocol }),
  };
  const options = {
    form: flags.json ? 'json' : flags.tree ? 'tree' : 'line',
    filter,
    absolute: flags.absolute ?? false,
    onPause: () => output.flush(),
    ...(flags.count !== undefined && { count: flags.count }),
  } as const;
  const { reader } = await dissectFile(path, options, (line) => output.line(line)).catch((error: Error) => {
    throw new ServeError('unreadable', `cannot read ${path}: ${error.message}`, '', { cause: error });
  });
  output.flush();
  for (const { offset, message } of reader.problems)
    console.error(`fastpath dissect: ${path}, byte ${offset}: ${message}`);
  const more = reader.problemCount - reader.problems.length;
  if (more > 0) console.error(`fastpath dissect: ${path}: ${more} more problems of this kind`);
  if (reader.problemCount > 0) process.exitCode = ExitCode.failure;
}

/** An address in the form in which the dissector shows it. */
function parseAddress(text: string): string {
  if (/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text)) return text.toLowerCase();
  try {
    return IpAddress.parse(text).toString();
  } catch {
    throw new InvalidArgumentError('Not an address, such as 10.77.0.2, fe80::1 or 02:00:00:00:00:01.');
  }
}

function parseProtocol(text: string): Protocol {
  const found = PROTOCOLS.find((name) => name === text.toLowerCase());
  if (found === undefined) throw new InvalidArgumentError(`Not one of ${PROTOCOLS.join(', ')}.`);
  return found;
}
