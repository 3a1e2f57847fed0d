import { expect } from 'chai';
import { IpAddress, IpNetwork } from '../../../src/net/wire/address.js';
import type { HostView } from '../../../src/serve/network/host-view.js';
import type { NetworkWish } from '../../../src/serve/network/network-plan.js';
import { anotherName, planNetwork } from '../../../src/serve/network/plan.js';
import { ServeError } from '../../../src/serve/serve-error.js';

const net = (text: string) => IpNetwork.parse(text);

/** A machine with these routes and addresses, each as `interface network`. */
function machine(
  routes: readonly string[] = [],
  addresses: readonly string[] = [],
  names: readonly string[] = [],
): HostView {
  const read = (lines: readonly string[]) =>
    lines.map((line) => {
      const [interfaceName = '', network = ''] = line.split(' ');
      return { interfaceName, network: net(network) };
    });
  const used = [...read(routes), ...read(addresses)].map(({ interfaceName }) => interfaceName);
  return {
    interfaceNames: [...new Set([...used, ...names])],
    routes: read(routes),
    addresses: read(addresses),
    gateways: [],
    bridges: [],
    bridgeOf: new Map(),
  };
}

const ORDINARY = machine(['eth0 192.168.1.0/24', 'docker0 172.17.0.0/16'], ['eth0 192.168.1.10/24', 'lo 127.0.0.1/8']);

function plan(wish: NetworkWish, view: HostView) {
  const { host, addresses, candidates, gateway, gateway6, ...rest } = planNetwork(wish, view);
  return {
    ...rest,
    host: host.map(String),
    addresses: addresses.map(String),
    candidates: candidates.map(String),
    gateways: [gateway, gateway6].filter((each) => each !== undefined).map(String),
  };
}

function errorOf(wish: NetworkWish, view: HostView): ServeError {
  try {
    planNetwork(wish, view);
  } catch (error) {
    if (error instanceof ServeError) return error;
    throw error;
  }
  throw new Error('it was planned without an error');
}

describe('network plan', () => {
  it('without wishes: fp0, 10.77.0.1 for the machine and 10.77.0.2 for us', () => {
    expect(plan({}, ORDINARY)).to.deep.equal({
      interfaceName: 'fp0',
      exists: false,
      host: ['10.77.0.1/24'],
      addresses: ['10.77.0.2/24'],
      candidates: [],
      bridge: undefined,
      hostInterface: 'fp0',
      gateways: ['10.77.0.1'],
      notes: [],
    });
  });

  it("makes the machine the default router of each family that we have, or the wish's", () => {
    const both = { addresses: [net('10.9.0.2/24'), net('fd77::2/64')] };
    expect(plan(both, ORDINARY).gateways).to.deep.equal(['10.9.0.1', 'fd77::1']);
    expect(plan({ addresses: [net('fd77::2/64')] }, ORDINARY).gateways).to.deep.equal(['fd77::1']);
    const gateway = net('10.9.0.77/32').address;
    const gateway6 = net('fe80::77/128').address;
    expect(plan({ ...both, gateway, gateway6 }, ORDINARY).gateways).to.deep.equal(['10.9.0.77', 'fe80::77']);
  });

  it('refuses a default router that is no neighbour', () => {
    const error = errorOf({ gateway: net('10.9.0.1/32').address }, ORDINARY);
    expect(error.code).to.equal('bad-option');
    expect(error.message).to.contain('10.9.0.1 is no neighbour');
    const itself = { addresses: [net('10.9.0.2/24')], gateway: net('10.9.0.2/32').address };
    expect(errorOf(itself, ORDINARY).code).to.equal('bad-option');
  });

  it("gives us the prefix length of the machine's end: both see one network", () => {
    const wish = { host: net('10.9.0.1/16'), addresses: [net('10.9.3.2/24')] };
    expect(plan(wish, ORDINARY).addresses).to.deep.equal(['10.9.3.2/16']);
  });

  it('takes the next network, and says why, when the usual one is in use', () => {
    const { host, notes } = plan({}, machine(['tun5 10.77.0.0/24']));
    expect(host).to.deep.equal(['172.30.77.0/24'].map((each) => each.replace('.0/', '.1/')));
    expect(notes).to.deep.equal([
      '10.77.0.0/24 is in use on this machine (tun5 has 10.77.0.0/24); using 172.30.77.0/24 instead.',
    ]);
  });

  it("keeps out of a wider route's way too, such as a VPN's 10.0.0.0/8", () => {
    expect(plan({}, machine(['wg0 10.0.0.0/8'])).addresses).to.deep.equal(['172.30.77.2/24']);
  });

  it('gives up when every network of its list is in use', () => {
    const error = errorOf({}, machine(['a 10.0.0.0/8', 'b 172.16.0.0/12', 'c 192.168.0.0/16', 'd 198.18.0.0/15']));
    expect(error.code).to.equal('address-taken');
    expect(error.advice).to.contain('--host');
  });

  it('lets a wish for a part of a wider route have its way', () => {
    const wish = { host: net('10.9.0.1/24') };
    expect(plan(wish, machine(['wg0 10.0.0.0/8'])).addresses).to.deep.equal(['10.9.0.2/24']);
  });

  it('refuses a wish for a network that another interface has', () => {
    const error = errorOf({ host: net('192.168.1.77/24') }, ORDINARY);
    expect(error.code).to.equal('address-taken');
    expect(error.message).to.contain('eth0 has 192.168.1.0/24');
  });

  it("refuses the machine's own address, for either end", () => {
    expect(errorOf({ host: net('192.168.1.10/32'), addresses: [net('10.1.1.1/24')] }, ORDINARY).code).to.equal(
      'address-taken',
    );
    const ours = { host: net('192.168.1.200/25'), addresses: [net('192.168.1.10/24')] };
    expect(errorOf(ours, machine([], ['eth0 192.168.1.10/24'])).message).to.contain(
      '192.168.1.10 is an address of the machine',
    );
  });

  it('finds the other end from either', () => {
    expect(plan({ host: net('10.9.0.7/24') }, ORDINARY).addresses).to.deep.equal(['10.9.0.2/24']);
    expect(plan({ host: net('10.9.0.2/24') }, ORDINARY).addresses).to.deep.equal(['10.9.0.1/24']);
    expect(plan({ addresses: [net('10.9.0.7/24')] }, ORDINARY).host).to.deep.equal(['10.9.0.1/24']);
    expect(plan({ addresses: [net('10.9.0.1/24')] }, ORDINARY).host).to.deep.equal(['10.9.0.2/24']);
  });

  it('makes do with a network of two addresses, and not with one of one', () => {
    expect(plan({ host: net('10.9.0.4/31') }, ORDINARY).addresses).to.deep.equal(['10.9.0.5/31']);
    expect(errorOf({ host: net('10.9.0.4/32') }, ORDINARY).code).to.equal('bad-option');
  });

  it('gives the machine an end in each family', () => {
    const wish = { addresses: [net('10.9.0.2/24'), net('fd77::2/64')] };
    expect(plan(wish, ORDINARY).host).to.deep.equal(['10.9.0.1/24', 'fd77::1/64']);
  });

  it('refuses an address outside the network of the other end', () => {
    const error = errorOf({ host: net('10.9.0.1/24'), addresses: [net('10.8.0.2/24')] }, ORDINARY);
    expect(error.code).to.equal('bad-option');
    expect(error.message).to.contain('10.8.0.2 is not in the network');
  });

  for (const [wish, reason] of [
    [{ host: net('10.77.0.0/24') }, 'the number of the network 10.77.0.0/24'],
    [{ host: net('10.77.0.255/24') }, 'the broadcast address of 10.77.0.255/24'],
    [{ host: net('10.77.0.1/24'), addresses: [net('10.77.0.255/24')] }, 'the broadcast address of 10.77.0.255/24'],
    [{ addresses: [net('0.0.0.0/24')] }, 'the unspecified address'],
    [{ addresses: [net('::/64')] }, 'the unspecified address'],
    [{ addresses: [net('224.0.0.5/24')] }, 'a multicast address'],
    [{ addresses: [net('ff02::5/64')] }, 'a multicast address'],
    [{ addresses: [net('240.0.0.5/24')] }, '240.0.0.5 cannot be a host: it is in a reserved block'],
    [{ host: net('240.0.0.5/24') }, '240.0.0.5 cannot be a host: it is in a reserved block'],
    [{ addresses: [net('127.0.0.5/24')] }, '127.0.0.5 cannot be a host: it is a loopback address'],
    [{ addresses: [net('::1/64')] }, 'the loopback address'],
    [{ addresses: [net('0.1.2.3/24')] }, 'in the block of hosts that have no address yet'],
    [{ host: net('10.9.0.1/25'), addresses: [net('10.9.0.127/24')] }, 'the broadcast address of 10.9.0.127/25'],
  ] as const) {
    it(`refuses an address that no host can have: ${reason}`, () => {
      const { code, message } = errorOf(wish, ORDINARY);
      expect(code).to.equal('bad-option');
      expect(message).to.contain(reason);
    });
  }

  it('leaves it to others to say that an interface which is there is no TAP', () => {
    const view = machine([], ['lo 127.0.0.1/8']);
    expect(plan({ interfaceName: 'lo' }, view).host).to.deep.equal(['127.0.0.1/8']);
  });

  it("goes by the mask of the machine's end: the last number of a smaller network is a host in a larger one", () => {
    const wish = { host: net('10.9.0.1/16'), addresses: [net('10.9.0.255/24')] };
    expect(plan(wish, ORDINARY).addresses).to.deep.equal(['10.9.0.255/16']);
  });

  it('has another name, no longer than Linux takes, for one that is taken', () => {
    expect(['fp0', 'fp9', 'tap', 'fifteen-letters'].map(anotherName)).to.deep.equal([
      'fp1',
      'fp10',
      'tap1',
      'fifteen-let1',
    ]);
  });

  it('refuses one address for both ends', () => {
    const wish = { host: net('10.9.0.1/24'), addresses: [net('10.9.0.1/24')] };
    expect(errorOf(wish, ORDINARY).code).to.equal('address-taken');
  });

  it('takes over the addresses of an interface that is there already', () => {
    const view = machine(['fp0 10.5.5.0/24'], ['fp0 10.5.5.1/24', 'fp0 fe80::1/64']);
    expect(plan({}, view)).to.deep.include({ exists: true, host: ['10.5.5.1/24'], addresses: ['10.5.5.2/24'] });
  });

  it('finds an interface without addresses too', () => {
    expect(plan({ interfaceName: 'fp3' }, machine([], [], ['fp3']))).to.deep.include({
      exists: true,
      host: ['10.77.0.1/24'],
    });
  });

  it('reads back what it planned as networks that contain both ends', () => {
    for (const text of ['10.9.0.1/24', '10.9.0.1/30', '172.16.0.9/12', 'fd00::1/64', 'fd00::9/126', 'fd00::4/127']) {
      const { host, addresses } = planNetwork({ host: net(text) }, machine());
      expect(host[0]!.contains(addresses[0]!.address), text).to.equal(true);
      expect(addresses[0]!.address.equals(IpAddress.parse(text.split('/')[0]!)), text).to.equal(false);
    }
  });
});

describe('network plan on a bridge', () => {
  /** A machine with a LAN on br0, docker's bridge, one without an address, and fp0 as a port of br0 if wanted. */
  const bridged = (ports: Record<string, string> = {}): HostView => ({
    ...machine(
      ['br0 192.168.1.0/24', 'docker0 172.17.0.0/16'],
      ['br0 192.168.1.10/24', 'br0 fe80::5/64', 'br0 fd05::1/64', 'docker0 172.17.0.1/16'],
      ['bare0', ...Object.keys(ports)],
    ),
    gateways: [{ interfaceName: 'br0', address: IpAddress.parse('192.168.1.1') }],
    bridges: ['br0', 'docker0', 'bare0'],
    bridgeOf: new Map(Object.entries(ports)),
  });

  it('joins its network, and asks for addresses from the far end', () => {
    const { candidates, ...rest } = plan({ bridge: 'br0' }, bridged());
    expect(rest).to.deep.equal({
      interfaceName: 'fp0',
      exists: false,
      bridge: 'br0',
      hostInterface: 'br0',
      host: ['192.168.1.10/24'],
      addresses: ['192.168.1.250/24'],
      gateways: ['192.168.1.1', 'fd05::1'],
      notes: [],
    });
    expect([candidates.length, candidates[0], candidates.at(-1)]).to.deep.equal([
      16,
      '192.168.1.250/24',
      '192.168.1.235/24',
    ]);
  });

  it('takes the address that was asked for, with the length of the network that it lies in', () => {
    const wish = { bridge: 'docker0', addresses: [net('172.17.9.9/24')] };
    expect(plan(wish, bridged())).to.deep.include({ addresses: ['172.17.9.9/16'], candidates: [] });
  });

  it('has the machine as its router where that has none on the bridge itself', () => {
    expect(plan({ bridge: 'docker0' }, bridged()).gateways).to.deep.equal(['172.17.0.1']);
  });

  it('finds that an interface is a port of a bridge already', () => {
    expect(plan({}, bridged({ fp0: 'br0' }))).to.deep.include({ exists: true, bridge: 'br0', hostInterface: 'br0' });
  });

  it('lets us be alone where the machine has no address, if ours is named', () => {
    const wish = { bridge: 'bare0', addresses: [net('10.4.0.2/24')] };
    expect(plan(wish, bridged())).to.deep.include({ host: [], addresses: ['10.4.0.2/24'], gateways: [] });
    expect(errorOf({ bridge: 'bare0' }, bridged()).message).to.contain('bare0 has no IPv4 address');
  });

  for (const [what, wish, ports, message] of [
    ['a bridge that is not there', { bridge: 'br7' }, {}, 'there is no bridge br7; there is br0, docker0, bare0'],
    ['an interface that is no bridge', { bridge: 'fp0', interfaceName: 'fp1' }, { fp0: 'br0' }, 'fp0 is no bridge'],
    ["an end of the machine's own", { bridge: 'br0', host: net('10.9.0.1/24') }, {}, '--host does not go'],
    ['a port of another bridge', { bridge: 'docker0' }, { fp0: 'br0' }, 'fp0 is a port of the bridge br0'],
    ['an address elsewhere', { bridge: 'br0', addresses: [net('10.9.0.1/24')] }, {}, 'is not in a network of br0'],
    ["the machine's address", { bridge: 'br0', addresses: [net('192.168.1.10/24')] }, {}, 'of the machine itself'],
    ['the broadcast address', { bridge: 'br0', addresses: [net('192.168.1.255/24')] }, {}, 'cannot be a host'],
  ] as const) {
    it(`refuses ${what}`, () => {
      expect(errorOf(wish, bridged(ports)).message).to.contain(message);
    });
  }
});
