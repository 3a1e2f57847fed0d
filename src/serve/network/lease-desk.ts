/**
 * What the main thread knows of the lease: it passes the first worker's news on to the others, keeps a file for the
 * next start, and says in words what has changed.
 */
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { LossReason } from '../../dhcp/client.js';
import type { LeaseRecord } from '../../dhcp/record.js';
import type { DhcpState } from '../../dhcp/states.js';
import type { LeaseNews } from '../worker/lease.js';

/** What people see of the lease. @see {@link Snapshot} */
export interface LeaseView {
  readonly state: DhcpState;
  /** Undefined: there is none at this moment. */
  readonly lease?: LeaseRecord | undefined;
}

/** Where the desk's words go. */
export interface DeskEvents {
  note(text: string): void;
  warn(text: string): void;
}

export class LeaseDesk {
  readonly #events: DeskEvents;
  #file: LeaseFile | undefined;
  /** Tells the workers but the first. */
  onNews: (lease: LeaseRecord | null) => void = () => {};
  #state: DhcpState = 'stopped';
  #lease: LeaseRecord | undefined;

  /** @param lease the lease that the start got */
  constructor(events: DeskEvents, lease: LeaseRecord | undefined, file: LeaseFile | undefined) {
    this.#events = events;
    this.#file = file;
    this.#lease = lease;
    if (lease !== undefined) file?.write(lease);
  }

  /** After a hand-over: the file is ours now. Undefined: this user cannot write there. */
  keepIn(file: LeaseFile | undefined): void {
    this.#file = file;
    if (this.#lease !== undefined) file?.write(this.#lease);
  }

  /** The workers have ended: nothing is written any more. */
  close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  get view(): LeaseView {
    return { state: this.#state, lease: this.#lease };
  }

  /** Takes what the first worker tells. */
  take({ state, lease, reason }: LeaseNews): void {
    const before = this.#lease;
    this.#state = state;
    this.#lease = lease ?? undefined;
    if (JSON.stringify(before) === JSON.stringify(this.#lease)) return;
    if (lease !== null) this.#file?.write(lease);
    else if (reason !== 'expired') this.#file?.clear();
    this.onNews(lease);
    if (lease !== null && isNews(before, lease)) this.#events.note(describeLease(lease));
    if (lease === null && before !== undefined && reason !== undefined && reason !== 'released') {
      this.#events.warn(describeLoss(before, reason));
    }
  }
}

/** A lease that was only extended is none. */
function isNews(before: LeaseRecord | undefined, { network, server, routes, mtu, dnsServers }: LeaseRecord): boolean {
  const of = (...what: unknown[]) => JSON.stringify(what);
  if (before === undefined) return true;
  return of(network, server, routes, mtu, dnsServers) !== of(...factsOf(before));
}

function factsOf({ network, server, routes, mtu, dnsServers }: LeaseRecord): unknown[] {
  return [network, server, routes, mtu, dnsServers];
}

/** `we are 192.168.1.50/24 now, leased from 192.168.1.1 until 14:03:22; router 192.168.1.1, DNS 192.168.1.1` */
export function describeLease(lease: LeaseRecord): string {
  return `we are ${lease.network} now, leased from ${lease.server} ${describeEnd(lease)}${describeNetwork(lease)}`;
}

/** What the server says of the network, with a semicolon in front; empty if it says nothing. */
export function describeNetwork({ routes, dnsServers, domain, mtu }: LeaseRecord): string {
  const parts = [
    ...routes.map(([network, router]) => (network === '0.0.0.0/0' ? `router ${router}` : `${network} by ${router}`)),
    ...(dnsServers.length > 0 ? [`DNS ${dnsServers.join(' ')}`] : []),
    ...(domain === '' ? [] : [`domain ${domain}`]),
    ...(mtu === 0 ? [] : [`MTU ${mtu}`]),
  ];
  return parts.length === 0 ? '' : `; ${parts.join(', ')}`;
}

/** `until 2026-11-30 14:03:22`, in UTC as all times of this server are; or `for ever`. */
export function describeEnd({ expiresAt }: Pick<LeaseRecord, 'expiresAt'>): string {
  return expiresAt === null ? 'for ever' : `until ${describeTime(expiresAt)}`;
}

/** `2026-11-30 14:03:22 UTC` */
export function describeTime(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

const REASONS: Readonly<Record<Exclude<LossReason, 'released'>, string>> = {
  expired: 'its lease is over, and no DHCP server has extended it',
  refused: 'a DHCP server has refused to extend its lease',
  conflict: 'another host uses it, which we have told the DHCP server',
};

function describeLoss({ network }: LeaseRecord, reason: Exclude<LossReason, 'released'>): string {
  return `we are ${network} no longer: ${REASONS[reason]}. Its connections have ended. We ask for another address`;
}

/**
 * The lease on disk, for a start after a crash: we ask for the same address again (RFC 2131, INIT-REBOOT). The file is
 * opened while we have the privileges for that, and stays open. It is a convenience, so nothing depends on it.
 */
export class LeaseFile {
  readonly #fd: number;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** What an earlier run has left there; empty: nothing. */
  static read(path: string): string {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return '';
    }
  }

  /** Undefined: this user cannot write there. */
  static open(path: string): LeaseFile | undefined {
    try {
      return new LeaseFile(openSync(path, 'w', 0o644));
    } catch {
      return undefined;
    }
  }

  write(lease: LeaseRecord): void {
    this.#replace(JSON.stringify(lease));
  }

  /** The address must not be asked for again. */
  clear(): void {
    this.#replace('');
  }

  close(): void {
    closeSync(this.#fd);
  }

  #replace(text: string): void {
    try {
      ftruncateSync(this.#fd, 0);
      writeSync(this.#fd, text, 0);
    } catch {
      // a full disk: the next start begins anew
    }
  }
}
