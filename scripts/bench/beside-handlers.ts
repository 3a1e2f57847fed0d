/**
 * What handlers at work cost the hits beside them: the rate of hits while 100 handlers sleep and 10 stream, by the rate
 * while none does. Both are measured in turn in one run, so a busy machine weighs on both. The better rounds count.
 *
 *     sudo node dist/scripts/bench/beside-handlers.js [rounds] [seconds]
 *
 * It runs in a network namespace of its own. The issue asks for 0.9.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Service } from './processes.js';
import { runWrk } from './wrk.js';

const INSIDE = 'FASTPATH_BESIDE_HANDLERS';
const ADDRESS = '10.77.0.2';
const SLEEPERS = 100;
const STREAMS = 10;
const CONNECTIONS = 16;
/** How long a server may take to start, ms. */
const START_MS = 20_000;

/** Sleepers never answer. A stream sends 1 KiB a hundred times a second, which is a busy page of events. */
const HANDLER = `
export default function handler(req, res) {
  if (req.url !== '/stream') return;
  res.writeHead(200, { 'Content-Type': 'text/event-stream' });
  const line = 'data: ' + 'x'.repeat(1016) + '\\n\\n';
  const timer = setInterval(() => res.write(line), 10);
  res.on('close', () => clearInterval(timer));
}
`;

/** Opens a connection that asks for this path, and reads whatever comes. */
async function ask(path: string): Promise<Socket> {
  const socket = connect(80, ADDRESS);
  await once(socket, 'connect');
  socket.on('error', () => {});
  socket.resume();
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${ADDRESS}\r\n\r\n`);
  return socket;
}

async function hits(seconds: number): Promise<number> {
  const { requestsPerSecond, errors } = await runWrk(
    { url: `http://${ADDRESS}/hit`, connections: CONNECTIONS, seconds },
    {},
  );
  if (errors > 0) throw new Error(`${errors} requests failed`);
  return requestsPerSecond;
}

/** The rate beside busy handlers, and the bytes a second that the streams brought meanwhile. */
async function hitsBeside(seconds: number): Promise<{ rate: number; streamed: number }> {
  const sleepers = await Promise.all(Array.from({ length: SLEEPERS }, () => ask('/sleep')));
  const streams = await Promise.all(Array.from({ length: STREAMS }, () => ask('/stream')));
  await wait(300);
  const read = () => streams.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
  const before = read();
  const rate = await hits(seconds);
  const streamed = (read() - before) / seconds;
  for (const socket of [...sleepers, ...streams]) socket.destroy();
  await wait(300);
  if (streamed === 0) throw new Error('the streams stood still');
  return { rate, streamed };
}

async function measure(rounds: number, seconds: number): Promise<void> {
  await hits(seconds); // V8 has compiled what it needs
  const alone: number[] = [];
  const beside: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const [first, { rate, streamed }] = [await hits(seconds), await hitsBeside(seconds)];
    alone.push(first);
    beside.push(rate);
    console.log(
      `alone ${first.toFixed(0)}/s, beside ${rate.toFixed(0)}/s, streams ${(streamed / 1e6).toFixed(2)} MB/s`,
    );
  }
  const ratio = Math.max(...beside) / Math.max(...alone);
  console.log(`hits beside ${SLEEPERS} sleeping and ${STREAMS} streaming handlers: ${ratio.toFixed(2)} of their rate`);
}

async function serveAndMeasure(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'fastpath-beside-'));
  writeFileSync(join(folder, 'hit'), 'x'.repeat(1_000));
  const handler = join(folder, '.handler.mjs');
  writeFileSync(handler, HANDLER);
  spawnSync('chmod', ['-R', 'a+rX', folder]);
  const program = fileURLToPath(new URL('../../program/cli.js', import.meta.url));
  const server = new Service([process.execPath, program, 'serve', folder, '--handler', handler, '--probe', 'off'], {});
  try {
    for (const until = Date.now() + START_MS; ; await wait(200)) {
      if (server.failure !== undefined || Date.now() > until) throw new Error(`no server: ${server.failure}`);
      const answer = await fetch(`http://${ADDRESS}/hit`, { signal: AbortSignal.timeout(1_000) }).catch(
        () => undefined,
      );
      if (answer?.ok === true) break;
    }
    await measure(Number(process.argv[2] ?? 5), Number(process.argv[3] ?? 3));
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true });
  }
}

if (process.env[INSIDE] === '1') await serveAndMeasure();
else {
  const argv = ['--net', process.execPath, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  const { status } = spawnSync('unshare', argv, { stdio: 'inherit', env: { ...process.env, [INSIDE]: '1' } });
  process.exitCode = status ?? 1;
}
