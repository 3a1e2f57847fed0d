/** What is wrong with a configuration: each problem with its place in the file, and all of them as one error. */

/** A place in a file, both from 1 on. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** One thing that is wrong. */
export interface Problem extends Place {
  /** The way to the key, `sites[0].hosts[1]`; '' for the file as a whole. */
  readonly key: string;
  /** What is wrong and what would be right. */
  readonly message: string;
}

/** `site.yaml:4:9: sites[0].hosts: must be …` */
export function describeProblem(file: string, { line, column, key, message }: Problem): string {
  return `${file}:${line}:${column}: ${key === '' ? '' : `${key}: `}${message}`;
}

/** A configuration that cannot be used. Its message has a line for each problem. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(
    /** The file, as the user named it. */
    readonly file: string,
    readonly problems: readonly Problem[],
  ) {
    super(problems.map((problem) => describeProblem(file, problem)).join('\n'));
  }
}

/** `sites[0].errorPages.404`. */
export function keyOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    const name = /^[\w-]+$/.test(String(part)) ? String(part) : JSON.stringify(String(part));
    return text === '' ? name : `${text}.${name}`;
  }, '');
}
