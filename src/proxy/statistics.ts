/** What is counted for each server of an upstream. Plain numbers whose keys stay, so that they can be published. */

/** The counters of one server of an upstream. @see {@link Snapshot} */
export interface ServerStatistics {
  /** Attempts: requests that were given to this server, retries included. */
  requests: number;
  /** Attempts that were another server's failure before. */
  retries: number;
  /** Answers that went to clients, by class of status. */
  informational: number;
  success: number;
  redirection: number;
  clientErrors: number;
  serverErrors: number;
  /** Attempts that failed, by reason. */
  connectFailures: number;
  resets: number;
  timeouts: number;
  badAnswers: number;
  /** Answers 502, 503 and 504 that were tried once more elsewhere. */
  unavailable: number;
  /** Attempts whose client went away. */
  abandoned: number;
  /** Connections that became something else by Upgrade. */
  upgrades: number;
  /** Attempts under way now, and connections that are something else by now. */
  active: number;
  tunnels: number;
  /** 1: up; 0.5: paused; 0: down. */
  health: number;
  checks: number;
  failedChecks: number;
  /** From the beginning of the attempt to the head of its answer, added up, ms; and of how many. */
  headMs: number;
  heads: number;
  /** Bodies. */
  bytesSent: number;
  bytesReceived: number;
}

/** Counters of a server, all 0. */
export function newServerStatistics(): ServerStatistics {
  return {
    requests: 0,
    retries: 0,
    informational: 0,
    success: 0,
    redirection: 0,
    clientErrors: 0,
    serverErrors: 0,
    connectFailures: 0,
    resets: 0,
    timeouts: 0,
    badAnswers: 0,
    unavailable: 0,
    abandoned: 0,
    upgrades: 0,
    active: 0,
    tunnels: 0,
    health: 1,
    checks: 0,
    failedChecks: 0,
    headMs: 0,
    heads: 0,
    bytesSent: 0,
    bytesReceived: 0,
  };
}

/** What is counted for an upstream as a whole. @see {@link Snapshot} */
export interface UpstreamStatistics {
  requests: number;
  /** Requests that waited because every server had as many as it may. */
  queued: number;
  /** Requests that wait now. */
  waiting: number;
  /** Requests that got an answer of our own instead of the upstream's: 502, 503, 504. */
  badGateway: number;
  unavailable: number;
  gatewayTimeouts: number;
  /** Requests that were refused because they cannot be forwarded. */
  refused: number;
  /** Answers that ended before their time, after their head had been sent. */
  broken: number;
  /** Retries that did not happen, because too many of the last requests were retries. */
  retriesWithheld: number;
}

/** Counters of an upstream, all 0. */
export function newUpstreamStatistics(): UpstreamStatistics {
  return {
    requests: 0,
    queued: 0,
    waiting: 0,
    badGateway: 0,
    unavailable: 0,
    gatewayTimeouts: 0,
    refused: 0,
    broken: 0,
    retriesWithheld: 0,
  };
}

/** The counters of an upstream and of its servers at one moment, as plain data. @see {@link Snapshot} */
export interface UpstreamReading {
  readonly name: string;
  readonly counters: UpstreamStatistics;
  readonly servers: readonly { readonly url: string; readonly counters: ServerStatistics }[];
}
