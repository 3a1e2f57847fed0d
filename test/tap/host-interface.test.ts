/** The host's side of an interface: ioctls against the real kernel. */
import { statSync } from 'node:fs';
import { expect } from 'chai';
import { HostInterface } from '../../src/net/device/host-interface.js';
import { createPersistentTap, removePersistentTap } from '../../src/net/device/persistent-tap.js';
import { TapDevice } from '../../src/net/device/tap.js';
import { TapError } from '../../src/net/device/tap-error.js';
import { IpNetwork } from '../../src/net/wire/address.js';
import { describeInNamespace } from '../support/namespace.js';

describeInNamespace(import.meta.url, "the host's side of an interface", () => {
  it('is set and read back without any other program', () => {
    const device = TapDevice.open({ name: 'tap7' });
    const host = new HostInterface('tap7');
    expect(host.isUp).to.equal(false);
    host.addAddress(IpNetwork.parse('10.77.1.1/24'));
    host.up();
    expect(host.kind).to.equal('tap');
    expect(host.isUp).to.equal(true);
    expect(host.address?.toString()).to.equal('10.77.1.1');
    host.disableIpv6(false);
    host.addAddress(IpNetwork.parse('fd77::1/64'));
    expect(host.networks.map(String)).to.include.members(['10.77.1.1/24', 'fd77::1/64']);
    host.removeAddress(IpNetwork.parse('fd77::1/64'));
    host.removeAddress(IpNetwork.parse('10.77.1.1/24'));
    expect(host.address).to.equal(undefined);
    host.setMtu(1400);
    expect(host.mtu).to.equal(1400);
    host.addAddress(IpNetwork.parse('10.77.1.9/24'));
    host.down();
    expect(host.isUp).to.equal(false);
    expect(host.networks.map(String)).to.deep.equal(['10.77.1.9/24']);
    expect(host.bridge).to.equal(undefined);
    expect(host.users()).to.deep.include({ pid: process.pid, command: host.users()[0]!.command });
    device.close();
  });

  it('says so if there is none of this name', () => {
    const host = new HostInterface('nowhere');
    expect(host.exists).to.equal(false);
    expect(host.kind).to.equal(undefined);
    expect(() => host.mtu)
      .to.throw(TapError)
      .with.property('code', 'no-interface');
    expect(new HostInterface('lo').kind).to.equal('other');
  });

  it('keeps a persistent TAP until it is removed', () => {
    createPersistentTap({ name: 'stay', owner: 0 });
    const host = new HostInterface('stay');
    expect(host.exists).to.equal(true);
    expect(host.isRunning, 'nobody is attached').to.equal(false);
    TapDevice.open({ name: 'stay' }).close();
    expect(host.exists).to.equal(true);
    removePersistentTap({ name: 'stay' });
    expect(host.exists).to.equal(false);
  });

  it("opens an ordinary user's own persistent TAP without privilege, and no other", function () {
    if ((statSync('/dev/net/tun').mode & 0o006) !== 0o006) {
      this.test!.title += ' (only root may open /dev/net/tun here)';
      this.skip();
    }
    if (!canBecome(NOBODY)) {
      this.test!.title += ' (this namespace knows no second user)';
      this.skip();
    }
    createPersistentTap({ name: 'mine', owner: NOBODY });
    createPersistentTap({ name: 'theirs', owner: 0 });
    process.seteuid!(NOBODY);
    try {
      TapDevice.open({ name: 'mine' }).close();
      expect(refusalOf('theirs')).to.equal('no-privilege');
      expect(refusalOf('another')).to.equal('no-privilege');
      expect(() => new HostInterface('mine').up())
        .to.throw(TapError)
        .with.property('code', 'no-privilege');
    } finally {
      process.seteuid!(0);
    }
    removePersistentTap({ name: 'mine' });
    removePersistentTap({ name: 'theirs' });
  });
});

function refusalOf(name: string): string | undefined {
  try {
    TapDevice.open({ name }).close();
    return undefined;
  } catch (error) {
    return error instanceof TapError ? error.code : String(error);
  }
}

/** User and group "nobody". */
const NOBODY = 65_534;

function canBecome(user: number): boolean {
  try {
    process.seteuid!(user);
    process.seteuid!(0);
    return true;
  } catch {
    return false;
  }
}
