/** How the configuration names a server: `http://127.0.0.1:3000`, `https://app.internal`, `unix:/run/app.sock`. */

/** Where a server is, for undici. */
export interface ServerPlace {
  readonly origin: string;
  /** The path of a Unix socket; undefined: the origin says where the server is. */
  readonly socketPath: string | undefined;
}

const UNIX = 'unix:';
/** What the kernel takes: the size of sun_path, less its end. */
const LONGEST_SOCKET_PATH = 107;

/** The place of a URL that is right. `unix:/run/app.sock` is reached by its path, and has the name localhost. */
export function placeOf(url: string): ServerPlace {
  if (url.startsWith(UNIX)) return { origin: 'http://localhost', socketPath: url.slice(UNIX.length) };
  return { origin: new URL(url).origin, socketPath: undefined };
}

/** What stands behind the colon of host and port. */
const PORT = /^https?:\/\/(?:[^/?#@]*@)?(?:\[[^\]/]*\]|[^/?#:[\]]+):([^/?#]*)/i;

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}

/** What is wrong with a URL, beginning with a verb; undefined: nothing. */
export function serverUrlProblem(text: string): string | undefined {
  if (text.startsWith(UNIX)) return socketPathProblem(text.slice(UNIX.length));
  const port = PORT.exec(text)?.[1];
  if (port !== undefined && !isPort(port)) return 'must have a port from 1 to 65535 after the host';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:\/\//i.test(text)) {
    return 'must be the URL of a server, such as http://127.0.0.1:3000, or unix:/run/app.sock';
  }
  if (url.username !== '' || url.password !== '') return 'must not have a user or a password in it';
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || /[?#]/.test(text)) {
    return 'must be a URL without a path: the path of each request is sent as it came';
  }
  return undefined;
}

function socketPathProblem(path: string): string | undefined {
  if (!path.startsWith('/') || path.includes('\0')) return 'must have the whole path of a socket after unix:';
  if (Buffer.byteLength(path) > LONGEST_SOCKET_PATH) {
    return `must have a path of at most ${LONGEST_SOCKET_PATH} bytes after unix:`;
  }
  return undefined;
}
