/** What a schema of zod wants, in words, where its author wrote none. */
import { expect } from 'chai';
import { z } from 'zod';
import { complaintsOf } from '../../../src/site/config/explain.js';
import { plainWords } from '../../../src/site/config/words.js';

describe('what a schema wants, in words', () => {
  const rows: readonly (readonly [schema: z.ZodType, value: unknown, words: string])[] = [
    [z.string(), 1, 'must be text, not 1; put it into quotes'],
    [z.boolean(), 'yes', 'must be true or false, not "yes"; write true'],
    [z.int(), 1.5, 'must be a whole number, not 1.5'],
    [z.int().min(1), 0, 'must be at least 1, not 0'],
    [z.number().positive(), -1, 'must be more than 0, not -1'],
    [z.number().multipleOf(5), 3, 'must be a multiple of 5, not 3'],
    [z.string().min(1), '', 'must not be empty'],
    [z.string().max(2), 'abc', 'must have at most 2 characters, not "abc"'],
    [z.array(z.int()).max(1), [1, 2], 'must have at most 1 item, not a list'],
    [z.array(z.int()).min(1), [], 'must have at least 1 item, not an empty list'],
    [z.enum(['fast', 'slow']), 'fsat', 'must be fast or slow, not "fsat"; did you mean "fast"?'],
    [z.union([z.string(), z.number()]), [], 'must be text or a number, not an empty list'],
    [z.string().startsWith('/'), 'a', 'must begin with "/", not "a"'],
    [z.string().regex(/^x$/), 'a', 'must have the form /^x$/, not "a"'],
    [z.url(), 'a', 'must be a URL, not "a"'],
    [z.any().refine(() => false), 1, 'the module does not take this'],
    [z.string().refine(() => false, 'must be a word'), 'a', 'must be a word, not "a"'],
  ];
  for (const [schema, value, words] of rows) {
    it(words, () => {
      const { error } = schema.safeParse(value, { error: plainWords });
      expect(error && complaintsOf(error, value, schema).map(({ message }) => message)).to.deep.equal([words]);
    });
  }

  it('name a key that is unknown, or missing, where it stands', () => {
    const schema = z.strictObject({ port: z.int(), name: z.string() });
    const { error } = schema.safeParse({ prot: 1, port: 1 }, { error: plainWords });
    expect(error && complaintsOf(error, { prot: 1, port: 1 }, schema)).to.deep.equal([
      { path: ['name'], message: 'is missing', at: 'parent' },
      { path: ['prot'], message: 'there is no such key; did you mean "port"?', at: 'key' },
    ]);
  });
});
