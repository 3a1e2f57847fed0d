/** The options of `serve` for HTTPS, and what they become. */
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { defined, type PartialOptions } from '../../serve/configured.js';
import { TLS_DEFAULTS } from '../../serve/https/threads.js';
import { MAX_WORKERS } from '../../serve/options.js';
import { ServeError } from '../../serve/serve-error.js';
import { parseCount, parseDuration } from '../option-values.js';

/** What commander hands over. */
export interface TlsFlags {
  readonly tls?: string;
  readonly tlsKey?: string;
  readonly tlsPort?: number;
  readonly tlsThreads?: number;
  readonly tlsMinVersion?: '1.2' | '1.3';
  readonly http2?: boolean;
  readonly httpsRedirect?: boolean;
  readonly hsts?: number;
}

/** Adds the options of HTTPS to a command. */
export function addTlsOptions(command: Command): void {
  command
    .optionsGroup('HTTPS:')
    .option('--tls <file>', 'serve over TLS too, with the certificate in this PEM file; several: in a configuration')
    .option('--tls-key <file>', 'its private key, in PEM (default: it stands in the same file)')
    .option('--tls-port <number>', `the TCP port of HTTPS (default: ${TLS_DEFAULTS.port})`, parseCount(1, 65_535))
    .option(
      '--tls-threads <count>',
      `threads that encrypt (default: ${TLS_DEFAULTS.threads})`,
      parseCount(1, MAX_WORKERS),
    )
    .addOption(
      new Option(
        '--tls-min-version <version>',
        `the oldest version of TLS that is spoken (default: ${TLS_DEFAULTS.minVersion})`,
      ).choices(['1.2', '1.3']),
    )
    .option('--no-http2', 'HTTP/1.1 alone over TLS')
    .option('--https-redirect', 'redirect requests over HTTP to HTTPS')
    .option('--hsts <time>', 'browsers ask over HTTPS alone for so long, such as 8760h', parseDuration);
}

/** What was given of them. */
export function tlsOptionsOf(flags: Partial<TlsFlags>): PartialOptions['tls'] {
  const { tls: certificate, tlsKey, hsts } = flags;
  if (certificate === undefined && tlsKey !== undefined) {
    throw new ServeError(
      'bad-option',
      '--tls-key is given without --tls',
      'Name the certificate too: --tls CERTIFICATE',
    );
  }
  const files =
    certificate === undefined ? undefined : { certificate: resolve(certificate), key: resolve(tlsKey ?? certificate) };
  const options = defined({
    certificates: files === undefined ? undefined : [files],
    port: flags.tlsPort,
    threads: flags.tlsThreads,
    minVersion: flags.tlsMinVersion,
    http2: flags.http2 === false ? false : undefined,
    redirect: flags.httpsRedirect,
    hstsSeconds: hsts === undefined ? undefined : Math.floor(hsts / 1000),
  });
  return Object.keys(options).length === 0 ? undefined : options;
}
