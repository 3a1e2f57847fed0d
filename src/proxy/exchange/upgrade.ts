/** Connections that become something else by Upgrade, such as WebSocket (RFC 9110 section 7.8): bytes, both ways. */
import type { IncomingMessage } from 'node:http';
import { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { drained } from '../../shared-cache/index.js';
import type { Tunnel } from './forward.js';

/** How long a client may keep its side open after a refused upgrade, ms. */
const LINGER_MS = 5_000;

/** The protocol that a request wants to change to; undefined: it is answered as if it did not. */
export function upgradeOf({ headers, httpVersion }: IncomingMessage): string | undefined {
  const { upgrade, connection = '' } = headers;
  const isAsked = connection.split(',').some((option) => option.trim().toLowerCase() === 'upgrade');
  if (!isAsked || upgrade === undefined || httpVersion !== '1.1') return undefined;
  // HTTP/2 over an upgrade (h2c) is obsolete (RFC 9113 section 3.1), and it would carry requests past us.
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+(\/[!#$%&'*+.^_`|~0-9A-Za-z-]+)?$/.test(upgrade) && !/^h2c?$/i.test(upgrade)
    ? upgrade
    : undefined;
}

/** Node gives an 'upgrade' listener the connection alone. This is the answer that it would have made. */
export function responseOn(req: IncomingMessage, socket: Duplex): ServerResponse {
  const res = new ServerResponse(req);
  res.shouldKeepAlive = false;
  res.assignSocket(socket as Socket);
  res.on('finish', () => {
    res.detachSocket(socket as Socket);
    socket.end();
    linger(socket);
  });
  // Until it hands the connection over, Node listens for errors, and for room for more of an answer.
  socket.on('drain', () => {
    if (res.socket === socket) drained(res);
  });
  socket.on('error', () => socket.destroy());
  return res;
}

/** The client has its last answer. What it still sends is thrown away for a while, so that no reset takes that away. */
function linger(socket: Duplex): void {
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.on('close', () => clearTimeout(timer));
}

/** Tells the client that the protocol changes, and joins the two connections until one of them ends. */
export function joinTunnel(client: Duplex, head: Buffer, { socket, protocol, fields, closed }: Tunnel): void {
  let text = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n`;
  for (let i = 0; i + 1 < fields.length; i += 2) text += `${fields[i]}: ${fields[i + 1]}\r\n`;
  client.write(`${text}\r\n`, 'latin1');
  if (head.length > 0) socket.write(head);
  let isOpen = true;
  const end = () => {
    if (!isOpen) return;
    isOpen = false;
    client.destroy();
    socket.destroy();
    closed();
  };
  for (const each of [client, socket]) each.on('error', end).on('close', end);
  client.pipe(socket);
  socket.pipe(client);
  if (client.destroyed || socket.destroyed) end();
}
