/** docs/tcp-states.md says what the tables say. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { arrows, diagram } from '../../../scripts/states/diagram.js';
import { withTables } from '../../../scripts/states/page.js';

const docs = new URL('../../../../docs/', import.meta.url);

describe('docs: the states of a connection', () => {
  it('the tables of the page are those of the stack (npm run states:draw)', () => {
    const page = readFileSync(new URL('tcp-states.md', docs), 'utf8');
    expect(withTables(page)).to.equal(page);
  });

  it('the figure is what the tables give (npm run states:draw)', () => {
    expect(readFileSync(new URL('images/tcp-states.svg', docs), 'utf8')).to.equal(diagram());
  });

  it('every state that an arrow touches has its box', () => {
    const figure = diagram();
    for (const [from, , to] of arrows()) {
      expect(figure).to.include(`>${from}</text>`);
      expect(figure).to.include(`>${to}</text>`);
    }
  });

  it('a page without the marks is an error, not a page without tables', () => {
    expect(() => withTables('# Something else')).to.throw(/marks/);
  });
});
