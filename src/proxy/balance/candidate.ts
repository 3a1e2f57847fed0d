/** A server as the balancers see it. */
export interface Candidate {
  /** It stays the same when other servers come and go. */
  readonly id: string;
  /** Its share compared with the others, a slow start taken into account. Above 0. */
  readonly weight: number;
  /** Requests that it has now. */
  readonly active: number;
  /** What round robin remembers. */
  credit: number;
}
