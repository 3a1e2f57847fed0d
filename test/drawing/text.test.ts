/** Charts and frames as text for a terminal. */
import { expect } from 'chai';
import { chartText } from '../../src/drawing/chart-text.js';
import { framesText } from '../../src/drawing/frames.js';

const FRAME = { number: 1, time: 1_500_000, arrival: 1_600_000, fate: 'delivered' } as const;

describe('a drawing in the terminal', () => {
  it('shows frames as arrows between lanes, a lost one with a cross half-way, and how many are left out', () => {
    const text = framesText({
      title: '',
      lanes: ['a', 'b', 'c'],
      arrows: [
        { ...FRAME, from: 'a', to: 'b', text: 'over' },
        { ...FRAME, from: 'c', to: 'b', text: 'back' },
        { ...FRAME, from: 'b', to: 'a', text: 'gone', fate: 'queue full' },
      ],
      left: 2,
    });
    expect(text.split('\n')).to.deep.equal([
      '   seconds  a              b              c',
      '  1.500000  |------------->|              |  over',
      '  1.500000  |              |<-------------|  back',
      '  1.500000  |      x-------|              |  gone (queue full)',
      '            … and 2 more frames',
    ]);
  });

  it('fits a narrow terminal: the words of a frame stand below its arrow', () => {
    const arrows = [{ ...FRAME, from: 'a', to: 'b', text: '[P.] seq 1:37, ack 1, win 2048, length 36' }];
    const text = framesText({ title: '', lanes: ['a', 'b'], arrows, left: 0 }, 40);
    expect(text.split('\n')).to.deep.equal([
      '   seconds  a              b',
      '  1.500000  |------------->|',
      '    [P.] seq 1:37, ack 1, win 2048,',
      '    length 36',
    ]);
  });

  it('does not let a dashed series hide another one that has its value', () => {
    const points: [number, number][] = [
      [0, 5],
      [10, 5],
    ];
    const chart = { title: 'T', xLabel: 's', yLabel: 'kB', xRange: [0, 10], yRange: [0, 10] } as const;
    const series = [
      { name: 'cwnd', color: 'a', points },
      { name: 'ssthresh', color: 'b', points, dashed: true },
    ] as const;
    expect(chartText({ ...chart, series }, 40)).to.include(`|${'.'.repeat(28)}\n`);
  });

  it('fits a narrow terminal: a chart is as wide, with a line for each name', () => {
    const points = [[0, 0] as const, [10, 100] as const];
    const series = ['a queue of 250 kB', 'a queue of 25 kB'].map((name) => ({ name, points, color: '' }));
    const ranges = { xRange: [0, 10] as const, yRange: [0, 100] as const };
    const chart = {
      title: 'The round trip of a download through two queues',
      xLabel: 's',
      yLabel: 'ms',
      ...ranges,
      series,
    };
    const lines = chartText(chart as never, 40).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).to.equal(40);
    expect(lines.slice(0, 4)).to.deep.equal([
      'The round trip of a download through two',
      'queues',
      '      ms   . a queue of 250 kB',
      '           # a queue of 25 kB',
    ]);
  });

  it('shows a series at its highest value in each column, between numbered axes', () => {
    const points = [
      [0, 0],
      [5, 100],
      [5.01, 50],
    ] as const;
    const lines = chartText({
      title: 'A title',
      xLabel: 'seconds',
      yLabel: 'kB',
      xRange: [0, 10],
      yRange: [0, 100],
      series: [
        { name: 'one', color: 'a', points },
        { name: 'other', color: 'b', points: [[8, 100]] },
      ],
    }).split('\n');
    expect(lines.slice(0, 2)).to.deep.equal(['A title', '      kB   . one   # other']);
    const peak = lines[2]!;
    expect(peak.slice(0, 10)).to.equal('     100 |');
    expect([peak.indexOf('.'), peak.indexOf('#')]).to.deep.equal([10 + 31, 10 + 50]);
    // Behind the peak the line goes on where it was last.
    const behind = lines.find((line) => line.startsWith('    46.2 |'));
    expect(behind).to.equal(`    46.2 |${' '.repeat(32)}${'.'.repeat(32)}`);
    expect(lines.at(-3)!.trimEnd()).to.equal(`       0 |${'.'.repeat(31)}`);
    expect(lines.at(-1)).to.match(/^ {10}0 +10 seconds$/);
  });
});
