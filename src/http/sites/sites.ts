/**
 * The sites of one server, as the HTTP layer of a worker knows them: which Host belongs to which site (virtual hosts),
 * and the few rules that cannot be names in the cache. The main thread makes a `SiteTable`, which is plain data, and
 * sends it to each worker. A new configuration is a new table.
 *
 * A site's number is its place in `SiteTable.sites`. It is part of the key under which the cache knows an object. A
 * server with one site and no host names looks at no Host.
 */

import { IpAddress } from '../../net/wire/address.js';
import type { KeptSpaces } from '../routes/kept-names.js';
import { FILES, FILES_THEN_HANDLER, type Route, Rungs } from '../routes/route.js';
import { RouteTable } from '../routes/route-table.js';
import type { SitePacing } from './bandwidth.js';
import { HostTable } from './host-table.js';
import { type PathRule, PathRules } from './path-rules.js';

export type { PathRule } from './path-rules.js';

/** The statuses of a redirect (RFC 9110 section 15.4). */
export type RedirectStatus = 301 | 302 | 303 | 307 | 308;
/** 410 Gone is a rule too, which leads nowhere. */
export const GONE_STATUS = 410;

/**
 * What a request for a host that no site names gets: the default site, 421 Misdirected Request (RFC 9110 section
 * 15.5.20), or the end of its connection without an answer. An HTTP/1.0 request without Host counts as one.
 *
 * @example
 * ```ts
 * import type { ServeOptions } from 'fastpath';
 *
 * export const options: ServeOptions = {
 *   sites: [{ folder: './a', hosts: ['a.example'] }],
 *   unknownHost: 'misdirected',
 * };
 * ```
 */
export type UnknownHost = 'default' | 'misdirected' | 'close';

/** What a worker has to know of the sites. It survives structured cloning. */
export interface SiteTable {
  /** By number. */
  readonly sites: readonly SiteRules[];
  /** Each host name and its site. Without any, all hosts belong to the default site. */
  readonly hosts: readonly SiteHostName[];
  /** The number of the site for an unknown host. */
  readonly defaultSite: number;
  readonly unknownHost: UnknownHost;
  /** All requests of this server are redirected to https at this port. Default: none are. */
  readonly https?: { readonly port: number } | undefined;
  /** Whose answers are kept, and in which key space. Default: nobody's. */
  readonly kept?: KeptSpaces | undefined;
  /** Rates and weights. Default: none. */
  readonly pacing?: SitePacing | undefined;
}

/** One host name of a site. */
export interface SiteHostName {
  /** 'example.org', '*.example.org' (all names below), '192.0.2.1' or '[2001:db8::1]'; without a port. */
  readonly name: string;
  /** The number of its site. */
  readonly site: number;
  /** An alias: requests are redirected to this host, with their path, query and port. Default: they are answered. */
  readonly redirectTo?: string;
  /** The status of that redirect. Default 301. */
  readonly redirectStatus?: RedirectStatus;
}

/** The rules of one site that are no names in the cache. They are looked at when no object has the path. */
export interface SiteRules {
  /** Redirects with a `*` or `:name`, and paths that are gone. They come before files and rewrites. */
  readonly redirects?: readonly (Omit<PathRule, 'status'> & { readonly status: RedirectStatus | typeof GONE_STATUS })[];
  /** Rewrites with a `*` or `:name`: the answer is the object of another path. */
  readonly rewrites?: readonly Omit<PathRule, 'status'>[];
  /** Lines of fields for answers that come from no object, each with its CRLF. Default ''. */
  readonly fields?: string;
  /** More of them for a 404: what it depends on. */
  readonly notFound?: string;
  /** More such lines for the answer to OPTIONS, if scripts of other origins may read the site; '': they may not. */
  readonly preflight?: string;
  /** Answers have Server-Timing. Default false. */
  readonly serverTiming?: boolean;
  /** What no object and no rule answers goes to the handler, and so do methods other than GET and HEAD. */
  readonly handler?: boolean;
  /** Where requests are answered. The first route that fits counts. For others it is as `handler` says. */
  readonly routes?: readonly Route[];
}

/** One site, of number 0, for every host. */
export const ONE_SITE: SiteTable = { sites: [{}], hosts: [], defaultSite: 0, unknownHost: 'default' };

/** `HostChoice.refusal`: the request is answered; its connection is closed without an answer; or a status. */
export const NO_REFUSAL = 0;
export const CLOSE_UNANSWERED = 1;

/** The rules of a site, ready for use. */
export interface SiteChoice {
  readonly rules: PathRules;
  readonly fields: string;
  /** All such lines of a 404. */
  readonly notFound: string;
  readonly preflight: string;
  readonly serverTiming: boolean;
  /** Where requests without a route are looked for. */
  readonly rungs: Rungs;
  readonly routes: readonly Route[];
  readonly kept: KeptSpaces;
}

/** What a host leads to. One object for each host name, made with the table, so a request makes none. */
export class HostChoice {
  constructor(
    /** The number of the site: part of the key of the cache. */
    readonly site: number,
    /** What it makes of paths without an object. */
    readonly own: SiteChoice,
    /** The request is answered as the site says, and nothing else about its host matters. */
    readonly isPlain: boolean,
    /** Answers have Server-Timing. */
    readonly hasTiming: boolean,
    /** The host that requests are redirected to; '' for none. */
    readonly redirectTo: string,
    readonly redirectStatus: RedirectStatus,
    /** `NO_REFUSAL`, `CLOSE_UNANSWERED` or 421. */
    readonly refusal: number,
    /** Which requests are looked for elsewhere than `own.rungs` says; null: none. */
    readonly routes: RouteTable | null,
  ) {}

  /** Its requests are neither refused nor redirected. */
  get isAnswered(): boolean {
    return this.refusal === NO_REFUSAL && this.redirectTo === '';
  }
}

/** The sites that requests are answered from. One object for a worker; `use` gives it another table. */
export class Sites {
  /** All requests belong to `unknown`, whatever their Host says. */
  isSingle = true;
  /** The bandwidth is divided among the sites, so TCP has to know whose a connection is. */
  isPaced = false;
  /** The port of https that requests are redirected to; 0: they are answered. */
  httpsPort = 0;
  /** Some requests are answered before their site is asked: `httpsPort`, or a challenge. */
  hasGate = false;
  /** One more with each table. */
  generation = 0;
  /** For a host that no site names. */
  unknown: HostChoice;
  #hosts: HostTable<HostChoice>;
  #challenges: ReadonlyMap<string, string> = new Map();

  /** @throws {RangeError} see `use`. */
  constructor(table: SiteTable = ONE_SITE) {
    this.#hosts = new HostTable<HostChoice>([]);
    this.unknown = this.use(table);
  }

  /**
   * From the next request on, hosts and rules are those of `table`. Returns the choice for an unknown host.
   * @throws {RangeError} for a table that makes no sense: a number that no site has, or a rule that cannot be.
   */
  use(table: SiteTable): HostChoice {
    const choices = table.sites.map((site) => choiceOf(site, table.kept ?? {}));
    const of = (site: number): SiteChoice => {
      const found = choices[site];
      if (found === undefined) throw new RangeError(`there is no site ${site}`);
      return found;
    };
    const hosts = table.hosts.map((row) => [canonicalHost(row.name), hostChoice(row, of(row.site))] as const);
    const refusal = hosts.length === 0 ? NO_REFUSAL : REFUSALS[table.unknownHost];
    const unknown = unknownChoice(table.defaultSite, of(table.defaultSite), refusal);
    this.#hosts = new HostTable(hosts);
    this.unknown = unknown;
    this.isSingle = hosts.length === 0;
    this.isPaced = table.pacing !== undefined;
    this.httpsPort = table.https?.port ?? 0;
    this.#setGate();
    this.generation++;
    return unknown;
  }

  /** Paths, and what an authority wants to find there (RFC 8555 section 8.3), in place of those before. */
  useChallenges(challenges: ReadonlyMap<string, string>): void {
    this.#challenges = challenges;
    this.#setGate();
  }

  /** The answer to the challenge at this path; undefined: there is none. */
  challenge(path: string): string | undefined {
    return this.#challenges.get(path);
  }

  #setGate(): void {
    this.hasGate = this.httpsPort !== 0 || this.#challenges.size > 0;
  }

  /** What the host `bytes[from, to)` leads to; it is valid by `isHost`. */
  find(bytes: Uint8Array, from: number, to: number): HostChoice {
    return this.#hosts.find(bytes, from, to) ?? this.unknown;
  }
}

const REFUSALS = { default: NO_REFUSAL, misdirected: 421, close: CLOSE_UNANSWERED } as const;

function hostChoice({ name, site, redirectTo = '', redirectStatus = 301 }: SiteHostName, own: SiteChoice): HostChoice {
  const isAnswered = redirectTo === '';
  const routes = isAnswered ? routesOf(own, name) : null;
  const hasTiming = isAnswered && own.serverTiming;
  const isPlain = isAnswered && !hasTiming && routes === null;
  return new HostChoice(site, own, isPlain, hasTiming, redirectTo, redirectStatus, NO_REFUSAL, routes);
}

/** For a host that no site names. Routes for some hosts of the default site are not for it. */
function unknownChoice(site: number, own: SiteChoice, refusal: number): HostChoice {
  const isAnswered = refusal === NO_REFUSAL;
  const routes = isAnswered ? routesOf(own, undefined) : null;
  const hasTiming = isAnswered && own.serverTiming;
  return new HostChoice(site, own, isAnswered && !hasTiming && routes === null, hasTiming, '', 301, refusal, routes);
}

/** The routes of a site that are for this host, or null. */
function routesOf({ routes, kept }: SiteChoice, host: string | undefined): RouteTable | null {
  const own = routes.filter(({ hosts }) => hosts === undefined || (host !== undefined && hosts.includes(host)));
  return own.length === 0 ? null : new RouteTable(own, kept);
}

function choiceOf(site: SiteRules, kept: KeptSpaces): SiteChoice {
  const {
    redirects = [],
    rewrites = [],
    fields = '',
    notFound = '',
    preflight = '',
    serverTiming = false,
    handler = false,
    routes = [],
  } = site;
  return {
    rules: new PathRules([...redirects, ...rewrites.map((rule) => ({ ...rule, status: 0 }))]),
    fields,
    notFound: fields + notFound,
    preflight,
    serverTiming,
    rungs: handler ? filesThenHandler(kept) : FILES,
    routes,
    kept,
  };
}

function filesThenHandler(kept: KeptSpaces): Rungs {
  const { inMemory, onDisk, otherwise } = FILES_THEN_HANDLER;
  return new Rungs(inMemory, onDisk, otherwise, kept[''] ?? 0);
}

/** An IPv6 address has one spelling in the table: that of RFC 5952, which browsers send (WHATWG URL section 3.5). */
function canonicalHost(name: string): string {
  const literal = /^\[(.+)\]$/.exec(name)?.[1];
  return literal === undefined ? name : `[${IpAddress.parse(literal)}]`;
}
