/** Waiting until a server answers. */
import { connect } from 'node:net';
import { type Service, waitUntil } from '../processes.js';

function accepts(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(500, () => done(false));
    socket.on('error', () => done(false)).on('connect', () => done(true));
  });
}

/** Resolves when the port accepts a connection; rejects with what the service printed if it ends before. */
export async function connects(service: Service, address: string, port: number, timeoutMs = 15_000): Promise<void> {
  const what = `${service.argv.join(' ')} to answer at ${address}:${port}`;
  const attempt = () => {
    if (service.failure) throw new Error(service.failure);
    return accepts(address, port);
  };
  await waitUntil(what, attempt, timeoutMs).catch((error: Error) => {
    throw service.failure ? error : new Error(`${error.message}\n${service.output}`);
  });
}
