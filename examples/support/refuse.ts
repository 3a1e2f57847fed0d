/** Ends an example that was called in a way that makes no sense: one sentence, and the exit status of wrong usage. */
export function refuse(message: string): never {
  console.error(message);
  process.exit(2);
}

/** The same for a file that cannot be read. */
export function refuseFile(path: string, { code, message }: NodeJS.ErrnoException): never {
  if (code === 'ENOENT') refuse(`there is no file ${path}`);
  refuse(code === 'EISDIR' ? `${path} is a folder` : `cannot read ${path}: ${message}`);
}
