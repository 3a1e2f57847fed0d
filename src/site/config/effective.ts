/**
 * The configuration that counts: every key with its value, and which of them are defaults. `fastpath check` prints it
 * as YAML, where a comment marks a default, or as JSON.
 */
import { Document, isMap, isSeq, type Node, type Pair, Scalar } from 'yaml';
import type { z } from 'zod';
import { siteName } from '../options.js';
import { factsOf, type Keys } from './keys.js';
import type { LoadedConfiguration } from './load.js';
import { keyOf } from './problem.js';
import { CONFIGURATION, type Configuration } from './schema.js';
import { LONGEST_NAME } from './sections/site.js';
import { isSwitchable, itemOf, keysOf } from './shape.js';

/** Where a value that is not in the file comes from. */
export type Origin = 'default' | 'defaults';

/** Everything that counts. */
export interface EffectiveConfiguration {
  readonly values: Readonly<Record<string, unknown>>;
  /** By the way to the key: it is our default, or stands in the section `defaults`. */
  readonly origins: ReadonlyMap<string, Origin>;
}

/** A default that is no fixed value. */
class InWords {
  constructor(readonly text: string) {}
}

type Mapping = Readonly<Record<string, unknown>>;

/** The configuration that counts, from one that is right. */
export function effective({ given, values }: LoadedConfiguration): EffectiveConfiguration {
  const origins = new Map<string, Origin>();
  const common = (given as { defaults?: Mapping }).defaults ?? {};
  const names = (values.sites ?? []).map(siteName);
  const whole = withPaths(given as Mapping, values);
  delete whole.defaults; // each site shows what it has of them
  const { defaults: _, ...keys } = keysOf(CONFIGURATION) as Keys;
  return { values: complete(keys, whole, [], { origins, common, names }), origins };
}

/** With the paths as they are used. */
function withPaths(given: Mapping, values: Configuration): Record<string, unknown> {
  const { sites, handler, log, admin, capture, tls } = values;
  const section = (name: string, paths: Mapping) => {
    const known = Object.entries(paths).filter(([, path]) => path !== undefined);
    return known.length === 0 ? {} : { [name]: { ...(given[name] as Mapping), ...Object.fromEntries(known) } };
  };
  const { folder } = tls?.acme ?? {};
  return {
    ...given,
    ...(sites !== undefined && {
      sites: (given.sites as Mapping[]).map((site, i) => ({ ...site, folder: sites[i]?.folder })),
    }),
    ...(handler !== undefined && { handler }),
    ...section('log', { to: log?.to?.kind === 'file' ? log.to.path : undefined }),
    ...section('admin', {
      listen: admin?.listen?.kind === 'unix' ? admin.listen.path : undefined,
      tokenFile: admin?.tokenFile,
    }),
    ...section('capture', { file: capture?.file }),
    ...section('tls', {
      certificates: tls?.certificates,
      acme: folder === undefined ? undefined : { ...(given.tls as { acme: Mapping }).acme, folder },
    }),
  };
}

interface Context {
  readonly origins: Map<string, Origin>;
  readonly common: Mapping;
  /** The names of the sites, whether the file says them or not. */
  readonly names: readonly string[];
}

function complete(keys: Keys, given: Mapping, path: readonly PropertyKey[], context: Context): Mapping {
  const out: Record<string, unknown> = {};
  for (const [name, type] of Object.entries(keys)) {
    const here = [...path, name];
    const value = given[name];
    const inner = isSwitchable(type) && typeof value !== 'object' ? undefined : keysOf(type);
    if (inner !== undefined) out[name] = complete(inner, (value as Mapping | undefined) ?? {}, here, context);
    else if (value !== undefined) out[name] = completeList(type, value, here, context);
    else out[name] = absent(name, type, here, context);
  }
  return out;
}

/** The sites are completed too; rules within them stand as they are. */
function completeList(type: z.ZodType, value: unknown, path: readonly PropertyKey[], context: Context): unknown {
  const keys = path.length === 1 && path[0] === 'sites' ? keysOf(itemOf(type) as z.ZodType) : undefined;
  if (keys === undefined || !Array.isArray(value)) return value;
  return value.map((item: Mapping, i) => complete(keys, item, [...path, i], context));
}

function absent(name: string, type: z.ZodType, path: readonly PropertyKey[], context: Context): unknown {
  const { origins, common, names } = context;
  const isOfSite = path[0] === 'sites' && path.length === 3;
  if (isOfSite && common[name] !== undefined) {
    origins.set(keyOf(path), 'defaults');
    return common[name];
  }
  origins.set(keyOf(path), 'default');
  const siteName = isOfSite && name === 'name' ? names[Number(path[1])] : undefined;
  if (siteName !== undefined && siteName.length <= LONGEST_NAME) return siteName;
  const facts = factsOf(type);
  return facts?.default ?? new InWords(facts?.defaultText ?? '');
}

/** As YAML: `port: 80 # default`. */
export function toYaml(configuration: EffectiveConfiguration): string {
  const { sites, ...rest } = configuration.values;
  const hasSites = !(sites instanceof InWords);
  const document = new Document(plain(hasSites ? configuration.values : rest));
  if (!hasSites) document.commentBefore = ` sites: ${sites.text}`; // a list that is begun wants a site
  mark(document.contents, [], configuration);
  return document.toString({ lineWidth: 0 });
}

/** As one JSON object: `configuration`, and the keys that are defaults. A default in words is null. */
export function toJson({ values, origins }: EffectiveConfiguration): object {
  const from = (origin: Origin) => [...origins].flatMap(([key, each]) => (each === origin ? [key] : []));
  return { configuration: plain(values), default: from('default'), fromDefaults: from('defaults') };
}

function plain(value: unknown): unknown {
  if (value instanceof InWords) return null;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
}

function mark(node: unknown, path: readonly PropertyKey[], configuration: EffectiveConfiguration): void {
  if (isSeq(node)) {
    for (const [i, item] of node.items.entries()) mark(item, [...path, i], configuration);
  }
  if (!isMap(node)) return;
  for (const pair of node.items as Pair<Scalar<string>, Node>[]) {
    const here = [...path, pair.key.value];
    const origin = configuration.origins.get(keyOf(here));
    if (origin === undefined) mark(pair.value, here, configuration);
    else comment(pair, origin, valueAt(configuration.values, here));
  }
}

function comment(pair: Pair<Scalar<string>, Node>, origin: Origin, value: unknown): void {
  const text = origin === 'default' ? ' default' : ' from "defaults"';
  if (value instanceof InWords) {
    pair.value = new Scalar(null);
    (pair.value as Scalar).source = '';
    pair.value.comment = `${text}: ${value.text}`;
  } else if (pair.value instanceof Scalar) {
    pair.value.comment = text;
  } else {
    pair.key.commentBefore = text;
  }
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((here, part) => (here as Record<PropertyKey, unknown> | undefined)?.[part], value);
}
