/** A rate of sending. */
import { LEAST_RATE } from '../../../net/tcp/pacing-plan.js';
import { size } from '../keys.js';

/** Bytes a second. */
export function rate() {
  const most = Number.MAX_SAFE_INTEGER;
  return size(LEAST_RATE, most, `a size per second, such as 64k or 12M, and at least ${LEAST_RATE} bytes`);
}
