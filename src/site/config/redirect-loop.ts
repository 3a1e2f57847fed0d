/** Whether redirects lead a browser in a circle, or on and on. Browsers give up after some 20. */
import { PathRules } from '../../http/sites/path-rules.js';
import type { RedirectRule, SiteOptions } from '../options.js';
import { sampleOf } from '../patterns.js';

/** More steps than a sensible chain has. */
const MOST_STEPS = 10;
/** What a browser asks for in the place of `:name`, for a look at where a pattern leads. */
const SAMPLE = 'x';

/** The paths of the circle that begins with this rule, or undefined. The first and the last path are the same one. */
export function redirectLoop(rule: RedirectRule, site: SiteOptions): readonly string[] | undefined {
  const rules = new PathRules((site.redirects ?? []).map(({ from, to = '', status = 301 }) => ({ from, to, status })));
  const start = sampleOf(rule.from, SAMPLE);
  const way = [start];
  while (way.length <= MOST_STEPS) {
    const path = next(way.at(-1) ?? start, rules, site);
    if (path === undefined) return undefined;
    if (path === start) return [...way, path];
    if (way.includes(path)) return undefined; // a circle that begins with another rule
    way.push(path);
  }
  return [...way.slice(0, 4), '…'];
}

/** Where the site sends a browser that asks for `path`; undefined: it gets an answer, or another host's address. */
function next(path: string, rules: PathRules, site: SiteOptions): string | undefined {
  const bytes = Buffer.from(path, 'utf8');
  const answer = rules.apply(bytes, 0, bytes.length);
  if (answer?.status === 410) return undefined;
  if (answer !== null) return pathOf(answer.to, site.hosts ?? []);
  if (site.cleanUrls === true && path.endsWith('.html')) return path.slice(0, -5).replace(/\/index$/, '/');
  if (site.trailingSlash === 'remove' && path.length > 1 && path.endsWith('/')) return path.slice(0, -1);
  return undefined;
}

/** The path of a target on this site; undefined: it is elsewhere. */
function pathOf(target: string, hosts: readonly string[]): string | undefined {
  if (target.startsWith('/')) return target.replace(/[?#].*$/s, '');
  if (!URL.canParse(target)) return undefined;
  const { protocol, hostname, pathname } = new URL(target);
  return protocol === 'http:' && hosts.includes(hostname) ? pathname : undefined;
}
