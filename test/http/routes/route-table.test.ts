import { expect } from 'chai';
import picomatch from 'picomatch';
import { Glob } from '../../../src/http/routes/glob.js';
import { FIRST_KEPT_SPACE, isKeptSpace } from '../../../src/http/routes/kept-names.js';
import type { Route, RouteStep } from '../../../src/http/routes/route.js';
import { RouteTable } from '../../../src/http/routes/route-table.js';
import { SeededRandom } from '../../../src/net/random.js';

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}

function fits(glob: string, path: string): boolean {
  const compiled = new Glob(bytesOf(glob));
  const { prefix } = compiled;
  const bytes = bytesOf(path);
  return path.startsWith(Buffer.from(prefix).toString()) && compiled.fits(bytes, prefix.length, bytes.length);
}

/** A number from 0 to below `limit`. */
function below(random: SeededRandom, limit: number): number {
  return Math.floor(random.nextFraction() * limit);
}

/** The upstream of the route that answers, which names it. */
function routed(table: RouteTable, path: string, method = 'GET'): string | null {
  const request = { bytes: bytesOf(`xx${method} `), from: 2, methodTo: 2 + method.length };
  const bytes = bytesOf(`x${path}x`);
  return table.find(request, bytes, 1, bytes.length - 1)?.otherwise ?? null;
}

function to(upstream: string): readonly RouteStep[] {
  return [{ upstream }];
}

describe('a glob over bytes', () => {
  const rows: readonly (readonly [glob: string, fitting: readonly string[], others: readonly string[]])[] = [
    ['/health', ['/health'], ['/healthy', '/healt', '/health/', '/']],
    ['/*.png', ['/a.png', '/.png', '/a.png.png'], ['/a/b.png', '/a.pngx', '/a.pn']],
    ['/**.png', ['/a.png', '/a/b.png'], ['/a/b.png/c']],
    ['/a/*/c', ['/a/b/c', '/a//c'], ['/a/b/b/c', '/a/c']],
    ['/a/**/c', ['/a/b/c', '/a/b/b/c'], ['/a/c', '/a/b/cd']],
    ['/v?/x', ['/v1/x', '/vé/x'.replace('é', 'e')], ['/v/x', '/v12/x', '/v//x']],
    ['/**/a*b/*.js', ['/x/ab/.js', '/x/y/aXb/ab/axb/m.js'], ['/x/ab/c/m.js', '/ab/m.js']],
    ['/*a*b*c', ['/abc', '/aabbcc', '/xaxbxc'], ['/acb', '/ab/c']],
  ];
  for (const [glob, fitting, others] of rows) {
    it(`${glob} fits what it should`, () => {
      expect(fitting.filter((path) => !fits(glob, path))).to.deep.equal([]);
      expect(others.filter((path) => fits(glob, path))).to.deep.equal([]);
    });
  }

  it('agrees with a regular expression about random globs and paths', () => {
    const random = new SeededRandom(17);
    const pick = (letters: readonly string[], most: number) =>
      Array.from({ length: below(random, most) }, () => letters[below(random, letters.length)]).join('');
    for (let i = 0; i < 20_000; i++) {
      const glob = `/${pick(['a', 'b', '/', '*', '?', '**', 'a'], 8).replace(/\*{3,}/g, '**')}`;
      const source = glob.replace(/\*\*|\*|\?/g, (wild) => (wild === '**' ? '.*' : wild === '*' ? '[^/]*' : '[^/]'));
      const pattern = new RegExp(`^${source}$`);
      const path = `/${pick(['a', 'b', '/'], 10)}`;
      expect(fits(glob, path), `${glob} and ${path}`).to.equal(pattern.test(path));
    }
  });

  it('agrees with the globs of header rules about what both have', () => {
    const test = picomatch('/assets/*/x?.js', { dot: true });
    for (const path of ['/assets/a/x1.js', '/assets/a/b/x1.js', '/assets/a/x.js', '/assets/.a/xx.js']) {
      expect(fits('/assets/*/x?.js', path), path).to.equal(test(path));
    }
  });

  it('takes time that grows with the path, not with the number of wildcards', () => {
    const glob = new Glob(bytesOf(`/${'*a'.repeat(30)}b`));
    const path = bytesOf(`/${'a'.repeat(8_000)}`);
    const before = process.cpuUsage().user;
    expect(glob.fits(path, glob.prefix.length, path.length)).to.equal(false);
    expect(process.cpuUsage().user - before).to.be.below(1_000_000);
  });
});

describe('a route table', () => {
  it('takes the first route that fits, whatever is longer', () => {
    const table = new RouteTable([
      { path: '/api/old/', to: to('old') },
      { path: '/api/', to: to('api') },
      { path: '/api/old/very/', to: to('never') },
      { path: '/*.png', to: to('image') },
      { path: '/health', to: to('health') },
    ]);
    const paths = ['/api/old/', '/api/old/very/x', '/api/', '/api/older', '/a.png', '/health', '/health/', '/api', '/'];
    expect(paths.map((path) => routed(table, path))).to.deep.equal([
      'old',
      'old',
      'api',
      'api',
      'image',
      'health',
      null,
      null,
      null,
    ]);
  });

  it('knows methods by their exact name, and HEAD wherever GET is', () => {
    const table = new RouteTable([
      { path: '/x', methods: ['POST', 'PROPFIND'], to: to('post') },
      { path: '/x', methods: ['GET'], to: to('get') },
    ]);
    const methods = ['POST', 'PROPFIND', 'GET', 'HEAD', 'PUT', 'post', 'POSTX'];
    expect(methods.map((method) => routed(table, '/x', method))).to.deep.equal([
      'post',
      'post',
      'get',
      'get',
      null,
      null,
      null,
    ]);
  });

  it('compares UTF-8 by its bytes', () => {
    const table = new RouteTable([{ path: '/grün/', to: to('green') }]);
    expect([routed(table, '/grün/x'), routed(table, '/gruen/')]).to.deep.equal(['green', null]);
  });

  it('agrees with a walk through the list about random tables', () => {
    const random = new SeededRandom(4);
    const letters = ['a', 'b', '/', 'ab', '*', '**'];
    const text = (most: number, from = letters) =>
      Array.from({ length: 1 + below(random, most) }, () => from[below(random, from.length)]).join('');
    for (let round = 0; round < 300; round++) {
      const routes: Route[] = Array.from({ length: 1 + below(random, 12) }, (_, i) => ({
        path: `/${text(5).replace(/\*{3,}/g, '**')}`,
        ...(below(random, 3) === 0 && { methods: ['POST'] }),
        to: to(`${i}`),
      }));
      const table = new RouteTable(routes);
      for (let i = 0; i < 50; i++) {
        const path = `/${text(6, ['a', 'b', '/'])}`;
        const method = below(random, 2) === 0 ? 'GET' : 'POST';
        const first = routes.findIndex(
          ({ path: glob, methods }) =>
            (methods === undefined || methods.includes(method)) && fits(glob.endsWith('/') ? `${glob}**` : glob, path),
        );
        expect(routed(table, path, method), `${method} ${path}`).to.equal(first < 0 ? null : `${first}`);
      }
    }
  });

  it('refuses steps that make no sense', () => {
    const wrong: (readonly RouteStep[])[] = [
      [],
      ['cache', 'file'],
      ['handler', 'file'],
      ['handler', { upstream: 'x' }],
    ];
    for (const steps of wrong) {
      expect(() => new RouteTable([{ path: '/a', to: steps }]), JSON.stringify(steps)).to.throw(RangeError, 'must');
    }
    expect(() => new RouteTable([{ path: 'a', to: ['file'] }])).to.throw(RangeError, 'begins with "/"');
  });

  it('has kept answers beside the sites, in numbers that no site has', () => {
    expect(FIRST_KEPT_SPACE).to.be.above(1e6);
    expect(isKeptSpace(FIRST_KEPT_SPACE)).to.equal(true);
    expect(isKeptSpace(1e6)).to.equal(false);
    expect((FIRST_KEPT_SPACE + 1e6) | 0).to.equal(FIRST_KEPT_SPACE + 1e6);
  });
});
