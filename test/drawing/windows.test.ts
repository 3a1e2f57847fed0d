import { expect } from 'chai';
import { World } from '../../src/browser/index.js';
import { comparedWindows, connectionsOf, tcbEventsOf } from '../../src/drawing/windows.js';

/** Two hosts that send to a third, the second half a second later and half as much. */
function twoSenders(): World {
  const world = new World({
    hosts: { first: {}, second: {}, receiver: {} },
    link: { both: { delay: 5_000 } },
    start: (world) => {
      world.transfer('first', 'receiver', { content: 40_000 });
      world.at(500_000, (now) => void now.transfer('second', 'receiver', { content: 20_000, port: 10 }));
    },
  });
  world.runUntil(() => world.transfers.length === 2 && world.transfers.every(({ done }) => done));
  return world;
}

describe('drawing/windows', () => {
  const { events } = twoSenders().history;

  it('finds the connections of one side, in the order in which they began', () => {
    expect(connectionsOf(events, 'client').map(([first]) => first?.host)).to.deep.equal(['first', 'second']);
    expect(connectionsOf(events, 'server').map(([first]) => first?.host)).to.deep.equal(['receiver', 'receiver']);
    expect(tcbEventsOf(events, 'client')).to.deep.equal(connectionsOf(events, 'client')[0]);
    expect(() => tcbEventsOf([], 'client')).to.throw('no connection has a client');
  });

  it('draws several connections on the same axes, so that their windows can be compared', () => {
    const charts = comparedWindows(['one', 'two'], connectionsOf(events, 'client'));
    expect(charts.map(({ title }) => title)).to.deep.equal(['one', 'two']);
    const [one, two] = charts;
    expect(two?.xRange).to.deep.equal(one?.xRange);
    expect(two?.yRange).to.deep.equal(one?.yRange);
    expect(one?.xRange[1]).to.be.greaterThan(0.5);
    expect(charts.map(({ series }) => series[1]?.points[0]?.[0])).to.deep.equal([0, 0.5]);
  });
});
