import { expect } from 'chai';
import { stableAddressIn } from '../../../src/net/ndp/addresses.js';
import { IpAddress, parseMac } from '../../../src/net/wire/address.js';
import { OTHER_MAC } from '../../support/packets.js';
import { NdpWorld, OUR_LINK_LOCAL, OVERRIDE, PREFIX, prefixOption } from './world.js';

const SECRET = Uint8Array.from({ length: 16 }, (_, i) => i + 1);
const MAC = parseMac('02:fa:57:00:00:02');
const DAY = 86_400;

function identifier(prefix: string, mac = MAC, secret = SECRET, duplicates = 0): string {
  return String(stableAddressIn(IpAddress.parse(prefix), mac, secret, duplicates));
}

/** Our addresses in the prefix, as text. */
function ours(world: NdpWorld): string[] {
  return world.layer.addresses.map(({ address }) => String(address)).filter((text) => text.startsWith('2001:db8:1:'));
}

describe('stable interface identifiers (RFC 7217)', () => {
  it('are the same each time, and keep the prefix (7217-1)', () => {
    expect(identifier(PREFIX)).to.equal(identifier(PREFIX));
    expect(identifier(PREFIX)).to.match(/^2001:db8:1:0?:/);
  });

  it('differ by prefix, Ethernet address, secret and number of duplicates (7217-1)', () => {
    const other = Uint8Array.from(SECRET, (byte) => byte ^ 1);
    const end = (text: string) => text.split(':').slice(-4).join(':');
    const all = [
      identifier(PREFIX),
      identifier('2001:db8:2::'),
      identifier(PREFIX, parseMac('02:fa:57:00:00:03')),
      identifier(PREFIX, MAC, other),
      identifier(PREFIX, MAC, SECRET, 1),
    ];
    expect(new Set(all.map(end)).size).to.equal(all.length);
  });

  it('are what an address is made of, and the link-local one too, if the stack has a secret (7217-1)', () => {
    const world = new NdpWorld({ stableSecret: SECRET });
    world.startAndWatch(20);
    world.route6({}, { options: [prefixOption({ valid: DAY, preferred: DAY })] });
    expect(ours(world)).to.deep.equal([identifier(PREFIX)]);
    const all = world.layer.addresses.map(({ address }) => String(address));
    expect(all).not.to.include(OUR_LINK_LOCAL);
    expect(all.some((text) => text === identifier('fe80::'))).to.equal(true);
  });

  it('another node has ours: the next one is tried, three times, and no program has to stop (7217-2)', () => {
    const lost: boolean[] = [];
    const onConflict = ({ isAutomatic }: { isAutomatic: boolean }) => lost.push(isAutomatic);
    const world = new NdpWorld({ stableSecret: SECRET, duplicateDetection: 'optimistic', onConflict });
    world.startAndWatch(20);
    world.route6({}, { options: [prefixOption({ valid: DAY, preferred: DAY })] });
    for (let duplicates = 0; duplicates < 4; duplicates++) {
      const address = identifier(PREFIX, MAC, SECRET, duplicates);
      expect(world.isLocal(address)).to.equal(true);
      for (let question = 0; question < 2; question++) {
        world.watch(1.01);
        world.advertise(address, OTHER_MAC, OVERRIDE, { from: OTHER_MAC });
      }
      expect(world.isLocal(address)).to.equal(false);
    }
    expect(lost).to.deep.equal([true, true, true, true]);
    world.route6({}, { options: [prefixOption({ valid: DAY, preferred: DAY })] });
    expect(ours(world)).to.have.length(4);
    expect(ours(world).some((text) => world.isLocal(text))).to.equal(false);
  });
});

describe('DNS servers of routers (RFC 8106)', () => {
  const rdnss = (seconds: number, ...servers: string[]) => {
    const bytes = servers.flatMap((text) => {
      const one = new Uint8Array(16);
      IpAddress.parse(text).writeV6(one, 0);
      return [...one];
    });
    const lifetime = [24, 16, 8, 0].map((shift) => (seconds >>> shift) & 255);
    return [25, 1 + 2 * servers.length, 0, 0, ...lifetime, ...bytes];
  };

  it('are known for their lifetime; one of zero takes them off; their number is bounded (8106-1)', () => {
    const world = new NdpWorld();
    world.startAndWatch(20);
    world.route6({}, { options: [rdnss(60, 'fd00::53', 'fd00::54')] });
    expect(world.layer.dnsServers6).to.deep.equal(['fd00::53', 'fd00::54']);
    world.route6({}, { options: [rdnss(0, 'fd00::53')] });
    expect(world.layer.dnsServers6).to.deep.equal(['fd00::54']);
    world.advance(61);
    expect(world.layer.dnsServers6).to.deep.equal([]);
    for (let i = 0; i < 20; i++) world.route6({}, { options: [rdnss(60, `fd00::${i}`)] });
    expect(world.layer.dnsServers6).to.have.length(8);
  });
});
