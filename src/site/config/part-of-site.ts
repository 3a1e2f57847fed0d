/**
 * What can be read of a site that is wrong somewhere: the keys that are right, and of a list of redirects those that
 * are. So one look tells of a circle, or of a host that another site has, beside what is wrong.
 */
import type { SiteOptions } from '../options.js';
import type { NumberedSite } from './checks.js';
import { SITE } from './sections/site.js';
import { itemOf, keysOf } from './shape.js';

/** Undefined: the hosts cannot be read, so nothing can be told of the rest. */
export function partOfSite(index: number, value: unknown): NumberedSite | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const given = value as Readonly<Record<string, unknown>>;
  const options: Record<string, unknown> = { folder: '' };
  let redirectPlaces: readonly number[] | undefined;
  for (const [name, type] of Object.entries(keysOf(SITE) ?? {})) {
    if (given[name] === undefined) continue;
    const { success, data } = type.safeParse(given[name]);
    if (success) options[name] = data;
    else if (name === 'hosts' || name === 'aliases') return undefined;
    else if (name === 'redirects' && Array.isArray(given[name])) {
      const right = given[name].flatMap((item: unknown, place) => {
        const rule = itemOf(type)?.safeParse(item);
        return rule?.success === true ? [{ place, rule: rule.data }] : [];
      });
      options.redirects = right.map(({ rule }) => rule);
      redirectPlaces = right.map(({ place }) => place);
    }
  }
  return { index, options: options as unknown as SiteOptions, ...(redirectPlaces !== undefined && { redirectPlaces }) };
}
