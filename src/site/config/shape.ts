/** The schema as a tree: which keys a mapping may have, and what lies behind an option, a list or a conversion. */
import { z } from 'zod';
import type { Keys } from './keys.js';

/** The type itself: without "optional", and before it is converted. */
export function bare(type: z.ZodType): z.ZodType {
  if (type instanceof z.ZodOptional || type instanceof z.ZodExactOptional) return bare(type.unwrap() as z.ZodType);
  if (type instanceof z.ZodPipe) return bare(type.in as z.ZodType);
  return type;
}

/** The keys of a mapping, or of one that may also be a switch; undefined: the type is none, or takes any key. */
export function keysOf(type: z.ZodType): Keys | undefined {
  const inner = bare(type);
  if (isSwitchable(inner)) {
    const options = (inner as z.ZodUnion).options as readonly z.ZodType[];
    return options.map(keysOf).find((keys) => keys !== undefined);
  }
  return inner instanceof z.ZodObject ? (inner.shape as Keys) : undefined;
}

/** Whether `true` and `false` may stand in place of a mapping. */
export function isSwitchable(type: z.ZodType): boolean {
  const inner = bare(type);
  if (!(inner instanceof z.ZodUnion)) return false;
  const options = inner.options as readonly z.ZodType[];
  return (
    options.some((option) => option instanceof z.ZodBoolean) &&
    options.some((option) => bare(option) instanceof z.ZodObject)
  );
}

/** The type of the items of a list, or of the values of a mapping with any keys; undefined: it is neither. */
export function itemOf(type: z.ZodType): z.ZodType | undefined {
  const inner = bare(type);
  if (inner instanceof z.ZodRecord) return inner.valueType as z.ZodType;
  return inner instanceof z.ZodArray ? (inner.element as z.ZodType) : undefined;
}

/** The type at the end of a path; undefined where the schema does not say. */
export function typeAt(type: z.ZodType, path: readonly PropertyKey[]): z.ZodType | undefined {
  let here: z.ZodType | undefined = type;
  for (const part of path) {
    if (here === undefined) return undefined;
    const keys: Keys | undefined = typeof part === 'number' ? undefined : keysOf(here);
    here = keys === undefined ? itemOf(here) : keys[String(part)];
  }
  return here;
}
