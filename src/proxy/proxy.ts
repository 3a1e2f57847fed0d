/**
 * The reverse proxy: upstreams by name, each as a handler `(req, res)` for Node's http server, and for upgrades. It
 * keeps no copy of a body, writes every head anew, and no fault of an upstream goes beyond its own exchange.
 *
 * To read first: RFC 9110 section 7.6, RFC 9112 section 11. docs/proxy.md is the page for operators.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { noteFault } from '../shared-cache/index.js';
import { answerOwn, type ErrorPages } from './exchange/error-answer.js';
import { Forward, type Tunnel } from './exchange/forward.js';
import { joinTunnel, responseOn, upgradeOf } from './exchange/upgrade.js';
import { ProxyFailure } from './failure.js';
import { endsHere, newPseudonym, requestHead } from './fields/request-head.js';
import { TrustList } from './fields/trust.js';
import { UpstreamGroup } from './group.js';
import { HealthChecker } from './health/checker.js';
import { type Complete, complete, type UpstreamOptions, type Upstreams } from './options.js';
import type { HealthListener, UpstreamServer } from './server.js';
import type { UpstreamReading } from './statistics.js';

/** A request that did not get the whole answer of an upstream. */
export interface ProxyTrouble {
  readonly upstream: string;
  /** The URL of the last server that was tried; undefined: none was. */
  readonly server: string | undefined;
  /** What the client got; undefined: its connection was cut in the middle of an answer. */
  readonly status: number | undefined;
  readonly failure: ProxyFailure;
  readonly attempts: number;
  readonly method: string;
  readonly target: string;
  readonly host: string;
}

/** A server has come or gone. */
export interface HealthChange {
  readonly upstream: string;
  readonly server: string;
  readonly change: 'up' | 'down' | 'paused' | 'back';
  readonly reason: string;
}

/** What the proxy is given by those who run it. All of it may be left out. */
export interface ProxySurroundings {
  trouble?(trouble: ProxyTrouble): void;
  healthChanged?(change: HealthChange): void;
  errorPages?: ErrorPages;
  /** A clock that never goes back, ms. */
  now?(): number;
}

/** A group with what belongs to it alone. */
interface Running {
  readonly group: UpstreamGroup;
  readonly trust: TrustList;
  /** The options as they were given, to see whether new ones differ. */
  readonly given: string;
  readonly checkers: readonly HealthChecker[];
  /** Our name in Via: a request that comes with it goes round in a circle (RFC 9110 section 7.6.3). */
  readonly pseudonym: string;
}

export class ReverseProxy {
  readonly #surroundings: ProxySurroundings;
  readonly #now: () => number;
  readonly #running = new Map<string, Running>();
  /** Servers of groups that are no more, until their last request is done. */
  readonly #leaving = new Set<UpstreamServer>();

  /** @throws {RangeError} for options that cannot be */
  constructor(upstreams: Upstreams, surroundings: ProxySurroundings = {}) {
    this.#surroundings = surroundings;
    this.#now = surroundings.now ?? (() => performance.now());
    this.configure(upstreams);
  }

  /** The names of the upstreams. */
  get names(): string[] {
    return [...this.#running.keys()];
  }

  /**
   * Takes new options. Requests under way end as they began. An upstream whose options are the same goes on with its
   * connections and counters, and so does each server of a changed one, if only the servers beside it have changed.
   * @throws {RangeError} for options that cannot be; then nothing has changed
   */
  configure(upstreams: Upstreams): void {
    const next = new Map(Object.entries(upstreams).map(([name, options]) => [name, this.#prepare(name, options)]));
    for (const [name, before] of this.#running) {
      const after = next.get(name);
      if (after === before) continue;
      this.#running.delete(name);
      this.#retire(before, new Set(after?.group.servers));
    }
    for (const [name, running] of next) {
      if (this.#running.get(name) === running) continue;
      this.#running.set(name, running);
      running.group.adopt();
      for (const checker of running.checkers) checker.start();
    }
  }

  /** A handler for requests to one upstream. It looks the upstream up for each, so new options count at once. */
  handler(name: string): (req: IncomingMessage, res: ServerResponse) => void {
    return (req, res) => this.handle(name, req, res);
  }

  /** Forwards a request and answers it, whatever happens. */
  handle(name: string, req: IncomingMessage, res: ServerResponse): void {
    // Node would throw the error of a connection whose answer nobody listens to.
    res.on('error', () => {});
    this.#forward(name, req, res, undefined, false, () => {});
  }

  /**
   * The same for Node's event 'checkContinue': the client is asked for its body when an upstream takes it, so a body
   * that nobody can take is not sent.
   */
  handleExpecting(name: string, req: IncomingMessage, res: ServerResponse): void {
    res.on('error', () => {});
    this.#forward(name, req, res, undefined, true, () => {});
  }

  /** The same for Node's event 'upgrade'. A request that cannot be upgraded is answered as any other. */
  upgrade(name: string, req: IncomingMessage, socket: Duplex, head: Buffer): void {
    const res = responseOn(req, socket);
    const protocol = upgradeOf(req);
    const hasBody = req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) !== 0;
    if (hasBody) {
      // Node does not read the body of such a request, so where the next one begins is not known.
      const failure = new ProxyFailure('request', 'an Upgrade request with a body');
      this.#refuse(name, req, res, failure, undefined, 0);
      return;
    }
    this.#forward(name, req, res, protocol, false, (tunnel) => {
      res.detachSocket(socket as Parameters<ServerResponse['detachSocket']>[0]);
      joinTunnel(socket, head, tunnel);
    });
  }

  /** For Node's event 'connect': a reverse proxy makes no tunnels to where a client likes. */
  connect(_: IncomingMessage, socket: Duplex): void {
    socket.on('error', () => socket.destroy());
    socket.end('HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  }

  /** The counters of all upstreams. */
  read(): UpstreamReading[] {
    return [...this.#running.values()].map(({ group }) => group.read());
  }

  /** Ends when the requests under way have. */
  async close(): Promise<void> {
    const servers = this.#stop();
    await Promise.all(servers.map((server) => server.close()));
  }

  /** Ends at once: requests under way fail. */
  async destroy(): Promise<void> {
    const servers = this.#stop();
    await Promise.all(servers.map((server) => server.destroy()));
  }

  #stop(): UpstreamServer[] {
    const servers = [...this.#leaving];
    for (const { group, checkers } of this.#running.values()) {
      for (const checker of checkers) checker.stop();
      servers.push(...group.servers);
    }
    return servers;
  }

  #forward(
    name: string,
    req: IncomingMessage,
    res: ServerResponse,
    upgrade: string | undefined,
    mayContinue: boolean,
    upgraded: (tunnel: Tunnel) => void,
  ): void {
    const running = this.#running.get(name);
    if (running === undefined) {
      this.#refuse(name, req, res, new ProxyFailure('no-server', 'there is no such upstream'), undefined, 0);
      return;
    }
    const { group, trust, pseudonym } = running;
    const { remoteAddress: address } = req.socket;
    const isSecure = (req.socket as { encrypted?: boolean }).encrypted === true;
    const peer = { address, isSecure, isTrusted: trust.has(address) };
    try {
      const head = requestHead(req, { forwarded: group.options.forwarded, peer, pseudonym });
      if (endsHere(head)) {
        answerOwn(res, 204, { allow: 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS' });
        return;
      }
      const means = { upgrade, mayContinue, now: this.#now };
      new Forward(group, req, res, head, means, {
        failed: (failure, server, attempts) => this.#refuse(name, req, res, failure, server, attempts),
        broken: (failure, server, attempts) => this.#break(name, req, res, failure, server, attempts),
        upgraded,
      }).start();
    } catch (error) {
      if (!(error instanceof ProxyFailure)) throw error;
      this.#refuse(name, req, res, error, undefined, 0);
    }
  }

  /** An answer of our own, and a line in the log. */
  #refuse(
    name: string,
    req: IncomingMessage,
    res: ServerResponse,
    failure: ProxyFailure,
    server: UpstreamServer | undefined,
    attempts: number,
  ): void {
    const statistics = this.#running.get(name)?.group.statistics;
    if (statistics !== undefined) {
      if (failure.status === 502) statistics.badGateway++;
      else if (failure.status === 503) statistics.unavailable++;
      else if (failure.status === 504) statistics.gatewayTimeouts++;
      else statistics.refused++;
    }
    this.#tell(name, req, failure, server, attempts, failure.status);
    if (failure.status >= 502) noteFault(res, failure.logReason);
    const page = this.#surroundings.errorPages?.(failure.status, req.headers.host ?? '');
    answerOwn(res, failure.status, { page, ...(failure.status === 405 && { allow: 'GET, HEAD' }) });
  }

  /** The client must not take a part for the whole. */
  #break(
    name: string,
    req: IncomingMessage,
    res: ServerResponse,
    failure: ProxyFailure,
    server: UpstreamServer,
    attempts: number,
  ): void {
    const statistics = this.#running.get(name)?.group.statistics;
    if (statistics !== undefined) statistics.broken++;
    this.#tell(name, req, failure, server, attempts, undefined);
    noteFault(res, failure.logReason);
    // A client of HTTP/1.0 takes an end in good order for the end of the answer, so it gets a reset.
    if (req.httpVersion === '1.0') (res.socket as Partial<Socket> | null)?.resetAndDestroy?.();
    res.destroy();
  }

  #tell(
    upstream: string,
    { method = '', url: target = '', headers: { host = '' } }: IncomingMessage,
    failure: ProxyFailure,
    server: UpstreamServer | undefined,
    attempts: number,
    status: number | undefined,
  ): void {
    const trouble = { upstream, server: server?.id, status, failure, attempts, method, target, host };
    this.#surroundings.trouble?.(trouble);
  }

  /** The group of that name as it is, or a new one that takes over what it can. */
  #prepare(name: string, options: UpstreamOptions): Running {
    const before = this.#running.get(name);
    const given = JSON.stringify(options);
    if (before?.given === given) return before;
    const whole = complete(options);
    const listener: HealthListener = (server, change, reason) => {
      this.#surroundings.healthChanged?.({ upstream: name, server: server.id, change, reason });
    };
    const kept = before === undefined ? new Map() : serversToKeep(before.group, whole);
    const group = new UpstreamGroup(name, whole, this.#now, listener, kept);
    const trust = new TrustList(whole.trust);
    const { check } = whole;
    const woken = () => group.wake();
    const checkers = check === undefined ? [] : group.servers.map((server) => new HealthChecker(server, check, woken));
    return { group, trust, given, checkers, pseudonym: before?.pseudonym ?? newPseudonym() };
  }

  /** `kept`: servers that go on in the group's place. */
  #retire({ group, checkers }: Running, kept: ReadonlySet<UpstreamServer>): void {
    for (const checker of checkers) checker.stop();
    const leaving = group.servers.filter((server) => !kept.has(server));
    for (const server of leaving) this.#leaving.add(server);
    void group.idle().then(() => this.#closeAll(leaving));
  }

  async #closeAll(servers: readonly UpstreamServer[]): Promise<void> {
    await Promise.all(servers.map((server) => server.close()));
    for (const server of servers) this.#leaving.delete(server);
  }
}

/** Servers whose own options and whose group's rules are the same, by URL. */
function serversToKeep({ options, servers }: UpstreamGroup, next: Complete): Map<string, UpstreamServer> {
  const rulesOf = ({ servers: _, ...rules }: Complete) => JSON.stringify(rules);
  if (rulesOf(options) !== rulesOf(next)) return new Map();
  const own = (server: object) => JSON.stringify(server);
  const same = next.servers.flatMap((server) => {
    const place = options.servers.findIndex((each) => own(each) === own(server));
    const found = servers[place];
    return found === undefined ? [] : [[server.url, found] as const];
  });
  return new Map(same);
}
