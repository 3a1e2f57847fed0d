/** A datagram socket whose peer has no such port. */
import type { Socket } from 'node:dgram';
import type { FastDatagramSocket } from '../../src/socket/index.js';
import { sendUntil } from './until.js';

const EVERY_MS = 200;

/** Sends until an error comes: either end may bound how many errors it sends, or drop one. */
export async function refusal(socket: Socket | FastDatagramSocket): Promise<Error> {
  let error: Error | undefined;
  socket.once('error', (refused: Error) => (error = refused));
  await sendUntil(
    () => socket.send('x'),
    () => error !== undefined,
    { everyMs: EVERY_MS },
  );
  return error!;
}
