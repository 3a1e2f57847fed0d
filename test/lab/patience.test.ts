import { expect } from 'chai';
import { computedBy, Patience } from '../../src/lab/patience.js';

/** A patience with a clock of its own, and how to move it. */
function watched(hasProcessorTime = true) {
  let [computed, passed] = [700, 90_000];
  const spent = () => ({ computed: hasProcessorTime ? computed : undefined, passed });
  const patience = new Patience({ computing: 10_000, waiting: 60_000 }, spent);
  const spend = (seconds: number, onTheClock: number) => {
    computed += seconds * 1000;
    passed += onTheClock * 1000;
  };
  return { patience, spend };
}

describe('the patience of the judge', () => {
  it('does not take a slow machine for an endless loop: the processor’s time of the case counts', () => {
    const { patience, spend } = watched();
    spend(11, 200); // the stack is loaded
    expect(patience.overdue()).to.equal(undefined);
    patience.caseBegins();
    spend(2, 59);
    expect(patience.overdue()).to.equal(undefined);
    patience.caseBegins();
    spend(9, 59);
    expect(patience.overdue()).to.equal(undefined);
  });

  it('ends a case that computes too long, and one that waits without end', () => {
    const [loop, wait, elsewhere] = [watched(), watched(), watched(false)];
    for (const { patience } of [loop, wait, elsewhere]) patience.caseBegins();
    loop.spend(11, 12);
    expect(loop.patience.overdue()).to.deep.equal({ isLoading: false, bound: 'computing' });
    wait.spend(0, 61);
    expect(wait.patience.overdue()).to.deep.equal({ isLoading: false, bound: 'waiting' });
    elsewhere.spend(59, 59);
    expect(elsewhere.patience.overdue(), 'no processor’s time, in time').to.equal(undefined);
    elsewhere.spend(2, 2);
    expect(elsewhere.patience.overdue()).to.deep.equal({ isLoading: false, bound: 'waiting' });
  });

  it('ends a process that does not begin, and sooner a file that loops while it is loaded', () => {
    const [process, file] = [watched(), watched()];
    process.spend(51, 60);
    expect(process.patience.overdue()).to.deep.equal({ isLoading: true, bound: 'computing' });
    file.spend(9, 9);
    file.patience.fileBegins();
    file.spend(9, 9);
    expect(file.patience.overdue()).to.equal(undefined);
    file.spend(2, 2);
    expect(file.patience.overdue()).to.deep.equal({ isLoading: true, bound: 'computing' });
  });

  it('reads the processor’s time of a process, and of none where there is no such process', function () {
    if (process.platform !== 'linux') return this.skip();
    const { user, system } = process.cpuUsage();
    expect(computedBy(process.pid)).to.be.closeTo((user + system) / 1000, 200);
    expect(computedBy(undefined)).to.equal(undefined);
  });
});
