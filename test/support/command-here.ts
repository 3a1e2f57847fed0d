/**
 * `fastpath` in the process of the tests: the same command line, a tenth of the time of a program that starts. It has
 * no standard input, and no terminal. Where the process counts (a signal, a pipe), a test spawns the program.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { createProgram } from '../../src/cli/program.js';
import { reportFailure } from '../../src/cli/report-failure.js';

/** What a command has printed, and its exit status. */
export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output, when it is no text. */
  readonly bytes: Buffer;
}

/** Runs `fastpath` with these words to its end. Nothing else may print meanwhile. */
export function commandHere(...words: readonly string[]): Promise<Outcome> {
  return printedBy(['fastpath', ...words], async () => (await createProgram(words[0])).parseAsync(), reportFailure);
}

/**
 * What an action prints as a program with this command line, its name first.
 * @param report prints what the action throws, and gives the exit status for it
 */
export async function printedBy(
  line: readonly string[],
  action: () => Promise<unknown>,
  report: (failure: unknown) => number,
): Promise<Outcome> {
  const [out, err] = [new Gathered(), new Gathered()];
  const { exitCode, argv } = process;
  const restore = gather(out, err);
  process.exitCode = 0;
  process.argv = [process.execPath, ...line];
  try {
    await action();
  } catch (error) {
    process.exitCode = report(error);
  } finally {
    restore();
  }
  const status = Number(process.exitCode);
  process.exitCode = exitCode;
  process.argv = argv;
  return { status, stdout: out.bytes.toString(), stderr: err.bytes.toString(), bytes: out.bytes };
}

/** What was written to one output. */
class Gathered {
  bytes = Buffer.alloc(0);

  readonly take = (chunk: string | Uint8Array): true => {
    this.bytes = Buffer.concat([this.bytes, Buffer.from(chunk as string)]);
    return true;
  };
}

/** Sends both outputs there, until the function that it returns is called. */
function gather(out: Gathered, err: Gathered): () => void {
  const { writeSync } = fs;
  const [stdout, stderr] = [process.stdout.write, process.stderr.write];
  const terminals = [process.stdout, process.stderr].map((stream) => [stream, stream.isTTY] as const);
  for (const [stream] of terminals) stream.isTTY = false;
  process.stdout.write = out.take;
  process.stderr.write = err.take;
  const instead = (descriptor: number, bytes: Uint8Array, ...rest: [number?, number?]): number => {
    if (descriptor !== 1) return writeSync(descriptor, bytes, ...rest);
    out.take(bytes.subarray(rest[0] ?? 0));
    return bytes.length - (rest[0] ?? 0);
  };
  fs.writeSync = instead as typeof writeSync;
  syncBuiltinESMExports(); // for modules that import it by its name
  return () => {
    fs.writeSync = writeSync;
    syncBuiltinESMExports();
    [process.stdout.write, process.stderr.write] = [stdout, stderr];
    for (const [stream, isTTY] of terminals) stream.isTTY = isTTY;
  };
}
