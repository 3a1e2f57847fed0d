/**
 * Counters of the internet layer, by protocol: plain numbers for people, tests and `fastpath status`. Each frame that
 * is dropped ends in exactly one counter that says why.
 *
 * @example
 * ```ts
 * import type { Stack } from 'fastpath';
 *
 * declare const stack: Stack;
 * const { arp, ip } = stack.statistics.internet;
 * console.log(`${ip.received} packets, ${ip.badChecksum} damaged; ${arp.requestsSent} ARP requests`);
 * ```
 */
export class InternetStatistics {
  readonly ethernet = {
    received: 0,
    sent: 0,
    /** The device did not take a frame. */
    sendFailures: 0,
    /** Shorter than a header. */
    short: 0,
    /** For another host's address. */
    notForUs: 0,
    /** Tagged for another virtual LAN, or without the tag of ours (IEEE 802.1Q). */
    otherVlan: 0,
    /** An EtherType that we do not know. */
    unknownType: 0,
  };
  readonly arp = {
    requestsReceived: 0,
    repliesReceived: 0,
    requestsSent: 0,
    repliesSent: 0,
    probesSent: 0,
    announcementsSent: 0,
    malformed: 0,
    /** Claims by other hosts to one of our addresses (RFC 5227 section 2.4). */
    conflicts: 0,
    /** Announcements against such a claim, at most one in ten seconds for each address. */
    defenses: 0,
    /** A neighbour did not answer. */
    unresolved: 0,
  };
  readonly ip = {
    received: 0,
    delivered: 0,
    sent: 0,
    /** Version, header length or total length wrong (RFC 1122 section 3.2.1.1). */
    malformed: 0,
    badChecksum: 0,
    /** A destination that is not ours: dropped, never forwarded. */
    notForUs: 0,
    /** A source that no host can have (RFC 1122 section 3.2.1.3). */
    badSource: 0,
    /** A unicast destination inside a broadcast frame (RFC 1122 section 3.3.6). */
    unicastInBroadcast: 0,
    badOptions: 0,
    unknownProtocol: 0,
    /** Packets not sent, or not answered, because there is no way to their destination: no gateway, most often. */
    noRoute: 0,
    /** Larger than the path takes and not to be fragmented. */
    tooBig: 0,
    fragmentsSent: 0,
    /** Frames dropped while waiting for a neighbour. */
    pendingDropped: 0,
  };
  readonly reassembly = {
    fragmentsReceived: 0,
    completed: 0,
    timedOut: 0,
    /** Fragments that overlap, contradict each other or go past 65,535 bytes. */
    invalid: 0,
    /** Given up to stay within the memory bound. */
    evicted: 0,
  };
  readonly icmp = {
    received: 0,
    badChecksum: 0,
    malformed: 0,
    unknownType: 0,
    echoesAnswered: 0,
    errorsReceived: 0,
    /** Errors about something that we never sent. */
    errorsIgnored: 0,
    errorsSent: 0,
    /** Errors not sent, or echoes not answered, because of the rate limit. */
    rateLimited: 0,
    redirectsFollowed: 0,
    redirectsIgnored: 0,
  };
  readonly ndp = {
    solicitationsReceived: 0,
    advertisementsReceived: 0,
    routerAdvertisementsReceived: 0,
    solicitationsSent: 0,
    advertisementsSent: 0,
    routerSolicitationsSent: 0,
    malformed: 0,
    /** Claims by other nodes to one of our addresses (RFC 4862 section 5.4). */
    duplicateAddresses: 0,
    /** Announcements against such a claim, at most one in ten seconds for each address. */
    defenses: 0,
    /** Probes of ours that the link sent back to us (RFC 7527). */
    loopedBack: 0,
    /** A neighbour did not answer. */
    unresolved: 0,
  };
}
