/** `fastpath inspect`: opens the inspector in a browser, for a capture file or for worlds in the page. */
import { basename } from 'node:path';
import type { Command } from 'commander';
import { ExitCode } from './exit-codes.js';
import { parseCount } from './option-values.js';
import { checkReadable } from './readable.js';
import { subcommand } from './subcommand.js';

const EXAMPLES = [
  { line: 'inspect trace.pcapng', meaning: 'look at a capture in a browser: connections, ladders, graphs, bytes' },
  { line: 'inspect', meaning: 'the same page for worlds: hosts that run in the page, with bad links and a seed' },
];

const AFTER = `
It prints an address of this machine; open it in a browser. The address holds a token, so that no other user of the
machine can look. The page asks no other host for anything. A running server is looked at with: fastpath serve --inspect

Exit status: 0 ended by Ctrl-C; 7 the file or the port cannot be opened, or no frame of the file can be read.
`;

/** The subcommand `inspect`, for the command line. */
export function inspectCommand(): Command {
  return subcommand('inspect', 'Look into connections in a browser: a capture file, or a world in the page.', EXAMPLES)
    .argument('[capture]', 'a pcap or pcapng file, plain, gzip or zstd')
    .option('--port <number>', 'the port of 127.0.0.1 for the page; 0: a free one', parseCount(0, 65_535), 0)
    .addHelpText('after', AFTER)
    .action(async (capture: string | undefined, { port }: { port: number }) => {
      process.exitCode = await run(capture, port);
    });
}

async function run(capture: string | undefined, port: number): Promise<number> {
  const { PageServer } = await import('../inspector/page-server.js');
  try {
    if (capture !== undefined) await checkCapture(capture);
    const server = new PageServer({ capture });
    await server.open(port);
    const hash = capture === undefined ? '' : new URLSearchParams({ file: basename(capture) }).toString();
    console.log(`\n  ${server.url(hash)}\n\n  Open it in a browser. Ctrl-C ends it.\n`);
    await new Promise<void>((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
    await server.close();
    return ExitCode.ok;
  } catch (error) {
    console.error(`fastpath: ${error instanceof Error ? error.message : String(error)}`);
    return ExitCode.unreadable;
  }
}

/** @throws {Error} with a sentence that names the path, if this is no file with frames that we can read */
async function checkCapture(path: string): Promise<void> {
  checkReadable(path);
  const { readCapture } = await import('../capture/file/input.js');
  const { linkText } = await import('../capture/format/link-layer.js');
  const { isLinkUnderstood } = await import('../dissect/layers/link/link.js');
  let isShown = false;
  const unknown = new Set<number>();
  const { problems } = await readCapture(path, ({ linkType }) => {
    isShown = isLinkUnderstood(linkType);
    if (!isShown) unknown.add(linkType);
    return !isShown;
  });
  if (isShown) return;
  const [problem] = problems;
  const [link] = unknown;
  if (link !== undefined) throw new Error(`cannot show ${path}: ${linkText(link)} is not understood`);
  if (problem !== undefined) throw new Error(`cannot read ${path}: ${problem.message}`);
}
