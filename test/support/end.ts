/**
 * Tests that are over must let go of the process: a timer, a socket or a worker that they forgot would keep it, and
 * whoever waits for it, forever. Required by .mocharc.json. If the process is still there some seconds after the last
 * test, it says what keeps it, and ends with status 1.
 */

/** Far more than an orderly end takes, on a machine that may be busy. */
const PATIENCE_MS = 60_000;

/** Called by mocha after the last test. */
export function mochaGlobalTeardown(): void {
  setTimeout(() => {
    const kept = [...new Set(process.getActiveResourcesInfo())].join(', ');
    console.error(`\nThe tests are over, but something that they left keeps the process alive: ${kept}`);
    process.once('exit', () => {
      process.exitCode = 1; // mocha's own listener, which was there before, has set it by the failures
    });
    process.exit();
  }, PATIENCE_MS).unref();
}
