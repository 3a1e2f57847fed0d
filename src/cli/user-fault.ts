/** Whether a configuration that is wrong anyway names a user that does not exist: everything is told at once. */
import { chooseUser } from '../serve/process/privileges.js';
import { ServeError } from '../serve/serve-error.js';
import type { Finding } from '../site/config/checks.js';

/** What is wrong with the key `user` of a file. That only root may become somebody is no fault of the file. */
export function userFaults(value: unknown): Finding[] {
  const { user } = (value ?? {}) as { user?: unknown };
  if (typeof user !== 'string') return [];
  try {
    chooseUser(user);
    return [];
  } catch (error) {
    if (!(error instanceof ServeError)) throw error;
    return error.code === 'no-privilege' ? [] : [{ path: ['user'], message: error.message }];
  }
}
