/** Cache-Status (RFC 9211): what this cache did with a request, for whoever looks at the answer. */
import type { Settings } from '../options.js';
import type { Visit } from '../visit.js';

/** A stored answer was sent. `ttl`: seconds for which it is still fresh, below 0 if it is stale. */
export function hitStatus({ name }: Settings, ttl: number, detail = ''): string {
  return `${name}; hit; ttl=${ttl}${detail === '' ? '' : `; detail=${detail}`}`;
}

/** The origin was asked. `status`: what it answered; 0: nothing. */
export function forwardStatus(
  { name }: Settings,
  { forward, isCollapsed }: Visit,
  status: number,
  isStored: boolean,
  detail = '',
): string {
  const parts = [name, `fwd=${forward}`];
  if (status !== 0) parts.push(`fwd-status=${status}`);
  if (isStored) parts.push('stored');
  if (isCollapsed) parts.push('collapsed');
  if (detail !== '') parts.push(`detail=${detail}`);
  return parts.join('; ');
}
