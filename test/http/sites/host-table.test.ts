import { expect } from 'chai';
import fc from 'fast-check';
import { ascii } from '../../../src/http/grammar/grammar.js';
import { HostTable } from '../../../src/http/sites/host-table.js';

const table = new HostTable<string>([
  ['example.org', 'exact'],
  ['*.example.org', 'below'],
  ['*.deep.example.org', 'deeper'],
  ['www.example.org', 'www'],
  ['192.0.2.1', 'v4'],
  ['[2001:db8::1]', 'v6'],
  ['Capital.Example.COM.', 'capital'],
  ['example.org', 'second'],
]);

function find(host: string): string | null {
  const bytes = ascii(`##${host}##`);
  return table.find(bytes, 2, bytes.length - 2);
}

describe('the table of hosts', () => {
  const rows: readonly (readonly [host: string, value: string | null])[] = [
    ['example.org', 'exact'],
    ['EXAMPLE.Org', 'exact'],
    ['example.org:8080', 'exact'],
    ['example.org:', 'exact'],
    ['example.org.', 'exact'],
    ['example.org.:80', 'exact'],
    ['example.org..', null],
    ['www.example.org', 'www'],
    ['mail.example.org', 'below'],
    ['a.b.example.org', 'below'],
    ['A.B.EXAMPLE.ORG.:1', 'below'],
    ['a.deep.example.org', 'deeper'],
    ['deep.example.org', 'below'],
    ['.example.org', null],
    ['xexample.org', null],
    ['example.org.evil', null],
    ['example.or', null],
    ['org', null],
    ['.', null],
    ['192.0.2.1', 'v4'],
    ['192.0.2.1:80', 'v4'],
    ['192.0.2.10', null],
    ['[2001:db8::1]', 'v6'],
    ['[2001:DB8::1]:8080', 'v6'],
    ['[2001:db8::12]', null],
    ['capital.example.com', 'capital'],
    ['*.example.org', 'below'],
    ['80', null],
    [':80', null],
  ];
  for (const [host, value] of rows) {
    it(`leads ${host} to ${value ?? 'nothing'}`, () => {
      expect(find(host)).to.equal(value);
    });
  }

  it('finds each of many names, and none that is not among them', () => {
    const name = fc.array(fc.constantFrom('a', 'b', 'c', 'aa'), { minLength: 1, maxLength: 4 }).map((x) => x.join('.'));
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 60 }), name, (names, asked) => {
        const many = new HostTable(names.map((each, i) => [each, i] as const));
        for (const [i, each] of names.entries()) expect(many.find(ascii(each), 0, each.length)).to.equal(i);
        const at = names.indexOf(asked);
        expect(many.find(ascii(asked), 0, asked.length)).to.equal(at < 0 ? null : at);
      }),
    );
  });
});
