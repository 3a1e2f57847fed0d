import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), 'utf8');

describe('README.md', () => {
  it('shows examples/embed.ts word for word, which test/tap/embed.test.ts runs', () => {
    const [, shown] = /^```ts\n([\s\S]*?)^```$/m.exec(read('README.md')) ?? [];
    const example = read('examples/embed.ts');
    expect(shown).to.equal(example.slice(example.indexOf('import ')));
  });
});
