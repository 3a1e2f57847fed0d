/** A proxy behind Node's own http server on the loopback, origins that do what a test says, and clients. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestOptions, request, type Server } from 'node:http';
import { type AddressInfo, connect, createServer as createNetServer, type Socket } from 'node:net';
import type { ServerOptions, UpstreamOptions, Upstreams } from '../../src/proxy/options.js';
import { type HealthChange, type ProxySurroundings, type ProxyTrouble, ReverseProxy } from '../../src/proxy/proxy.js';

/** A server that counts its connections and ends them all. */
interface Listening {
  readonly port: number;
  readonly sockets: Set<Socket>;
  /** Connections that there have been. */
  accepted: number;
  close(): Promise<void>;
}

/** What an answer was, as a client saw it. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly rawHeaders: string[];
  readonly trailers: IncomingMessage['trailers'];
  readonly body: Buffer;
  /** All of it came. */
  readonly isWhole: boolean;
}

/** Time-outs of an upstream that no slow machine comes near, except where a test is about one. */
const PATIENT = { queueTimeoutMs: 100_000, connectTimeoutMs: 100_000, keepAliveMs: 100_000 };

/** One test's proxy with what is around it. */
export class ProxyWorld {
  readonly troubles: ProxyTrouble[] = [];
  readonly changes: HealthChange[] = [];
  proxy!: ReverseProxy;
  front!: Listening & { server: Server };
  readonly #listening: Listening[] = [];

  /** The last trouble that was told. */
  get trouble(): ProxyTrouble | undefined {
    return this.troubles.at(-1);
  }

  /** A proxy for one upstream with the name `app`. */
  async start(options: UpstreamOptions | Upstreams, surroundings: ProxySurroundings = {}): Promise<void> {
    const upstreams: Upstreams = 'servers' in options ? { app: options as UpstreamOptions } : options;
    this.proxy = new ReverseProxy(patient(upstreams), {
      trouble: (trouble) => this.troubles.push(trouble),
      healthChanged: (change) => this.changes.push(change),
      ...surroundings,
    });
    const server = createServer((req, res) => this.proxy.handle('app', req, res));
    server.on('checkContinue', (req, res) => this.proxy.handleExpecting('app', req, res));
    server.on('upgrade', (req, socket, head) => this.proxy.upgrade('app', req, socket, head));
    server.on('connect', (req, socket) => this.proxy.connect(req, socket));
    this.front = Object.assign(await this.#listen(server), { server });
  }

  /** Gives the proxy new options. */
  configure(upstreams: Upstreams): void {
    this.proxy.configure(patient(upstreams));
  }

  /** An origin of node:http. Returns its URL. */
  async origin(
    handler: (req: IncomingMessage, res: import('node:http').ServerResponse) => void,
    set?: (s: Server) => void,
  ) {
    const server = createServer({ keepAliveTimeout: 100_000 }, handler);
    set?.(server);
    return this.#originOf(await this.#listen(server));
  }

  /** An origin that gets bare connections, as `net` has them. */
  async rawOrigin(handler: (socket: Socket, count: number) => void) {
    let count = 0;
    const server = createNetServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => {});
      handler(socket, ++count);
    });
    return this.#originOf(await this.#listen(server));
  }

  /** An origin that answers the head of each request on a connection with these bytes, and then does `after`. */
  async says(text: string | Buffer, after: (socket: Socket) => void = () => {}) {
    return this.rawOrigin((socket) => {
      onHeads(socket, () => {
        socket.write(text);
        after(socket);
      });
    });
  }

  /** Sends a request to the proxy and reads the whole answer. */
  async get(path = '/', options: RequestOptions = {}, body?: string | Buffer): Promise<Answer> {
    const req = this.open(path, options);
    req.end(body);
    return answerOf(req);
  }

  /** A request whose body is still to come. */
  open(path = '/', options: RequestOptions = {}) {
    const req = request({ port: this.front.port, host: '127.0.0.1', path, agent: false, ...options });
    req.on('error', () => {});
    return req;
  }

  /** A bare connection to the proxy. */
  async dial(): Promise<Socket> {
    const socket = connect(this.front.port, '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'connect');
    return socket;
  }

  /** Ends everything. Says how many connections are left, once those that were to close have had their time. */
  async end(): Promise<void> {
    await this.proxy?.destroy();
    await Promise.all(this.#listening.map((each) => each.close()));
  }

  async #listen(server: Server | import('node:net').Server): Promise<Listening> {
    const sockets = new Set<Socket>();
    const listening: Listening = {
      port: 0,
      sockets,
      accepted: 0,
      close: async () => {
        const closed = once(server, 'close');
        server.close();
        for (const socket of sockets) socket.destroy();
        await closed;
      },
    };
    server.on('connection', (socket: Socket) => {
      listening.accepted++;
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.#listening.push(listening);
    return Object.assign(listening, { port: (server.address() as AddressInfo).port });
  }

  #originOf(listening: Listening) {
    return Object.assign(listening, { url: `http://127.0.0.1:${listening.port}` });
  }
}

function patient(upstreams: Upstreams): Upstreams {
  return Object.fromEntries(Object.entries(upstreams).map(([name, each]) => [name, { ...PATIENT, ...each }]));
}

/** One server. */
export const only = (url: string): readonly ServerOptions[] => [{ url }];

/** Calls `head` for each head of a request on a connection; bodies are not looked for. */
export function onHeads(socket: Socket, head: (text: string) => void): void {
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
      const one = text.slice(0, end + 4);
      text = text.slice(end + 4);
      head(one);
    }
  });
}

/** The answer to a request of node:http. @throws if no head comes */
export async function answerOf(req: import('node:http').ClientRequest): Promise<Answer> {
  const res = await new Promise<IncomingMessage>((resolve, reject) => {
    req.on('response', resolve);
    req.on('error', reject);
  });
  const chunks: Buffer[] = [];
  const isWhole = await new Promise<boolean>((resolve) => {
    res.on('data', (chunk: Buffer) => chunks.push(chunk));
    res.on('error', () => {});
    res.on('close', () => resolve(res.complete));
  });
  const { statusCode: status = 0, headers, rawHeaders, trailers } = res;
  return { status, headers, rawHeaders, trailers, body: Buffer.concat(chunks), isWhole };
}

/** Sends a request on a connection of its own and reads the whole answer. */
export function requestTo(options: RequestOptions, body?: string | Buffer): Promise<Answer> {
  const req = request({ agent: false, ...options });
  const answer = answerOf(req);
  req.on('error', () => {});
  req.end(body);
  return answer;
}

/** All that comes on a connection until its end. */
export async function allOf(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  await new Promise((resolve) => socket.on('close', resolve));
  return text;
}
