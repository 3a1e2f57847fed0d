/** Runs the text of one script in one IP version. It takes nothing of Node, so it runs in a web page too. */
import type { TcpSettings } from '../../net/tcp/settings.js';
import type { Script } from '../language/ast.js';
import { parseScript } from '../language/parser.js';
import { excerpt, type Position, ScriptError } from '../language/script-error.js';
import type { ReadScriptFile } from '../language/shell-command.js';
import type { Profile } from './profile.js';
import type { ScriptResult } from './result.js';
import {
  ConfigError,
  fixedVersion,
  type IpVersion,
  type ScriptConfig,
  scriptConfig,
  standardDefinitions,
} from './script-config.js';
import { runScript } from './script-run.js';
import type { Tamper } from './world.js';

/** How to run a script, wherever its text comes from. */
export interface RunSourceOptions {
  readonly profile: Profile;
  readonly definitions: ReadonlyMap<string, string>;
  readonly overrides: Partial<ScriptConfig>;
  readonly seed: number;
  /** Settings that hold whatever the script says. */
  readonly tcp?: Partial<TcpSettings> | undefined;
  readonly capture?: ((frame: Uint8Array, outbound: boolean, time: number) => void) | undefined;
  readonly tamper?: Tamper | undefined;
}

/**
 * Parses a script and runs it in one IP version. A script that cannot be parsed is broken.
 * @param readFile gives the files that its shell lines name; default: there are none
 */
export function runText(
  path: string,
  source: string,
  version: IpVersion,
  options: RunSourceOptions,
  readFile: ReadScriptFile = () => undefined,
): ScriptResult {
  let script: Script;
  let config: ScriptConfig;
  try {
    script = parseScript(
      path,
      source,
      new Map([...standardDefinitions(version, options.profile), ...options.definitions]),
    );
    config = scriptConfig(script, fixedVersion(script) ?? version, options.profile, options.overrides);
  } catch (error) {
    const which = { path, source, ipVersion: version };
    if (error instanceof ScriptError) {
      const { at, problem, unsupported } = error;
      return notRun({ ...which, at, problem, verdict: unsupported ? 'unsupported' : 'broken' });
    }
    if (error instanceof ConfigError) {
      return notRun({ ...which, at: { line: 1, column: 1 }, problem: error.message, verdict: 'broken' });
    }
    throw error;
  }
  return runScript(script, config, {
    profile: options.profile,
    seed: options.seed,
    capture: options.capture,
    tamper: options.tamper,
    tcp: options.tcp,
    readFile,
  });
}

interface NotRun extends Pick<ScriptResult, 'path' | 'ipVersion' | 'verdict'> {
  readonly source: string;
  readonly at: Position;
  readonly problem: string;
}

/** The result of a script that was not run. */
function notRun({ source, at, problem, ...which }: NotRun): ScriptResult {
  return {
    ...which,
    failure: {
      at,
      problem,
      excerpt: excerpt(source, at),
      expected: undefined,
      actual: undefined,
      differences: [],
      variables: {},
    },
    events: 0,
    eventCount: 0,
    checksPassed: 0,
    notChecked: [],
    ignored: [],
    timeline: [],
    duration: 0,
  };
}
