/** What the tests of the configuration share: a folder with a file in it, and what is said about it. */
import type { Environment } from '../../../src/site/config/environment.js';
import { type LoadedConfiguration, parseConfiguration } from '../../../src/site/config/load.js';
import { ConfigError, type Problem } from '../../../src/site/config/problem.js';
import { TemporaryFolder } from '../../cache/support.js';

/** A folder with the folders `www` and `docs`, in which configurations stand. */
export class ConfigFolder extends TemporaryFolder {
  constructor() {
    super();
    this.write('www/index.html', '<!doctype html><title>www</title>');
    this.write('docs/index.html', '<!doctype html><title>docs</title>');
  }

  load(text: string, environment: Environment = {}): LoadedConfiguration {
    return parseConfiguration(text, this.at('site.yaml'), environment);
  }

  /** What is wrong, `line:column key: message` each, without the path of this folder. */
  problems(text: string, environment: Environment = {}): string[] {
    try {
      this.load(text, environment);
      return [];
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return error.problems.map((problem) => this.line(problem));
    }
  }

  warnings(text: string): string[] {
    return this.load(text).warnings.map((problem) => this.line(problem));
  }

  line({ line, column, key, message }: Problem): string {
    return `${line}:${column} ${key}: ${message.replaceAll(`${this.path}/`, '')}`;
  }
}
