/** Where the admin listener listens: an address of this machine with a port, or the path of a Unix socket. */
import { isIP } from 'node:net';

/** Where the admin listener listens. @see {@link AdminOptions} */
export type AdminAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

const LOOPBACK = '127.0.0.1';
const HIGHEST_PORT = 65_535;

/**
 * Reads `127.0.0.1:9464`, `[::1]:9464`, `localhost:9464`, `/run/fastpath/admin.sock`. Port 0 is any free one. A port
 * alone says nothing of who may ask: on other servers it means all addresses.
 * @throws {RangeError} that says what would be right
 */
export function parseAdminAddress(text: string): AdminAddress {
  if (text.startsWith('unix:')) return pathOf(text.slice('unix:'.length));
  if (text.includes('/')) return pathOf(text);
  const match = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text);
  const [, inBrackets, plain, digits] = match ?? [];
  const named = inBrackets ?? plain ?? '';
  const host = named === 'localhost' ? LOOPBACK : named;
  const port = Number(digits);
  const family = inBrackets === undefined ? 4 : 6;
  if (match === null || port > HIGHEST_PORT || isIP(host) !== family) {
    throw new RangeError('Not an address with a port, such as 127.0.0.1:9464 or [::1]:9464, nor a path.');
  }
  return { kind: 'tcp', host, port };
}

function pathOf(path: string): AdminAddress {
  if (path === '' || path.endsWith('/')) throw new RangeError('Not the path of a socket, such as /run/fastpath.sock.');
  return { kind: 'unix', path };
}

/** The address as one would write it; a path as it is. */
export function formatAdminAddress(address: AdminAddress): string {
  if (address.kind === 'unix') return address.path;
  return isIP(address.host) === 6 ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

/** Whether only processes of this machine can reach it. */
export function isLocal(address: AdminAddress): boolean {
  return address.kind === 'unix' || address.host === '::1' || address.host.startsWith('127.');
}
