/**
 * A lease as plain data: what threads tell each other, what the next process is handed, and what lies on disk. All of
 * it survives structured cloning and JSON. Times are of the wall clock, because each thread's clock has a start of its
 * own.
 */
import { MILLISECOND } from '../net/clock.js';
import { IpAddress, IpNetwork } from '../net/wire/address.js';
import type { HeldLease } from './client.js';
import type { Lease } from './lease.js';

/** A lease as plain data. @see {@link Snapshot} */
export interface LeaseRecord {
  /** Our address with the length of its network's prefix. */
  readonly network: string;
  readonly server: string;
  /** Networks and their routers. */
  readonly routes: readonly (readonly [network: string, router: string])[];
  readonly dnsServers: readonly string[];
  readonly domain: string;
  readonly mtu: number;
  /** Milliseconds since 1970: when we asked, when the server and when any server is asked again, and the end. */
  readonly since: number;
  /** Null: never. */
  readonly renewAt: number | null;
  readonly rebindAt: number | null;
  readonly expiresAt: number | null;
}

/** The present, by both clocks. */
export interface Present {
  /** The stack's clock, µs. */
  readonly now: number;
  /** Milliseconds since 1970. */
  readonly epochMs: number;
}

/** The lease as plain data. */
export function recordOf({ lease, since }: HeldLease, { now, epochMs }: Present): LeaseRecord {
  const sinceMs = Math.round(epochMs + (since - now) / MILLISECOND);
  const after = (seconds: number) => (seconds === Number.POSITIVE_INFINITY ? null : sinceMs + seconds * 1000);
  return {
    network: String(lease.network),
    server: String(lease.server),
    routes: lease.routes.map(({ network, router }) => [String(network), String(router)] as const),
    dnsServers: lease.dnsServers.map(String),
    domain: lease.domain,
    mtu: lease.mtu,
    since: sinceMs,
    renewAt: after(lease.renewSeconds),
    rebindAt: after(lease.rebindSeconds),
    expiresAt: after(lease.leaseSeconds),
  };
}

/** The opposite. @throws {RangeError} for a record that somebody has damaged */
export function heldOf(record: LeaseRecord, { now, epochMs }: Present): HeldLease {
  const seconds = (at: number | null) => (at === null ? Number.POSITIVE_INFINITY : (at - record.since) / 1000);
  const lease: Lease = {
    network: IpNetwork.parse(record.network),
    server: IpAddress.parse(record.server),
    routes: record.routes.map(([network, router]) => ({
      network: IpNetwork.parse(network),
      router: IpAddress.parse(router),
    })),
    dnsServers: record.dnsServers.map((text) => IpAddress.parse(text)),
    domain: record.domain,
    mtu: record.mtu,
    leaseSeconds: seconds(record.expiresAt),
    renewSeconds: seconds(record.renewAt),
    rebindSeconds: seconds(record.rebindAt),
  };
  return { lease, since: now + (record.since - epochMs) * MILLISECOND };
}

/**
 * The address of a record on disk, if its lease is not over yet; undefined for anything else that may lie there, also
 * for half a record.
 */
export function addressToAskFor(text: string, epochMs: number): IpAddress | undefined {
  try {
    const { network, expiresAt } = JSON.parse(text) as Partial<LeaseRecord>;
    if (typeof network !== 'string' || (expiresAt !== null && typeof expiresAt !== 'number')) return undefined;
    const { address } = IpNetwork.parse(network);
    return address.isV4 && (expiresAt === null || expiresAt > epochMs) ? address : undefined;
  } catch {
    return undefined;
  }
}
