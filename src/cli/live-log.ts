/**
 * The requests of a running server as lines of JSON, from the socket beside its state file
 * (src/serve/process/log-socket.ts). If another process takes over meanwhile, its lines come too, and those that the
 * old one still has.
 */
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { PassThrough, type Readable } from 'node:stream';
import { MOVED } from '../serve/process/log-socket.js';

/**
 * Lines from the socket at `path`, until no process has any more, or until the stream is destroyed.
 * @throws the error of connect(2)
 */
export async function openLiveLog(path: string): Promise<Readable> {
  const out = new PassThrough();
  let processes = 0;
  const visit = async () => {
    const socket = connect(path);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', () => resolve());
      socket.once('error', reject);
    });
    if (out.destroyed) return void socket.destroy();
    const leave = () => socket.destroy(); // else it would keep a program from ending
    out.once('close', leave);
    processes++;
    const lines = createInterface({ input: socket });
    let isPaused = false; // lines of what has come already go on coming meanwhile
    lines.on('line', (line) => {
      if (line === MOVED)
        visit().catch(() => {}); // its end comes with that of the old process
      else if (!out.write(`${line}\n`) && !isPaused) pause();
    });
    const pause = () => {
      isPaused = true;
      socket.pause();
      out.once('drain', () => {
        isPaused = false;
        socket.resume();
      });
    };
    socket.on('error', () => {}); // a process that is gone is an end, too
    lines.on('close', () => {
      out.off('close', leave);
      if (--processes === 0) out.end();
    });
  };
  await visit();
  return out;
}
