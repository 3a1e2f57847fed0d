/**
 * The folder where certificates and the key of the account are kept. It belongs to the user that serves, and nobody
 * else can read it (0700, and 0600 for its files). A file is replaced as a whole, so no reader ever sees half of one.
 *
 *     account-<hash of the directory's URL>.pem    the key of the account; each authority knows another one
 *     example.org.pem                              the certificate, those that lead to its authority, and its key
 */
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Who owns the files: needed while the process is still root. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

export class AcmeFolder {
  readonly path: string;
  readonly #owner: Owner | undefined;

  /** @throws {Error} of the file system if the folder cannot be made or used */
  constructor(path: string, owner?: Owner) {
    this.path = path;
    this.#owner = owner;
    mkdirSync(path, { recursive: true, mode: 0o700 });
    chmodSync(path, 0o700);
    this.#give(path);
  }

  /** The file of the certificate for this name, with its key. It may not be there yet. */
  fileOf(name: string): string {
    return join(this.path, `${name}.pem`);
  }

  /** The text of the certificate's file; undefined: there is none. */
  certificate(name: string): string | undefined {
    return this.#read(this.fileOf(name));
  }

  /** Keeps a certificate, in place of the one before. */
  keep(name: string, cert: string, key: string): void {
    this.#write(this.fileOf(name), `${cert.trimEnd()}\n${key.trimEnd()}\n`);
  }

  /** The key of the account with this authority; undefined: there is no account yet. */
  accountKey(directory: string): string | undefined {
    return this.#read(this.#accountFile(directory));
  }

  keepAccountKey(directory: string, key: string): void {
    this.#write(this.#accountFile(directory), key);
  }

  #accountFile(directory: string): string {
    const hash = createHash('sha256').update(directory).digest('hex').slice(0, 16);
    return join(this.path, `account-${hash}.pem`);
  }

  #read(file: string): string | undefined {
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  }

  #write(file: string, text: string): void {
    const fresh = `${file}.new`;
    writeFileSync(fresh, text, { mode: 0o600 });
    chmodSync(fresh, 0o600); // one that was left behind keeps its mode
    this.#give(fresh);
    renameSync(fresh, file);
  }

  #give(path: string): void {
    if (this.#owner !== undefined && process.getuid?.() === 0) chownSync(path, this.#owner.uid, this.#owner.gid);
  }
}
