import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  CertificateError,
  type Credential,
  credentialFor,
  hostsWithout,
  loadCertificate,
} from '../../src/tls/certificate.js';
import { type Certificate, makeCertificateFor } from '../support/certificate.js';
import { needs } from '../support/serve-process.js';

const DAY = 86_400_000;
const named = (...names: string[]): Credential => ({ cert: '', key: '', names, notAfter: 0 });

describe('tls: certificates', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fastpath-certificates-'));
  let made: Certificate;
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const load = (certificate: string, key: string, now = Date.now()) =>
    loadCertificate({ certificate: join(folder, certificate), key: join(folder, key) }, now);
  const errorOf = (action: () => unknown): CertificateError => {
    try {
      action();
    } catch (error) {
      if (error instanceof CertificateError) return error;
      throw error;
    }
    throw new Error('nothing was wrong');
  };

  before(function () {
    needs(this, 'openssl');
    made = makeCertificateFor(['DNS:One.example', 'DNS:*.two.example', 'IP:192.0.2.1'])!;
    write('cert.pem', made.cert);
    write('key.pem', made.key);
    write('both.pem', made.cert + made.key);
    write('other.pem', makeCertificateFor(['DNS:other.example'])!.key);
    write('locked.pem', '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n');
    write('text.pem', 'no certificate');
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it('are read with their names, from one file or two', () => {
    const { credential, warnings } = load('cert.pem', 'key.pem');
    expect(credential.names).to.deep.equal(['one.example', '*.two.example', '192.0.2.1']);
    expect(warnings).to.deep.equal([]);
    expect(load('both.pem', 'both.pem').credential.names).to.deep.equal(credential.names);
  });

  it('are refused with a reason and advice: a key of another, no file, no PEM, a password', () => {
    const other = errorOf(() => load('cert.pem', 'other.pem'));
    expect(other.message).to.match(/the key .*other\.pem does not belong to the certificate .*cert\.pem/);
    expect(other.advice).to.contain('Name the key');
    expect(errorOf(() => load('none.pem', 'key.pem')).message).to.match(
      /none\.pem cannot be read: there is no such file/,
    );
    expect(errorOf(() => load('text.pem', 'key.pem')).message).to.match(/text\.pem is no certificate in PEM/);
    expect(errorOf(() => load('cert.pem', 'text.pem')).message).to.match(/text\.pem is no private key in PEM/);
    expect(errorOf(() => load('cert.pem', 'locked.pem')).message).to.match(/locked\.pem has a password/);
  });

  it('are taken with a warning when they have expired, expire soon, begin later or name no host', () => {
    const { notAfter } = load('cert.pem', 'key.pem').credential;
    const warningsAt = (now: number) => load('cert.pem', 'key.pem', now).warnings.join();
    expect(warningsAt(notAfter + DAY)).to.match(/has expired on .*: browsers refuse it/);
    expect(warningsAt(notAfter - 13 * DAY)).to.match(/expires on/);
    expect(warningsAt(notAfter - 60 * DAY)).to.match(/is not valid before/);
    const bare = makeCertificateFor([])!;
    write('bare.pem', bare.cert + bare.key);
    expect(load('bare.pem', 'bare.pem').warnings.join()).to.match(/names no host/);
  });

  it('are found by name: exactly first, then by a wildcard for one label, in any case', () => {
    const all = [named('*.two.example'), named('www.two.example', 'two.example'), named('192.0.2.1')];
    const found = [
      'www.two.example',
      'WWW.Two.Example.',
      'a.two.example',
      'two.example',
      '192.0.2.1',
      'a.b.two.example',
      '.two.example',
      '',
    ];
    expect(found.map((name) => credentialFor(all, name))).to.deep.equal([1, 1, 0, 1, 2, -1, -1, -1]);
  });

  it('say which hosts of the sites have none', () => {
    const all = [named('one.example', '*.two.example')];
    const hosts = ['one.example', 'www.two.example', '*.two.example', '*.one.example', 'three.example'];
    expect(hostsWithout(all, hosts)).to.deep.equal(['*.one.example', 'three.example']);
  });
});
