/** Long work in turns, so that the page's questions are answered meanwhile. */

const TURN_MS = 30;

/** Gives a function that waits for the next turn once this one has been long enough. */
export function breathe(): () => Promise<void> | void {
  let begun = performance.now();
  return () => {
    if (performance.now() - begun < TURN_MS) return;
    return new Promise((resolve) =>
      setTimeout(() => {
        begun = performance.now();
        resolve();
      }),
    );
  };
}
