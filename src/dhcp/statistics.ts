/** Counters of the DHCP client. Each message that is dropped ends in exactly one counter that says why. */
export class DhcpStatistics {
  discoversSent = 0;
  requestsSent = 0;
  declinesSent = 0;
  releasesSent = 0;
  /** The stack had no way to send: no route, device full. */
  sendFailures = 0;
  offersReceived = 0;
  acksReceived = 0;
  naksReceived = 0;
  /** Too short, options that do not fit, no message type. */
  malformed = 0;
  /** For another client or an earlier transaction. Everybody hears what a server broadcasts. */
  notOurs = 0;
  /** An offer without a usable lease, an answer from another server than was asked, or one that nobody asked for. */
  unusable = 0;
  /** Leases got, and those of them that came by RENEWING and REBINDING. */
  bound = 0;
  renewed = 0;
  rebound = 0;
  /** Leases lost, by what took them. */
  expired = 0;
  refused = 0;
  conflicts = 0;
}
