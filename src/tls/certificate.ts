/**
 * Certificates: read, checked, and found by the name that a client asks for (SNI, RFC 6066 section 3). The main thread
 * reads the files, so that a mistake is told before anything changes, and sends the threads what is right.
 */

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readReason } from '../words/file-reasons.js';

/** Where a certificate lies. @see {@link TlsOptions} */
export interface CertificateFiles {
  /** The certificate in PEM, with those that lead to its authority behind it. */
  readonly certificate: string;
  /** Its private key in PEM, without a password. */
  readonly key: string;
}

/** A certificate that is ready for use. It survives structured cloning. */
export interface Credential {
  readonly cert: string;
  readonly key: string;
  /** The names that it is for: `example.org`, `*.example.org`, `192.0.2.1`. In lower case. */
  readonly names: readonly string[];
  /** Milliseconds since 1970. */
  readonly notAfter: number;
}

/** Something is wrong with a certificate or its key. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError';

  constructor(
    message: string,
    /** What to do about it, as an imperative sentence. */
    readonly advice: string,
    /** The file that is wrong. */
    readonly file: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What is odd about a certificate that can be used all the same. */
export interface Loaded {
  readonly credential: Credential;
  readonly warnings: readonly string[];
}

const DAY_MS = 86_400_000;
/** A certificate that ends so soon is worth a warning. */
const SOON_DAYS = 14;

/**
 * Reads a certificate and its key.
 * @param now milliseconds since 1970
 * @throws {CertificateError} for files that cannot be read or are none, and for a key that belongs to another one
 */
export function loadCertificate({ certificate, key }: CertificateFiles, now: number): Loaded {
  return checkCertificate(readCertificate(certificate), readKey(key), { certificate, key }, now);
}

/** The text of a certificate. @throws {CertificateError} for a file that cannot be read or is none */
export function readCertificate(file: string): string {
  const text = read(file);
  parse(text, file);
  return text;
}

/** The text of a private key. @throws {CertificateError} for a file that cannot be read or is none */
export function readKey(file: string): string {
  const text = read(file);
  parseKey(text, file);
  return text;
}

/** The same for texts; the files are for messages. */
export function checkCertificate(cert: string, key: string, files: CertificateFiles, now: number): Loaded {
  const first = parse(cert, files.certificate);
  if (!first.checkPrivateKey(parseKey(key, files.key))) {
    throw new CertificateError(
      `the key ${files.key} does not belong to the certificate ${files.certificate}`,
      'Name the key that the certificate was asked for with.',
      files.key,
    );
  }
  const credential = { cert, key, names: namesOf(first), notAfter: Date.parse(first.validTo) };
  return { credential, warnings: doubts(first, credential, files.certificate, now) };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const why = readReason(cause as NodeJS.ErrnoException);
    throw new CertificateError(`${file} cannot be read: ${why}`, 'Name a file that the server can read.', file, {
      cause,
    });
  }
}

function parse(cert: string, file: string): X509Certificate {
  try {
    return new X509Certificate(cert);
  } catch (cause) {
    const advice = 'It begins with "-----BEGIN CERTIFICATE-----".';
    throw new CertificateError(`${file} is no certificate in PEM`, advice, file, { cause });
  }
}

function parseKey(key: string, file: string) {
  try {
    return createPrivateKey(key);
  } catch (cause) {
    const isLocked = key.includes('ENCRYPTED');
    throw new CertificateError(
      isLocked ? `the key ${file} has a password` : `${file} is no private key in PEM`,
      isLocked ? 'Take it off: openssl pkey -in OLD -out NEW.' : 'It begins with "-----BEGIN PRIVATE KEY-----".',
      file,
      { cause },
    );
  }
}

/** The subject's alternative names; the common name alone counts no more (RFC 9110 section 4.3.4, RFC 9525). */
function namesOf({ subjectAltName = '' }: X509Certificate): string[] {
  return [...subjectAltName.matchAll(/(?:DNS|IP Address):("[^"]*"|[^,\s]+)/g)].map(([, name = '']) =>
    name.replaceAll('"', '').toLowerCase(),
  );
}

function doubts(certificate: X509Certificate, { names, notAfter }: Credential, file: string, now: number): string[] {
  const days = Math.floor((notAfter - now) / DAY_MS);
  const out: string[] = [];
  if (notAfter < now) out.push(`the certificate ${file} has expired on ${certificate.validTo}: browsers refuse it`);
  else if (days < SOON_DAYS) out.push(`the certificate ${file} expires on ${certificate.validTo}`);
  if (Date.parse(certificate.validFrom) > now) {
    out.push(`the certificate ${file} is not valid before ${certificate.validFrom}`);
  }
  if (names.length === 0) out.push(`the certificate ${file} names no host (subjectAltName): browsers refuse it`);
  return out;
}

/**
 * The place in `credentials` of the one for the name `host`; -1: none has it. An exact name counts before a wildcard,
 * which stands for one label (RFC 9525 section 6.3).
 */
export function credentialFor(credentials: readonly Credential[], host: string): number {
  const name = host.toLowerCase().replace(/\.$/, '');
  const exact = credentials.findIndex(({ names }) => names.includes(name));
  if (exact >= 0) return exact;
  const dot = name.indexOf('.');
  return dot <= 0 ? -1 : credentials.findIndex(({ names }) => names.includes(`*${name.slice(dot)}`));
}

/** Hosts of the sites that no certificate has. A host `*.example.org` needs a certificate for just that. */
export function hostsWithout(credentials: readonly Credential[], hosts: readonly string[]): string[] {
  const isCovered = (host: string) =>
    host.startsWith('*.')
      ? credentials.some(({ names }) => names.includes(host.toLowerCase()))
      : credentialFor(credentials, host) >= 0;
  return hosts.filter((host) => !isCovered(host));
}
