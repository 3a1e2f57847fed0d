/**
 * Asks an authority for a certificate by ACME (RFC 8555), with `acme-client`. It asks us for a proof that the names are
 * ours (http-01, section 8.3). The answer goes to the `ChallengeBoard`, where HTTP finds it.
 */
import acme from 'acme-client';
import type { AcmeFolder } from './folder.js';
import { type AcmeOptions, LETS_ENCRYPT, type WantedCertificate } from './options.js';

/** Where answers to challenges are put up. */
export interface ChallengeBoard {
  /** From the time that this is fulfilled, requests for the path get the answer. */
  put(path: string, answer: string): Promise<void>;
  take(path: string): void;
}

/** What gives certificates. */
export interface Authority {
  /** A certificate for these names, with those that lead to the authority, and its key; in PEM. */
  certify(names: WantedCertificate['names']): Promise<{ cert: string; key: string }>;
}

const CHALLENGE_PATH = '/.well-known/acme-challenge/';
/** For one answer of the authority, ms. */
const ANSWER_TIMEOUT_MS = 30_000;

export class AcmeAuthority implements Authority {
  readonly #options: AcmeOptions;
  readonly #folder: AcmeFolder;
  readonly #board: ChallengeBoard;
  #client: Promise<acme.Client> | undefined;

  constructor(options: AcmeOptions, folder: AcmeFolder, board: ChallengeBoard) {
    this.#options = options;
    this.#folder = folder;
    this.#board = board;
    acme.axios.defaults.timeout = ANSWER_TIMEOUT_MS;
  }

  async certify(names: WantedCertificate['names']): Promise<{ cert: string; key: string }> {
    const client = await (this.#client ??= this.#createClient());
    const key = await acme.crypto.createPrivateEcdsaKey();
    const [, csr] = await acme.crypto.createCsr({ commonName: names[0], altNames: [...names] }, key);
    const cert = await client.auto({
      csr,
      ...(this.#options.email !== undefined && { email: this.#options.email }),
      termsOfServiceAgreed: this.#options.agree === true,
      challengePriority: ['http-01'],
      skipChallengeVerification: true, // this machine need not reach itself by its names
      challengeCreateFn: (_, { token }, answer) => this.#board.put(CHALLENGE_PATH + token, answer),
      challengeRemoveFn: async (_, { token }) => this.#board.take(CHALLENGE_PATH + token),
    });
    return { cert, key: key.toString('latin1') };
  }

  async #createClient(): Promise<acme.Client> {
    const { directory = LETS_ENCRYPT } = this.#options;
    let key = this.#folder.accountKey(directory);
    if (key === undefined) {
      key = (await acme.crypto.createPrivateEcdsaKey()).toString('latin1');
      this.#folder.keepAccountKey(directory, key);
    }
    return new acme.Client({ directoryUrl: directory, accountKey: key });
  }
}
