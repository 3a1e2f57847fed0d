/**
 * Keeps certificates: asks for those that are not there, and for a new one before one expires. A failure is told in one
 * line, and tried again later; the old certificate goes on meanwhile. One is asked for at a time.
 */
import { X509Certificate } from 'node:crypto';
import type { Authority } from './authority.js';
import type { AcmeFolder } from './folder.js';
import type { WantedCertificate } from './options.js';
import { untilRenewal, untilRetry, type Validity } from './schedule.js';

/** Time and chance. */
export interface KeeperClock {
  /** Ms since 1970. */
  now(): number;
  /** From 0 to 1. */
  random(): number;
  /** Calls back after so many ms; the returned function calls it off. */
  later(ms: number, call: () => void): () => void;
}

export interface KeeperEvents {
  note(text: string): void;
  warn(text: string): void;
}

/** Node's timers end at 24 days; a machine that slept looks again soon, too. */
const LONGEST_WAIT_MS = 86_400_000;

export const SYSTEM_CLOCK: KeeperClock = {
  now: () => Date.now(),
  random: () => Math.random(),
  later: (ms, call) => {
    const timer = setTimeout(call, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

export class CertificateKeeper {
  readonly #folder: AcmeFolder;
  readonly #authority: Authority;
  readonly #events: KeeperEvents;
  readonly #clock: KeeperClock;
  /** How much earlier than others this server asks. */
  readonly #chance: number;
  readonly #cancels = new Map<string, () => void>();
  /** The last of those that wait for their turn. */
  #turn: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(folder: AcmeFolder, authority: Authority, events: KeeperEvents, clock = SYSTEM_CLOCK) {
    this.#folder = folder;
    this.#authority = authority;
    this.#events = events;
    this.#clock = clock;
    this.#chance = clock.random();
  }

  /** Keeps these, in place of those before. */
  keep(wanted: readonly WantedCertificate[]): void {
    for (const cancel of this.#cancels.values()) cancel();
    this.#cancels.clear();
    for (const each of wanted) this.#look(each, 0);
  }

  /** What is under way is not waited for. */
  close(): void {
    this.#isClosed = true;
    for (const cancel of this.#cancels.values()) cancel();
    this.#cancels.clear();
  }

  /** Fulfilled when nothing is asked for any more that is due now. */
  async settled(): Promise<void> {
    await this.#turn;
  }

  #look(wanted: WantedCertificate, failures: number): void {
    const wait = this.#waitFor(wanted);
    if (wait > 0) this.#later(wanted, Math.min(wait, LONGEST_WAIT_MS), () => this.#look(wanted, 0));
    else this.#turn = this.#turn.then(() => this.#ask(wanted, failures));
  }

  #waitFor({ names }: WantedCertificate): number {
    const validity = validityOf(this.#folder.certificate(names[0]), names);
    return validity === undefined ? 0 : untilRenewal(validity, this.#clock.now(), this.#chance);
  }

  async #ask(wanted: WantedCertificate, failures: number): Promise<void> {
    if (this.#isClosed) return;
    const { names } = wanted;
    try {
      const { cert, key } = await this.#authority.certify(names);
      this.#folder.keep(names[0], cert, key);
      this.#events.note(`there is a new certificate for ${names.join(', ')}`);
      // One that is due again at once, or has other names, is used all the same, and looked at tomorrow.
      const wait = this.#waitFor(wanted) || LONGEST_WAIT_MS;
      this.#later(wanted, Math.min(wait, LONGEST_WAIT_MS), () => this.#look(wanted, 0));
    } catch (error) {
      this.#failed(wanted, failures + 1, error);
    }
  }

  #failed(wanted: WantedCertificate, failures: number, error: unknown): void {
    const wait = untilRetry(failures, this.#clock.random());
    const reason = oneLine(error);
    const minutes = Math.round(wait / 60_000);
    this.#events.warn(
      `no certificate for ${wanted.names.join(', ')} yet: ${reason}; the next try is in ${minutes} minutes`,
    );
    this.#later(wanted, wait, () => this.#look(wanted, failures));
  }

  #later({ names }: WantedCertificate, ms: number, call: () => void): void {
    if (this.#isClosed) return;
    this.#cancels.set(names[0], this.#clock.later(ms, call));
  }
}

function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ').trim();
}

/** How long the certificate holds; undefined: there is none, it has not all of the names, or nobody vouches for it. */
export function validityOf(pem: string | undefined, names: readonly string[]): Validity | undefined {
  if (pem === undefined) return undefined;
  try {
    const certificate = new X509Certificate(pem);
    const isSelfSigned = certificate.subject === certificate.issuer;
    const hasAll = names.every((name) => certificate.checkHost(name) !== undefined);
    if (isSelfSigned || !hasAll) return undefined;
    return { notBefore: Date.parse(certificate.validFrom), notAfter: Date.parse(certificate.validTo) };
  } catch {
    return undefined; // a file that is no certificate is replaced
  }
}
