/**
 * That a server ends soon, for all of its connections. From then on each answer is the last of its connection and says
 * so (`Connection: close`, RFC 9112 section 9.6), and the connection ends behind it. A client that asks again and again
 * so never finds its connection closed under a request.
 *
 * A client that is silent cannot be told. Once connections close, one that has been silent for `quietMs` is closed
 * without a word.
 */

/** How long a client must be silent where somebody waits for our end, ms. Who asks again and again does so sooner. */
const QUIET_MS = 500;
/** The same where nothing waits: another process has taken over, and idle clients have time for a last request, ms. */
const PATIENT_QUIET_MS = 2_000;

export class Ending {
  /** Answers are the last of their connections. */
  isNear = false;
  /** Silence after which a connection closes, ms; Infinity: connections stay for now. */
  quietMs = Number.POSITIVE_INFINITY;

  /** Connections close from now on. */
  begin(isPatient: boolean): void {
    this.isNear = true;
    this.quietMs = isPatient ? PATIENT_QUIET_MS : QUIET_MS;
  }
}
