/** The options of the DNS module: `modules: [{ use: dns, options: … }]`. docs/dns.md lists them. */
import type { z as zod } from 'zod';
import { IpAddress, IpNetwork } from '../net/wire/address.js';
import { zoneName } from './load.js';
import { DEFAULT_RATE_LIMITS } from './server/rate-limit.js';
import {
  DEFAULT_CONNECTIONS,
  DEFAULT_CONNECTIONS_PER_CLIENT,
  DEFAULT_IDLE_SECONDS,
  DEFAULT_PAYLOAD_BYTES,
  type DnsSettings,
} from './server/settings.js';

/** A zone and who may have it. */
export interface ZoneOptions {
  /** `example.org` */
  readonly zone: string;
  /** Its master file. */
  readonly file: string;
  /** Networks or addresses that may transfer it. */
  readonly transfer: readonly string[];
  /** Servers that are told when it has changed: `192.0.2.1`, `192.0.2.1:5353` or `[2001:db8::1]:5353`. */
  readonly notify: readonly string[];
}

/** All options, checked, with their defaults. Plain data. */
export interface DnsOptions {
  readonly port: number;
  /** Where relative file names begin. */
  readonly folder: string;
  readonly zones: readonly ZoneOptions[];
  /** Whether changed zone files are noticed. SIGHUP always looks at them. */
  readonly watch: boolean;
  readonly payload: number;
  readonly rateLimit: { readonly responses: number; readonly slip: number; readonly excess: number };
  readonly cookieSecret: string;
  readonly version?: string | undefined;
  readonly identity?: string | undefined;
  readonly connections: number;
  readonly connectionsPerClient: number;
  readonly idle: number;
}

/** The schema, made with the caller's zod. */
export function dnsSchema(z: typeof zod): zod.ZodType<DnsOptions> {
  const count = (least: number, most: number, value: number) => z.int().min(least).max(most).default(value);
  const words = z.string().regex(/^[\x20-\x7e]*$/, { error: 'must be printable ASCII' });
  const zone = z.strictObject({
    zone: z.string().refine(isName, { error: 'must be a name, such as example.org' }),
    file: z.string().min(1),
    transfer: z
      .array(z.string().refine(isNetwork, { error: 'must be an address or a network, 192.0.2.0/24' }))
      .default([]),
    notify: z.array(z.string().refine(isEndpoint, { error: 'must be an address, or one with a port' })).default([]),
  });
  const { responsesPerSecond, slip, excessBytesPerSecond } = DEFAULT_RATE_LIMITS;
  const rateLimit = z.strictObject({
    responses: count(0, 1_000_000, responsesPerSecond),
    slip: count(0, 100, slip),
    excess: count(0, 2 ** 31 - 1, excessBytesPerSecond),
  });
  return z.strictObject({
    port: count(1, 65_535, 53),
    folder: z.string().default('.'),
    zones: z.array(zone).min(1).refine(areDifferent, { error: 'a zone is there twice' }),
    watch: z.boolean().default(true),
    payload: count(512, 4096, DEFAULT_PAYLOAD_BYTES),
    rateLimit: rateLimit.prefault({}),
    cookieSecret: z
      .string()
      .regex(/^[0-9a-f]{32}$/i, { error: 'must be 32 hexadecimal digits' })
      .default(randomSecret),
    version: words.max(255).optional(),
    identity: words.max(64).optional(),
    connections: count(1, 100_000, DEFAULT_CONNECTIONS),
    connectionsPerClient: count(1, 100_000, DEFAULT_CONNECTIONS_PER_CLIENT),
    idle: count(1, 3600, DEFAULT_IDLE_SECONDS),
  });
}

/** What a worker needs of the options. */
export function settingsOf(options: DnsOptions): DnsSettings {
  const { payload, rateLimit, cookieSecret, version, identity, connections, connectionsPerClient, idle } = options;
  return {
    payloadBytes: payload,
    rateLimits: {
      responsesPerSecond: rateLimit.responses,
      slip: rateLimit.slip,
      excessBytesPerSecond: rateLimit.excess,
    },
    cookieSecret: Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(cookieSecret.slice(2 * i, 2 * i + 2), 16)),
    transfers: options.zones
      .filter(({ transfer }) => transfer.length > 0)
      .map(({ zone, transfer }) => ({ zone: zoneName(zone), networks: transfer.map(asNetwork) })),
    version,
    identity,
    connections,
    connectionsPerClient,
    idleSeconds: idle,
  };
}

/** An address and a port, from `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1` or `[2001:db8::1]:5353`. */
export function endpointOf(text: string): { readonly address: string; readonly port: number } | undefined {
  const found = /^\[([0-9a-f:.]+)\](?::(\d{1,5}))?$/i.exec(text) ?? /^([0-9.]+)(?::(\d{1,5}))?$/.exec(text);
  const address = found?.[1] ?? text;
  const port = Number(found?.[2] ?? 53);
  return isAddress(address) && port > 0 && port <= 0xffff ? { address, port } : undefined;
}

function randomSecret(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function asNetwork(text: string): string {
  return text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`;
}

function isName(text: string): boolean {
  return succeeds(() => zoneName(text));
}

function isAddress(text: string): boolean {
  return succeeds(() => IpAddress.parse(text));
}

function isNetwork(text: string): boolean {
  return succeeds(() => IpNetwork.parse(asNetwork(text)));
}

function isEndpoint(text: string): boolean {
  return endpointOf(text) !== undefined;
}

function areDifferent(zones: readonly { readonly zone: string }[]): boolean {
  return new Set(zones.map(({ zone }) => zone.toLowerCase().replace(/\.$/, ''))).size === zones.length;
}

function succeeds(action: () => unknown): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}
