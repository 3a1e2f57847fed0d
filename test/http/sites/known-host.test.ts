import { expect } from 'chai';
import fc from 'fast-check';
import { hashPath } from '../../../src/cache/object/record.js';
import { HOST_FIELD } from '../../../src/http/grammar/fields.js';
import { ascii } from '../../../src/http/grammar/grammar.js';
import { DEFAULT_LIMITS } from '../../../src/http/limits.js';
import { RequestFraming } from '../../../src/http/request/framing.js';
import { COMPLETE, INCOMPLETE, RequestScanner } from '../../../src/http/request/scanner.js';
import { KnownHost } from '../../../src/http/sites/known-host.js';
import { ONE_SITE, Sites } from '../../../src/http/sites/sites.js';

const framing = new RequestFraming();

/** Everything that can be read of the request `text`, given in two parts. */
function read(text: string, known: KnownHost | null, cut = 0) {
  const scanner = new RequestScanner(DEFAULT_LIMITS, known);
  const bytes = ascii(text);
  scanner.begin(bytes, 0);
  let outcome = scanner.scan(Math.min(cut, bytes.length));
  if (outcome === INCOMPLETE) outcome = scanner.scan(bytes.length);
  const status = outcome === COMPLETE ? framing.judge(scanner) : outcome;
  const rows = Array.from({ length: scanner.fieldCount }, (_, row) => [
    scanner.nameFrom(row),
    scanner.nameTo(row),
    scanner.valueFrom(row),
    scanner.valueTo(row),
  ]);
  const { at, seen, repeated, targetHash, hostIsKnown } = scanner;
  return {
    hostIsKnown,
    facts: { outcome, status, at, seen, repeated, targetHash, rows, host: scanner.findRow(HOST_FIELD) },
  };
}

const request = (...lines: string[]) => `GET /a HTTP/1.1\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;

function knowing(line: string): KnownHost {
  const known = new KnownHost();
  read(request(line), known);
  return known;
}

describe('a Host line that is known', () => {
  it('is recognised, and its row is what a look at it would have given', () => {
    const known = knowing('hOsT: \t example.org:80\t');
    const again = request('hOsT: \t example.org:80\t', 'Accept: */*');
    const { hostIsKnown, facts } = read(again, known);
    expect(hostIsKnown).to.equal(true);
    expect(facts).to.deep.equal(read(again, null).facts);
    expect(facts.status).to.equal(0);
  });

  for (const [what, lines] of [
    ['another letter', ['Host: example.orh']],
    ['another case', ['Host: Example.org']],
    ['another name of the field', ['Hose: example.org']],
    ['more behind it', ['Host: example.org:80']],
    ['less of it', ['Host: example.or']],
    ['another place', ['Accept: */*', 'Host: example.org']],
  ] as const) {
    it(`is not what a line is with ${what}`, () => {
      const known = knowing('Host: example.org');
      const { hostIsKnown, facts } = read(request(...lines), known);
      expect(hostIsKnown).to.equal(false);
      expect(facts).to.deep.equal(read(request(...lines), null).facts);
    });
  }

  for (const line of ['Host: a b', 'Host: a/b', 'Host:', `Host: ${'a'.repeat(100)}`]) {
    it(`is never "${line.slice(0, 12)}"${line.length > 12 ? ' …, which is too long' : ', which is wrong'}`, () => {
      expect(knowing(line).length).to.equal(0);
    });
  }

  it('does not hide a second Host', () => {
    const known = knowing('Host: example.org');
    for (const second of ['Host: example.org', 'Host: b', 'host:']) {
      expect(read(request('Host: example.org', second), known).facts.status).to.equal(400);
    }
  });

  it('leaves every request as it is read without it, however it is cut', () => {
    const line = fc.constantFrom('Host: a.b', 'Host: a.c', 'host: a.b', 'Host:a.b ', 'Host: a.b ', 'X: y', 'Host: a b');
    const text = fc.array(line, { maxLength: 3 }).map((lines) => request(...lines));
    const damage = fc.record({ at: fc.nat(60), with: fc.constantFrom('', '\r', '\n', ' ', ':', 'b', '\0') });
    fc.assert(
      fc.property(line, text, damage, fc.nat(60), (first, sound, { at, with: put }, cut) => {
        const known = knowing(first);
        const damaged = sound.slice(0, at) + put + sound.slice(at + 1);
        for (const each of [sound, damaged]) {
          const { facts } = read(each, known, cut);
          const plain = read(each, null).facts;
          // What else a refused head says is of no use.
          if (plain.outcome > COMPLETE) expect(facts.status).to.equal(plain.status);
          else expect(facts).to.deep.equal(plain);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('keeps what it leads to until the sites change', () => {
    const sites = new Sites({ ...ONE_SITE, sites: [{}, {}], hosts: [{ name: 'a.b', site: 1 }] });
    const known = knowing('Host: a.b');
    expect(known.choice(sites).site).to.equal(1);
    expect(known.choice(sites)).to.equal(known.choice(sites));
    sites.use({ ...ONE_SITE, hosts: [{ name: 'a.b', site: 0 }] });
    expect(known.choice(sites).site).to.equal(0);
    read(request('Host: c.d'), known);
    expect(known.choice(sites)).to.equal(sites.unknown);
  });
});

describe('the hash of a target', () => {
  it('is that of its bytes, however the request is cut', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, unit: fc.constantFrom('a', '/', '.', '%', '\xff') }),
        fc.nat(40),
        (path, cut) => {
          const bytes = ascii(`/${path}`);
          const text = request('Host: a').replace('/a', `/${path}`);
          expect(read(text, null, cut).facts.targetHash).to.equal(hashPath(bytes, 0, bytes.length));
        },
      ),
    );
  });
});
