/** `tls`: HTTPS. docs/https.md explains it. */
import { z } from 'zod';
import { count, duration, key, list, pattern, required, section, toggle, version } from '../keys.js';

const file = (what: string) => z.string({ error: `must be ${what}` }).min(1, { error: `must be ${what}` });

const CERTIFICATE = section({
  certificate: required(file('the path of a certificate in PEM'), {
    description: 'The certificate in PEM, followed by those that lead to its authority. Its names choose it (SNI).',
    example: '/etc/fastpath/example.org.pem',
  }),
  key: required(file('the path of a private key in PEM'), {
    description: 'Its private key in PEM, without a password.',
    example: '/etc/fastpath/example.org.key',
  }),
});

const ACME = section({
  email: key(pattern('an e-mail address', /^[^@\s]+@[^@\s]+$/), {
    defaultText: 'none: nothing is asked for',
    description: 'Where the authority writes to, if a certificate expires for example.',
    example: 'webmaster@example.org',
  }),
  agree: key(toggle(), {
    description: 'You have read the terms of the authority, and agree. Without it the server does not start.',
    default: false,
  }),
  folder: key(file('the path of a folder'), {
    defaultText: 'none: nothing is asked for',
    description: 'Where the key of the account and the certificates are kept. It belongs to the user that serves.',
    example: '/var/lib/fastpath/acme',
  }),
  directory: key(pattern("the URL of an authority's directory", /^https?:\/\/\S+$/), {
    description: "The directory of the authority. Let's Encrypt's for tries is the example.",
    defaultText: "Let's Encrypt's",
    example: 'https://acme-staging-v02.api.letsencrypt.org/directory',
  }),
});

export const TLS = section({
  acme: key(ACME, {
    description: 'Certificates for the hosts of the sites are asked for, and renewed (ACME, http-01 on port 80).',
  }),
  certificates: key(list(CERTIFICATE, 'certificates').min(1, { error: 'must have at least one certificate' }), {
    defaultText: 'none: there is no HTTPS',
    description: 'The certificates. A client that names no host, or one that none has, is shown the first.',
    example: [{ certificate: 'example.org.pem', key: 'example.org.key' }],
  }),
  port: key(count(1, 65_535), { description: 'The TCP port of HTTPS.', default: 443 }),
  threads: key(count(1, 64), { description: 'Threads that encrypt.', default: 1 }),
  minVersion: key(version('1.2', '1.3'), { description: 'The oldest version of TLS that is spoken.', default: '1.2' }),
  ciphers: key(file("OpenSSL's list of ciphers"), {
    description: "OpenSSL's list of ciphers.",
    defaultText: "Mozilla's intermediate list: forward secrecy and authenticated encryption",
    example: 'TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256',
  }),
  http2: key(toggle(), { description: 'Offer HTTP/2.', default: true }),
  redirect: key(toggle(), {
    description: 'Requests over HTTP are redirected (308) to HTTPS, those for ACME challenges aside.',
    default: false,
  }),
  hsts: key(duration(0), {
    description: 'Browsers ask over HTTPS alone for so long (Strict-Transport-Security). 0: they are told nothing.',
    default: 0,
    example: '8760h',
  }),
});
