/**
 * Two stacks that look alike: plays odd clients to `fastpath serve` and to a server on Linux's own TCP, asks nmap about
 * both, and prints where they differ. `npm run lookalike`; needs the privilege to make network namespaces, curl,
 * ethtool and (for the last part) nmap.
 */
import { fileURLToPath } from 'node:url';
import { HostInterface } from '../../src/net/device/host-interface.js';
import { insideNamespace, namespaceObstacle, runInNamespace } from '../../test/support/namespace.js';
import { nmapFingerprint, unexplained } from './nmap.js';
import { type Comparison, compare } from './play.js';
import { SCENARIOS } from './scenarios.js';
import { TwoServers } from './servers.js';

async function inside(): Promise<number> {
  new HostInterface('lo').up();
  const servers = await TwoServers.start();
  try {
    const comparisons = SCENARIOS.map((scenario, i) => compare(servers.subjects, scenario, i));
    for (const comparison of comparisons) print(comparison);
    const [ours, linux] = await Promise.all(servers.subjects.map(({ address }) => nmapFingerprint(address)));
    const differences = unexplained(ours!, linux!);
    console.log(`nmap: ${differences.length === 0 ? 'alike, but for what is explained' : differences.join('\n  ')}`);
    const bad = comparisons.filter(({ alike, scenario }) => !alike && scenario.explained === undefined);
    return bad.length + differences.length === 0 ? 0 : 1;
  } finally {
    await servers.stop();
  }
}

function print({ scenario, alike, ours, linux }: Comparison): void {
  console.log(`${alike ? 'alike  ' : 'DIFFERS'}  ${scenario.name}`);
  if (alike) {
    for (const line of ours) console.log(`           ${line}`);
    return;
  }
  for (const line of ours) console.log(`           fastpath: ${line}`);
  for (const line of linux) console.log(`           Linux:    ${line}`);
  if (scenario.explained !== undefined) console.log(`           why: ${scenario.explained}`);
}

if (insideNamespace()) process.exitCode = await inside();
else {
  const obstacle = namespaceObstacle();
  if (obstacle !== undefined) throw new Error(obstacle);
  const { status, output } = await runInNamespace([process.execPath, fileURLToPath(import.meta.url)]);
  process.stdout.write(output);
  process.exitCode = status;
}
