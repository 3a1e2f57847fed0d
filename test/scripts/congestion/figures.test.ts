/** The figures of docs/congestion.md show what the document says of them. */
import { expect } from 'chai';
import { figures } from '../../../scripts/congestion/draw/figures.js';
import { PATH_BYTES, record } from '../../../scripts/congestion/draw/scenarios.js';
import type { Sample } from '../../../scripts/congestion/virtual-flow.js';

/** The sample with which `state` is entered first after `from`, and the one before. */
function entry(samples: readonly Sample[], state: string, from: number): [Sample, Sample] {
  const at = samples.findIndex(
    (sample, i) => sample.time > from && sample.state === state && samples[i - 1]!.state !== state,
  );
  expect(at, `${state} after ${from} s`).to.be.at.least(1);
  return [samples[at - 1]!, samples[at]!];
}

describe('congestion: the figures', () => {
  const runs = { newreno: record('newreno'), cubic: record('cubic') };

  for (const [control, share] of [
    ['newreno', 0.5],
    ['cubic', 0.7],
  ] as const) {
    it(`${control}: one loss leaves ${share} of the window, a time-out one segment`, () => {
      const { samples, mss } = runs[control];
      const [before, after] = entry(samples, 'recovery', 8.5);
      expect(after.ssthresh / before.cwnd).to.be.closeTo(share, 0.03);
      const [, timedOut] = entry(samples, 'loss', 16);
      expect(timedOut.cwnd).to.equal(mss);
    });

    it(`${control}: in avoidance the window goes to what path and queue hold, and never far beyond`, () => {
      const { samples } = runs[control];
      const highest = Math.max(...samples.filter(({ time }) => time > 3 && time < 16).map(({ cwnd }) => cwnd));
      expect(highest / (2 * PATH_BYTES)).to.be.within(0.9, 1.1);
    });

    it(`${control}: in fast recovery the pipe comes down to the threshold without a pause`, () => {
      const { samples } = runs[control];
      const [, { time, ssthresh }] = entry(samples, 'recovery', 8.5);
      const during = samples.filter(
        (sample) => sample.time > time && sample.state === 'recovery' && sample.time < time + 0.2,
      );
      expect(during.length).to.be.above(10);
      expect(Math.min(...during.map(({ pipe }) => pipe)) / ssthresh).to.be.above(0.85);
    });
  }

  it('are the same at every run, and have axes, units and both colour schemes', () => {
    const files = figures();
    expect(files).to.deep.equal(figures());
    expect([...files.keys()]).to.have.members([
      'congestion-newreno.svg',
      'congestion-cubic.svg',
      'congestion-recovery.svg',
    ]);
    for (const text of files.values()) {
      expect(text).to.contain('prefers-color-scheme: dark').and.contain('>KiB</text>').and.contain('>cwnd</text>');
      expect(text).to.not.match(/NaN|Infinity|undefined/);
    }
  });
});
