/**
 * What it means for a script that its run has thrown: the script failed, is broken, or needs what is not here.
 */
import type { Position } from '../language/script-error.js';
import { CallError } from '../sockets/call-arguments.js';
import { FailedEvent } from './failed-event.js';
import { PacketError } from './inbound.js';
import type { Verdict } from './result.js';
import { ConfigError } from './script-config.js';
import { EndlessScript } from './world.js';

/** The verdict for what a run has thrown at the event that stands at `at`. */
export function stopped(error: unknown, at: Position): { readonly verdict: Verdict; readonly failed: FailedEvent } {
  if (error instanceof FailedEvent) return { verdict: 'failed', failed: error };
  if (error instanceof EndlessScript || error instanceof ConfigError) {
    return { verdict: 'broken', failed: new FailedEvent(at, error.message) };
  }
  if (error instanceof CallError || error instanceof PacketError) {
    const verdict = error.unsupported ? 'unsupported' : 'broken';
    return { verdict, failed: new FailedEvent(error.at, error.message) };
  }
  // Anything else is a defect of the stack, and the script has found it.
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { verdict: 'failed', failed: new FailedEvent(at, `the stack threw an exception: ${text}`) };
}
