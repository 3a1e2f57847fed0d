/**
 * Who else claims one of our addresses, and what that proves. One object for each address of ours.
 *
 * RFC 5227 section 2.1.1 and RFC 4862 section 5.4.4 give an address up at the first frame that claims it. Anybody on
 * the link can forge one frame, and a server must not fall silent for it. So a claim is only a suspicion, and we probe
 * again. A host that really has the address answers every probe: a host that answers two of them is its holder. (A liar
 * who goes on answering can still keep us from starting. ARP and neighbour discovery have no defence against that.)
 *
 * Once the address is ours it stays ours. Then a claim is answered by an announcement, at most one in ten seconds
 * (RFC 5227 section 2.4 c), so that two hosts with the same address do not flood the link.
 */
import { type Clock, SECOND } from '../clock.js';
import { formatMac } from '../wire/address.js';

/** One host must answer this many probes to be the holder. */
export const PROOF = 2;
/** An answer comes within this time of the probe: PROBE_MIN of RFC 5227, RetransTimer of RFC 4861. */
const ANSWER_WINDOW = 1 * SECOND;
/** DEFEND_INTERVAL of RFC 5227 section 1.1. */
const DEFEND_INTERVAL = 10 * SECOND;
/** Hosts remembered: forged frames from many Ethernet addresses must not grow the table. The oldest goes. */
const MAX_RIVALS = 8;

interface Rival {
  answers: number;
  /** Which probe it answered last: a second answer to the same one proves nothing more. */
  answeredProbe: number;
}

export class AddressRivals {
  readonly #clock: Clock;
  readonly #rivals = new Map<string, Rival>();
  #probes = 0;
  #probedAt = Number.NEGATIVE_INFINITY;
  #defendedAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Probes sent so far. */
  get probes(): number {
    return this.#probes;
  }

  /** When the last probe was sent, µs; minus infinity before the first. */
  get probedAt(): number {
    return this.#probedAt;
  }

  /** We have just sent a probe. */
  probed(): void {
    this.#probes++;
    this.#probedAt = this.#clock.now;
  }

  /**
   * The host with the Ethernet address at `macAt` claims the address. Returns how many of our probes it has answered.
   */
  claimed(bytes: Uint8Array, macAt: number): number {
    const rival = this.#rival(formatMac(bytes, macAt));
    const isAnswer = this.#clock.now - this.#probedAt <= ANSWER_WINDOW;
    if (isAnswer && rival.answeredProbe !== this.#probes) {
      rival.answeredProbe = this.#probes;
      rival.answers++;
    }
    return rival.answers;
  }

  /** True if the address may be announced against a claim now; the next time is ten seconds later. */
  mayDefend(): boolean {
    if (this.#clock.now - this.#defendedAt < DEFEND_INTERVAL) return false;
    this.#defendedAt = this.#clock.now;
    return true;
  }

  #rival(mac: string): Rival {
    const known = this.#rivals.get(mac);
    if (known !== undefined) return known;
    if (this.#rivals.size >= MAX_RIVALS) {
      for (const oldest of this.#rivals.keys()) {
        this.#rivals.delete(oldest);
        break;
      }
    }
    const rival = { answers: 0, answeredProbe: 0 };
    this.#rivals.set(mac, rival);
    return rival;
  }
}
