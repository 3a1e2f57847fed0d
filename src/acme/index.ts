/** Certificates by ACME. docs/https.md explains it. */
export { AcmeAuthority, type Authority, type ChallengeBoard } from './authority.js';
export { AcmeFolder, type Owner } from './folder.js';
export { CertificateKeeper, type KeeperClock, validityOf } from './keeper.js';
export { type AcmeOptions, LETS_ENCRYPT, provableNames, type WantedCertificate } from './options.js';
export { selfSigned } from './self-signed.js';
