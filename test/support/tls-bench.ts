/** TLS in front of a small site, over the loopback interface of this machine. */
import { randomBytes } from 'node:crypto';
import { type AddressInfo, createServer, type Server } from 'node:net';
import type { Store } from '../../src/cache/library/store.js';
import { createHttpAcceptor, DerivedWallClock, type HttpOptions, HttpStatistics } from '../../src/http/index.js';
import { Clock } from '../../src/net/clock.js';
import { IpAddress } from '../../src/net/wire/address.js';
import { type Credential, checkCertificate } from '../../src/tls/certificate.js';
import { MODERN_CIPHERS, type TlsSettings, TlsStatistics } from '../../src/tls/settings.js';
import { type TerminatorParts, TlsTerminator } from '../../src/tls/terminator.js';
import { makeCertificateFor } from './certificate.js';

const LOOPBACK = IpAddress.parse('127.0.0.1');

/** A fresh certificate for these names, DNS names without a prefix. */
export function credentialOf(...names: string[]): Credential {
  const made = makeCertificateFor(names.map((name) => (/^[\d.]+$/.test(name) ? `IP:${name}` : `DNS:${name}`)));
  if (made === undefined) throw new Error('openssl is not installed');
  return checkCertificate(made.cert, made.key, { certificate: 'cert.pem', key: 'key.pem' }, Date.now()).credential;
}

export function settingsOf(...credentials: Credential[]): TlsSettings {
  return { credentials, minVersion: '1.2', ciphers: MODERN_CIPHERS, http2: true };
}

type Times = Pick<TerminatorParts, 'halfClosedMs' | 'idleSessionMs'>;

export class TlsBench {
  readonly clock = new Clock();
  readonly statistics = new TlsStatistics();
  readonly http = new HttpStatistics();
  readonly terminator: TlsTerminator;
  port = 0;
  readonly #server: Server;

  constructor(
    store: Store,
    settings: TlsSettings,
    more: Partial<HttpOptions> = {},
    ticketKeys = randomBytes(48),
    times: Times = {},
  ) {
    const { clock, statistics } = this;
    const started = performance.now();
    const tick = () => {
      clock.now = Math.round((performance.now() - started) * 1000);
    };
    const wallClock = new DerivedWallClock(clock, Date.now());
    const accept = createHttpAcceptor({ store, clock, wallClock, statistics: this.http, ...more });
    this.terminator = new TlsTerminator({ settings, statistics, accept, tick, ticketKeys, ...times });
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      const remotePort = socket.remotePort ?? 0;
      const addresses = { localAddress: LOOPBACK, localPort: this.port, remoteAddress: LOOPBACK, remotePort };
      this.terminator.take(socket, addresses);
    });
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  async close(): Promise<void> {
    this.terminator.abort();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
