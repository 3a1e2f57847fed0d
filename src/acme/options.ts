/**
 * What the operator says of ACME (RFC 8555): who asks which authority for certificates, and where they are kept.
 * @see {@link TlsOptions}
 */
export interface AcmeOptions {
  /** Where the authority writes to: a certificate that expires, new terms. */
  readonly email?: string;
  /** The operator agrees to the terms of the authority. Without it nothing is asked for. */
  readonly agree?: boolean;
  /** The URL of the authority's directory (RFC 8555 section 7.1.1). Default: Let's Encrypt. */
  readonly directory?: string;
  /** Where the key of the account and the certificates are kept: a folder of the user that serves. */
  readonly folder?: string;
}

/** Let's Encrypt. Its staging directory, for tries, is https://acme-staging-v02.api.letsencrypt.org/directory. */
export const LETS_ENCRYPT = 'https://acme-v02.api.letsencrypt.org/directory';

/** One certificate: the names that it is to have. The first one is the name of its file. */
export interface WantedCertificate {
  readonly names: readonly [string, ...string[]];
}

/** Labels with a dot between them. The last one begins with a letter, so no address is a name. */
const HOST_NAME = /^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*$/;

/** The names of a site that http-01 can prove (RFC 8555 section 8.3): host names in full. */
export function provableNames(hosts: readonly string[]): string[] {
  return [...new Set(hosts.map((host) => host.toLowerCase()))].filter((host) => HOST_NAME.test(host));
}
