/** `fastpath dissect`: what is in a capture file, frame by frame. */
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { PROTOCOLS, type Protocol } from '../dissect/catalogue.js';
import { operandOf, similarName } from '../dissect/filter/operand.js';
import type { SideName } from '../dissect/follow/follow.js';
import type { TimeForm } from '../dissect/print/style.js';
import type { FollowForm } from '../dissect/report/follow.js';
import type { Selection } from '../dissect/selection.js';
import { IpAddress } from '../net/wire/address.js';
import { ServeError } from '../serve/serve-error.js';
import { readReason, writeReason } from '../words/file-reasons.js';
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
    line: "dissect -Y 'tcp.flags.syn && ip.addr == 10.0.0.0/8 && !tcp.flags.ack' trace.pcap.gz",
    meaning: "the frames that pass a display filter, in Wireshark's language",
  },
  { line: 'dissect --connections trace.pcap', meaning: 'a row for each TCP connection' },
  { line: 'dissect --follow 3 trace.pcap', meaning: 'what the two ends of connection 3 say to each other' },
  {
    line: 'dissect --follow 3 --as raw --side server trace.pcap > answer.bin',
    meaning: 'the bytes that the server sent',
  },
  {
    line: 'dissect --fields frame.time_epoch,ip.src,tcp.len -Y tcp trace.pcap > table.csv',
    meaning: 'chosen fields as a table with a header',
  },
  {
    line: 'dissect -p 443 --write tls.pcapng trace.pcap',
    meaning: 'the frames of one port into a capture of their own',
  },
  { line: 'dissect --json trace.pcap.zst | jq .summary', meaning: 'one JSON object a frame, for programs' },
];

const AFTER = `
The file may be pcap or pcapng, of any byte order, resolution and number of interfaces, plain or compressed with gzip or
zstd. If it is damaged, what can be read is shown, then what is wrong and at which byte.

A filter (-Y) is built of fields, layers and comparisons. Fields have Wireshark's names; --list-fields shows them.
  tcp.port == 80                         a field with a value: == != > < >= <=, or eq ne gt lt ge le
  ip.addr == 10.0.0.0/8                  a network; ip.addr is the source or the destination
  tcp.port in {80, 443, 8000..8080}      a set, with ranges
  http.host contains "example"           part of a text; "matches" takes a regular expression
  tcp.flags & 0x12                       bits
  dns, tcp.analysis.retransmission       a layer, a flag that is set, or a field that is there
  not arp and (udp or icmp)              also ! && ||
  tcp.checksum.status == "Bad"           a verdict: Bad, Good, Unverified, Not present, Illegal, Partial
Two things differ from Wireshark: a flag alone passes only if it is set, and text is compared as it is written.

Exit status: 0 all read; 1 the file is damaged or cut short, or has no such connection; 2 wrong options;
7 a file cannot be opened or made.
`;

interface Flags {
  readonly tree?: boolean;
  readonly json?: boolean;
  readonly fields?: string[];
  readonly separator: string;
  readonly header: boolean;
  readonly follow?: number;
  readonly as: FollowForm;
  readonly side?: SideName;
  readonly connections?: boolean;
  readonly statistics?: boolean;
  readonly write?: string;
  readonly filter?: string;
  readonly absolute?: boolean;
  readonly time: TimeForm;
  readonly color: 'auto' | 'always' | 'never';
  readonly count?: number;
  readonly address?: string[];
  readonly port?: number[];
  readonly connection?: number[];
  readonly protocol?: Protocol[];
  readonly listFields?: boolean;
}

/** The command `fastpath dissect`. */
export function dissectCommand(): Command {
  const command = subcommand('dissect', 'Show what is in a capture file, frame by frame.', EXAMPLES)
    .argument('[capture]', 'a pcap or pcapng file, compressed or not; - for standard input')
    .addHelpText('after', AFTER)
    .action(run);
  addForms(command);
  addSelection(command);
  return command
    .addOption(
      new Option(
        '--time <form>',
        'the time of a line: since the first frame, of day, since the line before, since 1970',
      )
        .choices(['relative', 'absolute', 'delta', 'epoch'])
        .default('relative'),
    )
    .option('--absolute', 'sequence numbers and windows as in the header: not counted from the SYN, not scaled')
    .addOption(
      new Option('--color <when>', 'colours in lines and trees').choices(['auto', 'always', 'never']).default('auto'),
    )
    .option('--list-fields', 'show the name and kind of every field, and leave');
}

/** Only one of these options can be given. */
const FORMS = ['tree', 'fields', 'follow', 'connections', 'statistics'];

/** Adds the options that choose what is shown. */
function addForms(command: Command): void {
  const form = (flags: string, description: string) => {
    const option = new Option(flags, description);
    return option.conflicts(FORMS.filter((name) => name !== option.attributeName()));
  };
  command
    .addOption(form('-t, --tree', 'every field, with its bytes, meaning and RFC section').conflicts('json'))
    .option('--json', 'one JSON object a frame, connection or stretch of a stream')
    .addOption(
      form('-e, --fields <names>', 'these fields, a row a frame; may be given again')
        .argParser(collectFields)
        .conflicts('json'),
    )
    .addOption(new Option('--separator <character>', 'between two fields; "tab" for a tab').default(','))
    .option('--no-header', 'without the row of names')
    .addOption(
      form('--follow <n>', 'the byte streams of this connection').argParser(parseCount(1, Number.MAX_SAFE_INTEGER)),
    )
    .addOption(
      new Option('--as <form>', 'how --follow shows bytes').choices(['text', 'hex', 'raw', 'json']).default('text'),
    )
    .addOption(new Option('--side <side>', 'only what this side says').choices(['client', 'server']))
    .addOption(form('--connections', 'a row for each TCP connection'))
    .addOption(form('--statistics', 'frames and bytes by layer, retransmissions, checksums'))
    .option('-w, --write <file>', 'also write the frames that are shown to this pcapng file; - for standard output');
}

/** Adds the options that choose frames. */
function addSelection(command: Command): void {
  const port = parseCount(0, 65_535);
  const connection = parseCount(1, Number.MAX_SAFE_INTEGER);
  command
    .option('-Y, --filter <expression>', 'only frames that pass this display filter (see below)')
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
    .option('-c, --count <n>', 'stop after showing this many frames', parseCount(1, Number.MAX_SAFE_INTEGER));
}

async function run(path: string | undefined, flags: Flags, command: Command): Promise<void> {
  const { LineOutput, writeStandardOutput } = await import('../capture/file/line-output.js');
  const write = writeStandardOutput();
  const output = new LineOutput(write);
  if (flags.listFields) await listFields((line) => output.line(line));
  else if (path === undefined) command.error("error: missing required argument 'capture'");
  else await dissect(path, flags, output, write);
  output.flush();
}

type Output = InstanceType<typeof import('../capture/file/line-output.js').LineOutput>;

async function dissect(path: string, flags: Flags, output: Output, write: (bytes: Uint8Array) => void): Promise<void> {
  const selection = await selectionOf(flags);
  const { dissectFile } = await import('../dissect/run.js');
  const report = await reportOf(flags, (line) => output.line(line), write);
  const file = flags.write === undefined ? undefined : await openWriter(flags.write, path);
  const options = {
    selection,
    report,
    writer: file?.writer,
    absolute: flags.absolute ?? false,
    onPause: () => output.flush(),
    ...(flags.count !== undefined && { count: flags.count }),
  };
  const { reader } = await dissectFile(path, options).catch((error: Error) => {
    throw new ServeError('unreadable', `cannot read ${path}: ${readReason(error)}`, '', { cause: error });
  });
  output.flush();
  file?.output.close();
  if (file?.output.failure !== undefined)
    throw new ServeError('failure', `cannot write ${flags.write}: ${writeReason(file.output.failure)}`);
  for (const { offset, message } of reader.problems)
    console.error(`fastpath dissect: ${path}, byte ${offset}: ${message}`);
  const more = reader.problemCount - reader.problems.length;
  if (more > 0) console.error(`fastpath dissect: ${path}: ${more} more problems of this kind`);
  if (reader.problemCount > 0) process.exitCode = ExitCode.failure;
}

async function selectionOf(flags: Flags): Promise<Selection> {
  const filter = flags.filter === undefined ? undefined : await filterOf(flags.filter);
  return {
    ...(flags.address && { addresses: flags.address }),
    ...(flags.port && { ports: flags.port }),
    ...(flags.connection && { connections: flags.connection }),
    ...(flags.protocol && { protocols: flags.protocol }),
    ...(filter && { filter }),
  };
}

async function filterOf(text: string) {
  const [{ parseFilter }, { FilterError }] = await Promise.all([
    import('../dissect/filter/parser.js'),
    import('../filter/error.js'),
  ]);
  try {
    return parseFilter(text);
  } catch (error) {
    if (error instanceof FilterError) throw new ServeError('bad-option', `--filter: ${error.picture}`);
    throw error;
  }
}

async function reportOf(flags: Flags, print: (line: string) => void, write: (bytes: Uint8Array) => void) {
  const frames = await import('../dissect/report/frames.js');
  const { styleOf } = await import('../dissect/print/style.js');
  const style = styleOf(flags.time, flags.color, process.stdout.isTTY === true);
  // Standard output is the capture then, and nothing else.
  if (flags.write === '-') return frames.SILENT;
  if (flags.follow !== undefined) {
    const { followReport } = await import('../dissect/report/follow.js');
    const form = flags.json ? 'json' : flags.as;
    const onMissing = () => {
      console.error(`fastpath dissect: no segment of connection ${flags.follow} was shown; --connections lists them`);
      process.exitCode = ExitCode.failure;
    };
    return followReport(
      { connection: flags.follow, form, style, onMissing, ...(flags.side && { side: flags.side }) },
      print,
      write,
    );
  }
  if (flags.connections) {
    const { ConnectionReport } = await import('../dissect/report/connections.js');
    return new ConnectionReport(print, flags.json ? 'json' : style);
  }
  if (flags.statistics) {
    const { StatisticsReport } = await import('../dissect/report/statistics.js');
    return new StatisticsReport(print, flags.json ?? false);
  }
  if (flags.fields !== undefined) {
    const separator = flags.separator === 'tab' ? '\t' : flags.separator;
    return frames.tableReport(print, { fields: flags.fields, separator }, flags.header);
  }
  if (flags.json) return frames.jsonReport(print);
  return flags.tree ? frames.treeReport(print, style) : frames.lineReport(print, style);
}

async function openWriter(file: string, capture: string) {
  const [{ openCaptureOutput }, { FrameWriter }] = await Promise.all([
    import('./capture-output.js'),
    import('../dissect/report/write.js'),
  ]);
  const output = await openCaptureOutput('--write', file, capture);
  return { output, writer: new FrameWriter(output.write) };
}

async function listFields(print: (line: string) => void): Promise<void> {
  const { FIELDS, GROUPS } = await import('../dissect/catalogue.js');
  for (const [name, kind] of Object.entries(FIELDS)) print(`${name.padEnd(42)}${kind}`);
  for (const [name, members] of Object.entries(GROUPS)) print(`${name.padEnd(42)}one of ${members.join(', ')}`);
  for (const name of PROTOCOLS) print(`${name.padEnd(42)}layer`);
}

/** Reads names with commas between them. */
function collectFields(text: string, before: readonly string[] | undefined): string[] {
  const names = text.split(',').map((name) => name.trim());
  for (const name of names) {
    const operand = operandOf(name);
    if (operand?.is === 'field') continue;
    const similar = similarName(name);
    const hint = similar === undefined ? '--list-fields shows all.' : `Did you mean ${similar}?`;
    throw new InvalidArgumentError(`There is no field ${name}. ${hint}`);
  }
  return [...(before ?? []), ...names];
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
