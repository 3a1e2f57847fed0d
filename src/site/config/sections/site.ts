/** One entry of `sites`, and `defaults` for all of them. src/site/options.ts has the type that comes out. */
import { z } from 'zod';
import { parseCharset } from '../../../cache/head/content-type.js';
import { type RouteStep, stepsProblem } from '../../../http/routes/route.js';
import { MOST_ROUTES } from '../../../http/routes/route-table.js';
import { MOST_WEIGHT } from '../../../net/tcp/pacing-plan.js';
import { fieldNameProblem, fieldValueProblem } from '../../header-fields.js';
import { parseHost } from '../../hosts.js';
import type { RedirectStatus } from '../../options.js';
import { globProblem, patternProblem, routePathProblem, targetProblem } from '../../patterns.js';
import { ORIGIN, PAGE_PATH } from '../../values.js';
import { checked, choice, count, key, list, oneOrMany, pattern, required, section, text, toggle } from '../keys.js';
import { rate } from './rate.js';

/** Characters of the name of a site. A longer host is no name that the file may say. */
export const LONGEST_NAME = 64;

const path = () => pattern('a path that begins with /, such as /index.html', PAGE_PATH);

/** A host, with the reason why it is none. */
const host = () =>
  z.string({ error: 'must be a host, such as example.org' }).transform((value, context) => {
    try {
      return parseHost(value);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  });

const hosts = () => oneOrMany(host(), 'a host, such as example.org or *.example.org');

const STATUSES = [301, 302, 303, 307, 308, 410] as const satisfies readonly RedirectStatus[];

const REDIRECT = section({
  from: required(checked('a path', patternProblem), {
    description: 'The path. A `*` as its last segment stands for the rest, `:name` for one segment.',
    example: '/old/*',
  }),
  to: key(z.string({ error: 'must be a path or an address' }), {
    description:
      'A path, or a whole address. `:splat` and `:name` stand for what `from` took. It is left out with status 410.',
    defaultText: 'none: it must be there unless the status is 410',
    example: '/new/:splat',
  }),
  status: key(z.literal(STATUSES, { error: 'must be 301, 302, 303, 307, 308 or 410' }), {
    description: 'The status of the answer. 410 says that the page is gone for good.',
    default: 301,
  }),
}).superRefine((rule, context) => checkRedirect(rule, context));

const REWRITE = section({
  from: required(checked('a path', patternProblem), {
    description: 'As in a redirect.',
    example: '/user/:id',
  }),
  to: required(z.string({ error: 'must be a path' }), {
    description: 'The path whose file answers. The browser does not learn of it.',
    example: '/user.html',
  }),
}).superRefine((rule, context) => checkRule(rule, true, context));

function checkRedirect(rule: { from: string; to?: string; status?: number }, context: z.RefinementCtx): void {
  const { from, to, status = 301 } = rule;
  const problem = (message: string) => context.addIssue({ code: 'custom', path: ['to'], message });
  if (status === 410 && to !== undefined) problem('must be left out with status 410, which leads nowhere');
  else if (status !== 410 && to === undefined) problem('is missing: where the path is redirected to');
  else if (to !== undefined) checkRule({ from, to }, false, context);
}

function checkRule({ from, to }: { from: string; to: string }, isPath: boolean, context: z.RefinementCtx): void {
  const message = targetProblem(from, to, isPath);
  if (message !== undefined) context.addIssue({ code: 'custom', path: ['to'], message });
}

/** Names and values of header fields. */
const fields = z.record(
  checked('the name of a header field', fieldNameProblem),
  checked('text, or null to take the field away', fieldValueProblem).nullable(),
  { error: 'must be a mapping of field names to values' },
);

const HEADERS = section({
  match: required(checked('a glob, such as /assets/** or *.html', globProblem), {
    description:
      'A glob over the path: `*` within a segment, `**` over segments, `?` for one character, `{a,b}`. Without `/`: the ' +
      'last segment.',
    example: '/assets/**',
  }),
  set: required(fields, {
    description: 'Name and value of each field; null takes a field away that an earlier rule would send.',
    example: { 'Cache-Control': 'public, max-age=31536000, immutable' },
  }),
});

const errorPages = z.record(pattern('a status from 400 to 599', /^[45]\d\d$/), path(), {
  error: 'must be a mapping of statuses to paths, such as 404: /404.html',
});

const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(; ?[\w-]+=(?:[\w!#$&^.+:-]+|"[^"\\]*"))*$/;

const types = z.record(
  pattern('an extension without its dot, such as wasm', /^[^./\s]+$/),
  pattern('a media type, such as application/wasm or text/plain; charset=utf-8', MEDIA_TYPE),
  { error: 'must be a mapping of extensions to media types, such as wasm: application/wasm' },
);

const METHOD = /^[!#$%&'*+.^_`|~0-9A-Z-]+$/;
const STEPS = 'cache, file, handler or "upstream NAME"';

/** One step of a route. */
const step = () => text(STEPS, parseStep);

function parseStep(word: string): RouteStep {
  const [, upstream] = /^upstream +([A-Za-z0-9][\w.-]*)$/.exec(word) ?? [];
  if (upstream !== undefined) return { upstream };
  if (word === 'cache' || word === 'file' || word === 'handler') return word;
  throw new RangeError(`no step: ${word}`);
}

const ROUTE = section({
  path: required(checked('a path', routePathProblem), {
    description:
      'A path; a folder with all below (`/api/`); or a glob: `*` within a segment, `**` over segments, `?` for one character.',
    example: '/api/',
  }),
  methods: key(oneOrMany(pattern('a method in capitals, such as POST', METHOD), 'a method in capitals, such as POST'), {
    description: 'The methods that the route is for. GET stands for HEAD too.',
    defaultText: 'all',
    example: ['POST', 'PUT'],
  }),
  hosts: key(hosts(), {
    description: 'The hosts that the route is for, each as it stands in `hosts` of the site.',
    defaultText: 'all hosts of the site',
    example: ['api.example.org'],
  }),
  to: required(oneOrMany(step(), STEPS), {
    description:
      'Who answers: files in memory (`cache`), also those on disk (`file`), `handler` or `upstream NAME`; or a list: ' +
      'a file, and then one of the latter.',
    example: ['file', 'upstream app'],
  }),
}).superRefine(({ to }, context) => {
  const message = stepsProblem(to);
  if (message !== undefined) context.addIssue({ code: 'custom', path: ['to'], message });
});

/** Keys that may stand in `defaults` too. */
const RULES = {
  dotfiles: key(toggle(), {
    description: 'Serve names that begin with `.` too. `.well-known` always is.',
    default: false,
  }),
  symlinks: key(choice('inside', 'all', 'none'), {
    description: 'Symbolic links to follow: those that stay inside the folder, all, or none.',
    default: 'inside',
  }),
  charset: key(text('auto, none or a charset that browsers know, such as utf-8 or windows-1252', parseCharset), {
    description: 'Charset of text. `auto`: UTF-8 where it is valid and nothing else is declared.',
    default: 'auto',
  }),
  compress: key(choice('off', 'sidecar', 'load'), {
    description:
      'Content codings. `sidecar`: files such as `app.js.br` beside the file are used. `load`: the others are made too.',
    default: 'load',
  }),
  spa: key(z.union([toggle(), path()], { error: 'must be true, false or a path, such as /app.html' }), {
    description: 'A page that is not there is answered with `/index.html` (true), or with this path.',
    default: false,
  }),
  errorPages: key(errorPages, {
    description: 'The pages that are sent with an error of that status.',
    defaultText: '`/404.html` for 404, if it is there; else a short text',
    example: { 404: '/404.html' },
  }),
  cleanUrls: key(z.union([toggle(), choice('keep')], { error: 'must be true, false or keep' }), {
    description:
      '`/about` is answered by `about.html`, and `/about.html` is redirected to it (true) or answered too (`keep`).',
    default: false,
  }),
  trailingSlash: key(choice('redirect', 'ignore', 'remove'), {
    description: '`/docs` of a folder: redirected to `/docs/`, answered as it is, or `/docs/` redirected to `/docs`.',
    default: 'redirect',
  }),
  browse: key(toggle(), {
    description: 'A folder without index.html is answered with a list of its files.',
    default: false,
  }),
  redirects: key(list(REDIRECT, 'redirects'), {
    description: 'Paths that are answered with another address. They count before files; the first that fits is taken.',
    defaultText: 'none',
    example: [{ from: '/old/*', to: '/new/:splat', status: 308 }],
  }),
  rewrites: key(list(REWRITE, 'rewrites'), {
    description: 'Paths without a file that are answered by the file of another path.',
    defaultText: 'none',
    example: [{ from: '/user/:id', to: '/user.html' }],
  }),
  routes: key(list(ROUTE, 'routes').max(MOST_ROUTES, { error: `must have at most ${MOST_ROUTES} routes` }), {
    description: 'Where requests are answered, by path, method and host. The first route that fits counts.',
    defaultText: 'none: all are answered from files',
    example: [{ path: '/api/', to: 'upstream app' }],
  }),
  headers: key(list(HEADERS, 'header rules'), {
    description: 'Fields of responses, by path. All that fit are used, and a later one replaces an earlier one.',
    defaultText: 'none',
    example: [{ match: '/assets/**', set: { 'Cache-Control': 'max-age=31536000, immutable' } }],
  }),
  cors: key(
    z.union([toggle(), pattern('an origin', ORIGIN)], {
      error: 'must be true (all origins), false, or one origin, such as https://example.org',
    }),
    {
      description: 'Other origins may read the files: all (true), or this one.',
      default: false,
    },
  ),
  types: key(types, {
    description:
      'The media type of an extension, without its dot. It counts before our own. One with a parameter, such as ' +
      '`text/plain; charset=utf-8`, gets no other charset.',
    defaultText: 'those of mime-db',
    example: { wasm: 'application/wasm' },
  }),
  etag: key(toggle(), { description: 'Send ETag.', default: true }),
  lastModified: key(toggle(), { description: 'Send Last-Modified.', default: true }),
  hints: key(toggle(), {
    description:
      'Find in each page, when it is read, what it loads first: styles, scripts, modules. Send it as `Link: …; ' +
      'rel=preload`, and read it into the cache with the page.',
    default: false,
  }),
  serverTiming: key(toggle(), { description: 'Send Server-Timing with the result of the cache.', default: false }),
};

export const SITE = section({
  folder: required(
    z.string({ error: 'must be the path of a folder' }).min(1, { error: 'must be the path of a folder' }),
    {
      description: 'The folder with the files. It must be there.',
      example: './public',
    },
  ),
  name: key(pattern('a short name on one line', new RegExp(`^[\\x20-\\x7e]{1,${LONGEST_NAME}}$`)), {
    description: 'The name of the site in messages, logs and metrics.',
    defaultText: 'the first host, else `site-1`, `site-2` …',
    example: 'shop',
  }),
  hosts: key(hosts(), {
    description: 'The hosts that the site answers for; `*.example.org` stands for all names below.',
    defaultText: 'none: the site is the default site',
    example: ['example.org', '*.example.org'],
  }),
  aliases: key(hosts(), {
    description: 'Hosts that are redirected (301) to the first of `hosts`.',
    defaultText: 'none',
    example: ['www.example.org'],
  }),
  isDefault: key(toggle(), {
    description: 'The site for a host that no site names, and for requests without one, with `unknownHost: default`.',
    defaultText: 'true for the first site without hosts, else for the first site',
    example: true,
  }),
  bandwidth: key(rate(), {
    description: 'The connections of the site together send at most so many bytes a second.',
    defaultText: 'no bound of its own',
    example: '2M',
  }),
  weight: key(count(1, MOST_WEIGHT), {
    description:
      'Its share of `bandwidth: {total: …}` beside those of the other sites. What a site does not use is lent.',
    default: 1,
  }),
  acme: key(toggle(), {
    description: 'Its hosts get a certificate by ACME, if `tls: {acme: …}` asks for some.',
    default: true,
  }),
  ...RULES,
});

export const SITE_DEFAULTS = section(RULES);
