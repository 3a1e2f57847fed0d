/** Charts as SVG. */
import { expect } from 'chai';
import { svg, ticks } from '../../src/drawing/chart.js';

describe('charts as SVG', () => {
  it('have ticks at round numbers, from one end to the other', () => {
    expect(ticks([0, 36])).to.deep.equal([0, 5, 10, 15, 20, 25, 30, 35]);
    expect(ticks([0, 1]).map((value) => Math.round(value * 10) / 10)).to.deep.equal(
      [0, 2, 4, 6, 8, 10].map((tenths) => tenths / 10),
    );
    expect(ticks([0, 200])).to.deep.equal([0, 50, 100, 150, 200]);
  });

  it('draw steps that stay inside the axes, and text that is no markup', () => {
    const text = svg([
      {
        title: 'a < b & c',
        xLabel: 's',
        yLabel: 'KiB',
        xRange: [0, 10],
        yRange: [0, 10],
        series: [
          {
            name: 'cwnd',
            color: 'a',
            points: [
              [-5, 3],
              [2, 5],
              [4, 99],
              [20, 1],
            ],
          },
        ],
      },
    ]);
    expect(text).to.contain('a &lt; b &amp; c');
    // From the left edge at 3, up to 5 at x = 2, to the top at x = 4, and to the right edge.
    expect(text).to.contain('d="M64 221.8H227.2V175H390.4V58H880"');
  });
});
