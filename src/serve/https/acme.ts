/**
 * ACME in a server: which certificates its sites want, what is shown until the first ones are there, and who answers
 * the challenges: the HTTP of the workers. A certificate is a file, so a new one is taken as any other that changes
 * (certificate-watch.ts). The library is loaded only where the options ask for it.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CertificateKeeper } from '../../acme/index.js';
import { type AcmeOptions, LETS_ENCRYPT, provableNames, type WantedCertificate } from '../../acme/options.js';
import type { CertificateFiles } from '../../tls/certificate.js';
import { faultOf } from '../faults.js';
import { tellHttp } from '../modules/http-row.js';
import { type ServeOptions, sitesOf } from '../options.js';
import { ServeError } from '../serve-error.js';
import type { DataPlane } from '../worker/data-plane.js';

/** How long the workers may take to hear of a challenge before the authority looks, ms. They take a few. */
const SETTLE_MS = 1_000;

/** One certificate a site, for its hosts and aliases. */
export function wantedCertificates(options: ServeOptions): WantedCertificate[] {
  if (options.tls?.acme === undefined) return [];
  const sites = sitesOf(options).filter(({ acme = true }) => acme);
  return sites.flatMap(({ hosts = [], aliases = [] }) => {
    const [first, ...others] = provableNames([...hosts, ...aliases]);
    return first === undefined ? [] : [{ names: [first, ...others] as const }];
  });
}

/** The files of all certificates: those that the operator names, and those that are asked for and may not be there. */
export function certificatesOf(options: ServeOptions): readonly CertificateFiles[] {
  const { certificates = [], acme } = options.tls ?? {};
  if (acme === undefined) return certificates;
  const asked = wantedCertificates(options).map(({ names: [name] }) => join(folderOf(acme), `${name}.pem`));
  return [...certificates, ...asked.map((file) => ({ certificate: file, key: file }))];
}

/** Those that can be read. One that is asked for is missing before the first start, when a configuration is checked. */
export function readableCertificates(options: ServeOptions): readonly CertificateFiles[] {
  const named = options.tls?.certificates ?? [];
  return certificatesOf(options).filter((files) => named.includes(files) || existsSync(files.certificate));
}

/** What is wrong with the options, whatever lies in the folder. @throws {ServeError} `bad-option` */
export function checkAcme(options: ServeOptions): void {
  const acme = options.tls?.acme;
  if (acme === undefined) return;
  const at = ['tls', 'acme'];
  if (acme.email === undefined || acme.folder === undefined) {
    const key = acme.email === undefined ? 'email' : 'folder';
    throw faultOf(
      [...at, key],
      'tls.acme needs email and folder',
      'Say whom the authority writes to, and where keys are kept.',
    );
  }
  if (acme.agree !== true) {
    throw faultOf([...at, 'agree'], 'tls.acme.agree is not true', 'Read the terms of the authority, and agree.');
  }
  if (wantedCertificates(options).length > 0) return;
  const advice = 'Give a site "hosts" in full, such as example.org: http-01 proves no wildcard and no address.';
  throw faultOf(at, 'there is no host to ask a certificate for', advice);
}

/**
 * Makes the folder, and for a name without a certificate one that it signs itself.
 * @throws {ServeError} `bad-option` for options that cannot lead to a certificate, and for a folder that cannot be used
 */
export async function prepareAcme(options: ServeOptions, warn: (text: string) => void): Promise<void> {
  const acme = options.tls?.acme;
  if (acme === undefined) return;
  const wanted = wantedCertificates(options);
  checkAcme(options);
  const { AcmeFolder, selfSigned } = await import('../../acme/index.js');
  try {
    const folder = new AcmeFolder(folderOf(acme), options.user);
    for (const { names } of wanted) {
      if (folder.certificate(names[0]) !== undefined) continue;
      const { cert, key } = await selfSigned(names, Date.now());
      folder.keep(names[0], cert, key);
      const authority = acme.directory ?? LETS_ENCRYPT;
      warn(
        `${names[0]} shows a certificate that it signed itself, of which browsers warn, until ${authority} gives one`,
      );
    }
  } catch (cause) {
    const message = `the folder ${acme.folder} cannot be used: ${(cause as Error).message}`;
    throw new ServeError('bad-option', message, 'Name a folder that the server can write.', { cause });
  }
}

/** Never empty where `prepareAcme` has passed. */
function folderOf({ folder = '' }: AcmeOptions): string {
  return folder;
}

/** What tells the operator. */
interface Events {
  note(text: string): void;
  warn(text: string): void;
}

/** Asks for certificates while the server runs. */
export class AcmeService {
  readonly #plane: DataPlane;
  readonly #events: Events;
  readonly #challenges = new Map<string, string>();
  #keeper: CertificateKeeper | undefined;

  constructor(plane: DataPlane, events: Events) {
    this.#plane = plane;
    this.#events = events;
  }

  /** Keeps the certificates of these options, in place of those before. */
  async configure(options: ServeOptions): Promise<void> {
    this.#keeper?.close();
    this.#keeper = undefined;
    const acme = options.tls?.acme;
    if (acme === undefined) return;
    const { AcmeAuthority, AcmeFolder, CertificateKeeper } = await import('../../acme/index.js');
    const folder = new AcmeFolder(folderOf(acme));
    const board = {
      put: async (path: string, answer: string) => {
        this.#challenges.set(path, answer);
        this.#publish();
        await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
      },
      take: (path: string) => {
        this.#challenges.delete(path);
        this.#publish();
      },
    };
    this.#keeper = new CertificateKeeper(folder, new AcmeAuthority(acme, folder, board), this.#events);
    this.#keeper.keep(wantedCertificates(options));
  }

  close(): void {
    this.#keeper?.close();
  }

  #publish(): void {
    tellHttp(this.#plane, { kind: 'challenges', challenges: new Map(this.#challenges) });
  }
}
