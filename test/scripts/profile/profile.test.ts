import { expect } from 'chai';
import { allocators } from '../../../scripts/profile/heap-profile.js';
import { parsePerfReport } from '../../../scripts/profile/perf.js';
import { withoutStaleNames } from '../../../scripts/profile/perf-map.js';
import { sharesByOwner, topLines } from '../../../scripts/profile/sample.js';
import { selfTimes } from '../../../scripts/profile/v8-profile.js';

const REPORT = `# Overhead|Shared Object|Symbol
    71.46%|[kernel.kallsyms]|[k] _copy_from_iter
     5.43%|perf-9.map|[.] JS:*receive file:///home/a/dist/src/net/ip/input.js:22:12
     2.00%|node|[.] Builtins_RecordWrite
     1.24%|libc.so.6|[.] __GI___writev
     0.30%|koffi.node|[.] ForwardCall
`;

describe('profiles', () => {
  it('of perf are read: whose code, and names without the way to the project', () => {
    const functions = parsePerfReport(REPORT);
    expect(functions.map(({ owner }) => owner)).to.deep.equal(['kernel', 'JavaScript', 'V8 and Node', 'libc', 'koffi']);
    expect(functions[1]).to.include({ name: '*receive src/net/ip/input.js:22:12', percent: 5.43 });
  });

  it('show the top of user space, and the sums by owner', () => {
    const functions = parsePerfReport(REPORT);
    expect(sharesByOwner(functions)[0]).to.deep.equal(['kernel', 71.46]);
    const lines = topLines(functions, 2, (owner) => owner !== 'kernel');
    expect(lines).to.have.length(2);
    expect(lines[0]).to.include('*receive');
  });

  it("of V8 give each function's own time as a share of what was not idle", () => {
    const node = (id: number, functionName: string, url: string) => ({
      id,
      callFrame: { functionName, url, lineNumber: 9 },
    });
    const nodes = [node(1, 'a', 'file:///x/dist/src/a.js'), node(2, '(idle)', ''), node(3, 'write', '')];
    const functions = selfTimes({ nodes, samples: [1, 2, 3, 1], timeDeltas: [100, 5000, 50, 50] });
    expect(functions).to.deep.equal([
      { name: 'a src/a.js:10', owner: 'JavaScript', percent: 75 },
      { name: 'write', owner: 'V8 and Node', percent: 25 },
    ]);
  });
});

describe('allocation profiles', () => {
  it('sum what a function itself allocates, from wherever it was called', () => {
    const frame = (functionName: string, url: string) => ({ functionName, url, lineNumber: 4 });
    const leaf = (selfSize: number) => ({
      callFrame: frame('make', 'file:///x/dist/src/make.js'),
      selfSize,
      children: [],
    });
    const caller = { callFrame: frame('run', 'file:///x/dist/src/run.js'), selfSize: 8, children: [leaf(100)] };
    const head = { callFrame: frame('(root)', ''), selfSize: 0, children: [caller, leaf(20)] };
    expect(allocators(head)).to.deep.equal([
      { name: 'make src/make.js:5', bytes: 120 },
      { name: 'run src/run.js:5', bytes: 8 },
    ]);
  });
});

describe("perf's map of compiled functions", () => {
  it('keeps the last name of an address, and of ranges that overlap the later one', () => {
    const map = ['1000 100 old', '2000 100 other', '1080 100 newer', '3000 10 same', '3000 10 again'].join('\n');
    expect(withoutStaleNames(`${map}\n`)).to.equal('1080 100 newer\n2000 100 other\n3000 10 again\n');
  });

  it('keeps neighbours that only touch', () => {
    expect(withoutStaleNames('1000 100 a\n1100 100 b\n')).to.equal('1000 100 a\n1100 100 b\n');
  });
});
