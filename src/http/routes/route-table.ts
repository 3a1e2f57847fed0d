/**
 * The routes of one host, compiled: from path and method to the rungs of the ladder. The first route that fits counts.
 *
 * The octets in front of the first wildcard of each route form a tree. One walk along the path meets all routes that
 * can fit, however many there are, and only those compare the rest of the path and the method. Nothing is allocated.
 *
 *     /api/          /            routes whose prefix ends at a node stand there
 *     /api/old/*     └ api/ ●──── old/ ●
 *     /*.png         ●
 */

import { sameBytes } from '../../net/wire/bytes.js';
import { latin1Bytes } from '../../net/wire/latin1.js';
import { ascii, SLASH } from '../grammar/grammar.js';
import { Glob } from './glob.js';
import type { KeptSpaces } from './kept-names.js';
import { type Route, type Rungs, rungsOf } from './route.js';

/** Routes of one site at most: the configuration refuses more. Each costs some hundred bytes in every worker. */
export const MOST_ROUTES = 1_000;

const GET_NAME = ascii('GET');
const HEAD_NAME = ascii('HEAD');

/** One route, ready for use. */
class CompiledRoute {
  constructor(
    /** Its place among all. */
    readonly place: number,
    readonly rungs: Rungs,
    readonly glob: Glob,
    /** Names of methods; null: all. */
    readonly methods: readonly Uint8Array[] | null,
  ) {}

  /** Whether it is for the method `bytes[from, to)`. */
  takes(bytes: Uint8Array, from: number, to: number): boolean {
    const { methods } = this;
    if (methods === null) return true;
    for (let i = 0; i < methods.length; i++) {
      const name = methods[i]!;
      if (name.length === to - from && sameBytes(bytes, from, name, 0, name.length)) return true;
    }
    return false;
  }
}

/** A place in the tree: all prefixes that begin with the octets on the way to it. */
class Node {
  readonly routes: CompiledRoute[] = [];
  readonly children: Node[] = [];

  constructor(readonly octet: number) {}

  child(octet: number): Node | null {
    const { children } = this;
    for (let i = 0; i < children.length; i++) if (children[i]!.octet === octet) return children[i]!;
    return null;
  }

  add(octet: number): Node {
    const child = this.child(octet) ?? new Node(octet);
    if (!this.children.includes(child)) this.children.push(child);
    return child;
  }
}

/** What a table looks for: the method of a request, as it lies there. */
export interface RoutedRequest {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly methodTo: number;
}

export class RouteTable {
  readonly #root = new Node(0);

  /** @throws {RangeError} for a route that cannot be. */
  constructor(routes: readonly Route[], kept: KeptSpaces = {}) {
    for (const [place, route] of routes.entries()) this.#add(place, route, rungsOf(route, kept));
  }

  /**
   * The rungs for a request whose path has the normal form `path[from, to)`; null if no route fits.
   */
  find(request: RoutedRequest, path: Uint8Array, from: number, to: number): Rungs | null {
    let found: CompiledRoute | null = null;
    let node: Node | null = this.#root;
    for (let at = from; node !== null; at++) {
      const { routes } = node as Node;
      for (let i = 0; i < routes.length; i++) {
        const route = routes[i]!;
        if (found !== null && found.place < route.place) break;
        if (!route.takes(request.bytes, request.from, request.methodTo) || !route.glob.fits(path, at, to)) continue;
        found = route;
        break;
      }
      node = at < to ? (node as Node).child(path[at]!) : null;
    }
    return found === null ? null : found.rungs;
  }

  #add(place: number, route: Route, rungs: Rungs): void {
    const { path, methods } = route;
    if (!path.startsWith('/')) throw new RangeError(`the path of a route begins with "/": ${path}`);
    const octets = latin1Bytes(String.fromCharCode(...new TextEncoder().encode(path)));
    const isFolder = octets.at(-1) === SLASH;
    const glob = new Glob(isFolder ? Uint8Array.of(...octets, ...ascii('**')) : octets);
    const names = methods?.map(ascii) ?? null;
    const isGet = names?.some((name) => name.length === GET_NAME.length && sameBytes(name, 0, GET_NAME, 0, 3)) === true;
    if (isGet) names?.push(HEAD_NAME);
    const node = glob.prefix.reduce((parent, octet) => parent.add(octet), this.#root);
    node.routes.push(new CompiledRoute(place, rungs, glob, names));
  }
}
