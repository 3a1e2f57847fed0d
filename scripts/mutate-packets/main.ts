/**
 * `npm run mutate:packets -- [--count 500] [--seed 1] [--profile linux] [--lenient] [paths…]`
 *
 * Spoils what the stack sends in scripts that pass, and reports each spoiled packet that the runner did not notice. By
 * default the scripts are our own, run as `npm test` runs them. `--lenient` runs others' scripts by packetdrill's
 * rules. Exit status: 0 all noticed, 1 some escaped.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Profile } from '../../src/packetdrill/run/profile.js';
import { findScripts } from '../../src/packetdrill/run/script-files.js';
import { type CampaignResult, runCampaign } from './campaign.js';

const OWN = fileURLToPath(new URL('../../../test/packets', import.meta.url));

function report({ run, noticed, escapes, left, byMutation }: CampaignResult): string {
  const table = (counts: ReadonlyMap<string, number>) =>
    [...counts].map(([name, number]) => `  ${String(number).padStart(5)}  ${name}`);
  return [
    `${run} mutants, ${noticed} noticed, ${escapes.length} escaped`,
    'spoiled:',
    ...table(byMutation),
    'left out, because a script does not decide:',
    ...table(left),
    ...escapes.map(({ path, line, ipVersion, mutation }) => `ESCAPED ${path}:${line} (${ipVersion}): ${mutation}`),
  ].join('\n');
}

/** A whole number, from 1 on. */
function positive(name: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`--${name} wants a whole number from 1 on, not "${text}"`);
  return Number(text);
}

function profileOf(text: string): Profile {
  if (text === 'linux' || text === 'freebsd') return text;
  throw new Error(`--profile is linux or freebsd, not "${text}"`);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    profile: { type: 'string', default: 'linux' },
    lenient: { type: 'boolean', default: false },
  },
});
const result = runCampaign({
  paths: findScripts(positionals.length === 0 ? [OWN] : positionals),
  profile: profileOf(values.profile),
  ipVersions: ['ipv4', 'ipv6'],
  strict: !values.lenient,
  count: positive('count', values.count),
  seed: positive('seed', values.seed),
});
console.log(report(result));
process.exitCode = result.escapes.length === 0 ? 0 : 1;
