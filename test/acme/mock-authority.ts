/**
 * A mock of an ACME authority (RFC 8555), for tests: directory, nonces, accounts, orders, http-01, certificates. It
 * checks every signature and nonce, and it really fetches the answer to a challenge, with the `fetch` that the test
 * gives it. It is no authority: nobody trusts it, and it knows one kind of key (P-256).
 */
import { createHash, createPublicKey, verify, webcrypto } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pkcs10CertificateRequest, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 86_400_000;

interface Jwk {
  readonly crv: string;
  readonly kty: string;
  readonly x: string;
  readonly y: string;
}

interface Order {
  readonly names: readonly string[];
  readonly account: string;
  status: 'pending' | 'ready' | 'valid' | 'invalid';
  certificate?: string;
}

interface Signed {
  readonly url: string;
  readonly account: string;
  readonly jwk: Jwk;
  readonly payload: Record<string, unknown>;
}

/** Fetches what a host has at a path of port 80; the body of a 200. @throws {Error} for everything else */
export type FetchChallenge = (host: string, path: string) => Promise<string>;

class Problem extends Error {
  constructor(
    readonly type: string,
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }
}

const encode = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64url');
const decode = (text: unknown) => Buffer.from(String(text), 'base64url');

export class MockAuthority {
  readonly #server: Server;
  readonly #fetch: FetchChallenge;
  readonly #nonces = new Set<string>();
  readonly #accounts = new Map<string, Jwk>();
  readonly #orders: Order[] = [];
  /** By order and place of the name: whether it was proved. */
  readonly #proofs = new Map<string, 'pending' | 'valid' | 'invalid'>();
  #issuer: webcrypto.CryptoKeyPair | undefined;
  /** How long its certificates hold, days. */
  days = 90;
  /** Every request that is signed is refused. */
  isDown = false;
  contacts: unknown[] = [];
  issued = 0;

  constructor(fetchChallenge: FetchChallenge) {
    this.#fetch = fetchChallenge;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  async listen(): Promise<this> {
    this.#issuer = (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  get #base(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get directory(): string {
    return `${this.#base}/directory`;
  }

  get accounts(): number {
    return this.#accounts.size;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const nonce = encode(webcrypto.getRandomValues(new Uint8Array(12)));
    this.#nonces.add(nonce);
    response.setHeader('Replay-Nonce', nonce);
    try {
      if (this.isDown && request.method === 'POST') throw new Problem('serverInternal', 'the mock is down', 403);
      await this.#route(request, response);
    } catch (error) {
      const { type = 'serverInternal', status = 500, message } = error as Problem;
      response.writeHead(status, { 'Content-Type': 'application/problem+json' });
      response.end(JSON.stringify({ type: `urn:ietf:params:acme:error:${type}`, detail: message }));
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '' } = request;
    if (method === 'GET' && url === '/directory') this.#sendDirectory(response);
    else if (method === 'HEAD' || method === 'GET') response.end();
    else {
      const signed = await this.#readSigned(request);
      const [, kind, number = '0', place = '0'] = url.split('/');
      const order = this.#orders[Number(number)];
      if (kind === 'account') this.#newAccount(response, signed);
      else if (kind === 'order' && number === 'new') this.#newOrder(response, signed);
      else if (order === undefined || order.account !== signed.account)
        throw new Problem('malformed', 'whose order?', 404);
      else if (kind === 'order') this.#sendOrder(response, order);
      else if (kind === 'proof') this.#sendProof(response, order, Number(place));
      else if (kind === 'challenge') await this.#check(response, order, Number(place), signed);
      else if (kind === 'finalize') await this.#finalize(response, order, signed);
      else if (kind === 'certificate') response.end(order.certificate);
      else throw new Problem('malformed', `there is no ${url}`, 404);
    }
  }

  #sendDirectory(response: ServerResponse): void {
    const base = this.#base;
    const own = { newNonce: `${base}/nonce`, newAccount: `${base}/account`, newOrder: `${base}/order/new` };
    response.end(JSON.stringify({ ...own, meta: { termsOfService: `${base}/terms` } }));
  }

  async #readSigned(request: IncomingMessage): Promise<Signed> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const jws = JSON.parse(Buffer.concat(chunks).toString()) as Record<'protected' | 'payload' | 'signature', string>;
    const head = JSON.parse(decode(jws.protected).toString()) as Record<'alg' | 'nonce' | 'url' | 'kid', string> & {
      jwk?: Jwk;
    };
    const account = head.kid ?? '';
    const jwk = head.jwk ?? this.#accounts.get(account);
    if (jwk === undefined) throw new Problem('accountDoesNotExist', 'there is no such account');
    if (!this.#nonces.delete(head.nonce)) throw new Problem('badNonce', 'this nonce was used or never given');
    if (head.url !== `${this.#base}${request.url}`) throw new Problem('unauthorized', 'the URL was not signed');
    const key = { key: createPublicKey({ key: jwk as never, format: 'jwk' }), dsaEncoding: 'ieee-p1363' as const };
    const text = Buffer.from(`${jws.protected}.${jws.payload}`);
    if (head.alg !== 'ES256' || !verify('sha256', text, key, decode(jws.signature))) {
      throw new Problem('malformed', 'the signature is wrong');
    }
    const payload = jws.payload === '' ? {} : (JSON.parse(decode(jws.payload).toString()) as Record<string, unknown>);
    return { url: request.url ?? '', account, jwk, payload };
  }

  #newAccount(response: ServerResponse, { jwk, payload }: Signed): void {
    if (payload.termsOfServiceAgreed !== true) throw new Problem('userActionRequired', 'agree to the terms', 403);
    const place = `${this.#base}/account/${thumbprint(jwk)}`;
    const isKnown = this.#accounts.has(place);
    this.#accounts.set(place, jwk);
    this.contacts = payload.contact as unknown[];
    response.writeHead(isKnown ? 200 : 201, { Location: place });
    response.end(JSON.stringify({ status: 'valid', contact: payload.contact }));
  }

  #newOrder(response: ServerResponse, { account, payload }: Signed): void {
    const names = (payload.identifiers as { value: string }[]).map(({ value }) => value);
    const number = this.#orders.push({ names, account, status: 'pending' }) - 1;
    for (const place of names.keys()) this.#proofs.set(`${number}/${place}`, 'pending');
    response.writeHead(201, { Location: `${this.#base}/order/${number}` });
    response.end(this.#orderText(number));
  }

  #orderText(number: number): string {
    const { names, status, certificate } = this.#orders[number]!;
    const base = this.#base;
    return JSON.stringify({
      status,
      identifiers: names.map((value) => ({ type: 'dns', value })),
      authorizations: names.map((_, place) => `${base}/proof/${number}/${place}`),
      finalize: `${base}/finalize/${number}`,
      ...(certificate !== undefined && { certificate: `${base}/certificate/${number}` }),
    });
  }

  #sendOrder(response: ServerResponse, order: Order): void {
    response.setHeader('Location', `${this.#base}/order/${this.#orders.indexOf(order)}`);
    response.end(this.#orderText(this.#orders.indexOf(order)));
  }

  #sendProof(response: ServerResponse, order: Order, place: number): void {
    const number = this.#orders.indexOf(order);
    const status = this.#proofs.get(`${number}/${place}`);
    response.end(
      JSON.stringify({
        status,
        identifier: { type: 'dns', value: order.names[place] },
        challenges: [this.#challenge(number, place)],
      }),
    );
  }

  #challenge(number: number, place: number) {
    const status = this.#proofs.get(`${number}/${place}`);
    return {
      type: 'http-01',
      status,
      url: `${this.#base}/challenge/${number}/${place}`,
      token: tokenOf(number, place),
    };
  }

  /** Fetches the answer as an authority does, and compares it with what only the account's owner can know. */
  async #check(response: ServerResponse, order: Order, place: number, { jwk }: Signed): Promise<void> {
    const number = this.#orders.indexOf(order);
    const token = tokenOf(number, place);
    const path = `/.well-known/acme-challenge/${token}`;
    const answer = await this.#fetch(order.names[place] ?? '', path).catch((error: Error) => error.message);
    const isRight = answer.trimEnd() === `${token}.${thumbprint(jwk)}`;
    this.#proofs.set(`${number}/${place}`, isRight ? 'valid' : 'invalid');
    const all = order.names.map((_, each) => this.#proofs.get(`${number}/${each}`));
    if (all.includes('invalid')) order.status = 'invalid';
    else if (all.every((each) => each === 'valid')) order.status = 'ready';
    response.end(JSON.stringify(this.#challenge(number, place)));
  }

  async #finalize(response: ServerResponse, order: Order, { payload }: Signed): Promise<void> {
    if (order.status !== 'ready') throw new Problem('orderNotReady', 'its names are not proved', 403);
    const request = new Pkcs10CertificateRequest(decode(payload.csr));
    const found = request.getExtension('2.5.29.17');
    const alternatives = found === null ? [] : new SubjectAlternativeNameExtension(found.rawData).names.items;
    const names = alternatives.map(({ value }) => value);
    if (!(await request.verify(webcrypto))) throw new Problem('badCSR', 'the request is not signed');
    if (names.toSorted().join() !== order.names.toSorted().join()) throw new Problem('badCSR', `names: ${names}`);
    const now = Date.now();
    const certificate = await X509CertificateGenerator.create(
      {
        subject: request.subject,
        issuer: 'CN=mock authority',
        notBefore: new Date(now - DAY_MS),
        notAfter: new Date(now + this.days * DAY_MS),
        publicKey: request.publicKey,
        signingKey: this.#issuer!.privateKey,
        signingAlgorithm: ALGORITHM,
        extensions: [new SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns' as const, value })))],
      },
      webcrypto,
    );
    order.certificate = certificate.toString('pem');
    order.status = 'valid';
    this.issued++;
    this.#sendOrder(response, order);
  }
}

/** RFC 7638 section 3: the members in this order. */
function thumbprint({ crv, kty, x, y }: Jwk): string {
  return encode(createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest());
}

function tokenOf(number: number, place: number): string {
  return encode(`token ${number} ${place} of the mock`);
}
