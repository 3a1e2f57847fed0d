/**
 * What the programs that need the lab have in common: requirements, the sandbox (scripts/bench/sandbox.ts), its end.
 */
import { missingPrograms } from '../../bench/requirements.js';
import { prepareSandbox, runInSandbox, sandboxFolder } from '../../bench/sandbox.js';
import { Lab } from './network.js';

/** Runs `work` in a sandbox with a lab, and ends the process with the status it returns. */
export async function inLab(work: (lab: Lab) => Promise<number>): Promise<never> {
  const missing = missingPrograms(['ip', 'unshare', 'nsenter', 'sysctl']);
  if (missing !== undefined) {
    console.error(missing);
    process.exit(1);
  }
  if (sandboxFolder() === undefined) process.exit(await runInSandbox());
  // As process 1 of its namespace it would ignore these signals; its end takes all others and the devices along.
  process.on('SIGINT', () => process.exit(130)).on('SIGTERM', () => process.exit(143));
  process.exit(await inside(work).catch(failed));
}

async function inside(work: (lab: Lab) => Promise<number>): Promise<number> {
  prepareSandbox();
  const lab = await Lab.create();
  try {
    return await work(lab);
  } finally {
    await lab.close();
  }
}

function failed(error: Error): number {
  console.error(error.message);
  return 1;
}
