/**
 * A key and a certificate that it signs itself, for a TLS server of a test: made by openssl, which most machines have.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** In PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** For `addresses`; undefined if openssl is not installed. */
export function makeCertificate(...addresses: string[]): Certificate | undefined {
  return makeCertificateFor(addresses.map((address) => `IP:${address}`));
}

/** For names as openssl writes them, such as `DNS:example.org`. `more`: other options of `openssl req`. */
export function makeCertificateFor(alternatives: readonly string[], ...more: string[]): Certificate | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'fastpath-certificate-'));
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30'];
    const names = alternatives.length === 0 ? [] : ['-addext', `subjectAltName=${alternatives.join()}`];
    const subject = ['-subj', '/CN=fastpath test', ...names, ...more];
    const made = spawnSync('openssl', ['req', '-x509', ...kind, ...subject, '-keyout', key, '-out', cert]);
    if (made.status !== 0) return undefined;
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
