/** The two bits of ECN in an IP header (RFC 3168 section 5), by their value. */
export const ECN_MEANINGS = ['not ECN-capable', 'ECT(1)', 'ECT(0)', 'congestion experienced'];
