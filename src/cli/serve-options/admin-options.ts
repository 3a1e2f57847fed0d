/** The options of `fastpath serve` for its administrators, and what they become. */
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { defined, type PartialOptions } from '../../serve/configured.js';
import { type AdminAddress, parseAdminAddress } from '../../site/admin-address.js';

/** What commander hands over. */
export interface AdminFlags {
  readonly admin?: AdminAddress;
  readonly adminTokenFile?: string;
}

/** Adds the options of the admin listener to a command. */
export function addAdminOptions(command: Command): void {
  command
    .optionsGroup('Administration:')
    .option(
      '--admin <where>',
      "metrics, health and control at an address of this machine's own stack (127.0.0.1:9464), or at a Unix socket " +
        '(/run/fastpath/admin.sock)',
      parseAddress,
    )
    .option(
      '--admin-token-file <file>',
      'the token that changes need (else $FASTPATH_ADMIN_TOKEN); without it only a Unix socket takes them',
    );
}

/** The part of the server's options. */
export function adminOptionsOf({ admin: listen, adminTokenFile: tokenFile }: Partial<AdminFlags>): PartialOptions {
  const admin = defined({ listen, tokenFile });
  return Object.keys(admin).length === 0 ? {} : { admin };
}

function parseAddress(text: string): AdminAddress {
  try {
    const address = parseAdminAddress(text);
    return address.kind === 'unix' ? { kind: 'unix', path: resolve(address.path) } : address;
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}
