import { expect } from 'chai';
import { SECOND } from '../../../src/net/clock.js';
import { IpAddress } from '../../../src/net/wire/address.js';
import { type AutomaticView, AutomaticWatch, leaseOf } from '../../../src/serve/network/automatic-addresses.js';
import { NdpWorld, prefixOption, ROUTER } from '../../net/ndp/world.js';

/** A host that follows advertisements, and what the watch has told of it. */
class Watched extends NdpWorld {
  readonly told: AutomaticView[] = [];
  readonly #watch = new AutomaticWatch(this.layer, (view) => this.told.push(view));

  constructor() {
    super({ duplicateDetection: 'strict' });
  }

  /** Looks at the address as a worker does. The stack's clock began at 1,000,000 ms of the wall clock. */
  look(): AutomaticView | undefined {
    const before = this.told.length;
    this.#watch.look(this.clock.now, 1_000_000 + this.clock.now / 1000);
    return this.told[before];
  }
}

describe('what a worker tells of the addresses that it makes of prefixes', () => {
  it('begins with none; then each with its router and lifetimes by the wall clock; nothing while nothing changes', () => {
    const world = new Watched();
    world.startAndWatch(20);
    expect(world.look()).to.deep.equal({ addresses: [], dnsServers: [] });
    expect(world.look()).to.equal(undefined);

    world.route6({}, { options: [prefixOption({ valid: 7200, preferred: 3600 })] });
    const now = 1_000_000 + world.clock.now / 1000;
    const first = world.look()?.addresses[0];
    expect(first).to.deep.include({ router: ROUTER, state: 'tentative' });
    expect(first?.network).to.match(/^2001:db8:1:.*\/64$/);
    expect(first?.preferredUntil).to.equal(Math.round(now + 3_600_000));
    expect(first?.validUntil).to.equal(Math.round(now + 7_200_000));
    world.watch(20);
    expect(world.look()?.addresses[0]).to.deep.equal({ ...first, state: 'assigned' });
    world.clock.now += 0.7 * SECOND;
    expect(world.look()).to.equal(undefined);
  });

  it('is what another stack goes on with: the same address, way out and lifetimes, until an advertisement renews it', () => {
    const before = new Watched();
    before.startAndWatch(20);
    before.route6({}, { options: [prefixOption({ valid: 7200, preferred: 3600 })] });
    const [told] = before.look()?.addresses ?? [];
    if (told === undefined) throw new Error('no address was made');

    const world = new Watched();
    world.startAndWatch(20);
    world.clock.now += 600 * SECOND;
    const present = { now: world.clock.now, epochMs: 1_000_000 + world.clock.now / 1000 };
    world.layer.adoptAutomatic(leaseOf(told, present));
    world.watch(3);
    expect(world.look()?.addresses).to.deep.equal([{ ...told, state: 'assigned' }]);
    expect(world.layer.routeTo(IpAddress.parse('2001:db8:9::1'))).not.to.equal(undefined);
    world.route6({}, { options: [prefixOption({ valid: 8000, preferred: 4000 })] });
    const renewed = world.look()?.addresses;
    expect(renewed).to.have.length(1);
    expect(renewed?.[0]?.validUntil).to.be.above(told.validUntil ?? 0);
    world.layer.adoptAutomatic(leaseOf({ ...told, network: '2001:db8:2::1/64', validUntil: 0 }, present));
    expect(world.look(), 'its time was over').to.equal(undefined);
  });

  it('tells of lifetimes that never end, of one that another advertisement has changed, and of the end', () => {
    const world = new Watched();
    world.startAndWatch(20);
    const announce = (valid: number, preferred: number) => {
      world.route6({}, { options: [prefixOption({ valid, preferred })] });
      return world.look()?.addresses[0];
    };
    expect(announce(0xffff_ffff, 0xffff_ffff)).to.deep.include({ preferredUntil: null, validUntil: null });
    const shorter = announce(60, 30);
    const now = 1_000_000 + world.clock.now / 1000;
    expect(shorter?.preferredUntil).to.equal(Math.round(now + 30_000));
    expect(shorter?.validUntil, 'the two-hour rule').to.equal(Math.round(now + 7_200_000));
    world.watch(7201);
    expect(world.look()).to.deep.equal({ addresses: [], dnsServers: [] });
  });
});
