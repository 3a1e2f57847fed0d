import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { addressToAskFor, heldOf, type LeaseRecord, recordOf } from '../../../src/dhcp/record.js';
import { IpAddress, IpNetwork } from '../../../src/net/wire/address.js';
import { bequestFromJson, bequestToJson } from '../../../src/serve/handover/message.js';
import { withAutomatic, withLease } from '../../../src/serve/network/dynamic-plan.js';
import type { HostView } from '../../../src/serve/network/host-view.js';
import { LeaseDesk, LeaseFile } from '../../../src/serve/network/lease-desk.js';
import type { NetworkWish } from '../../../src/serve/network/network-plan.js';
import { planNetwork } from '../../../src/serve/network/plan.js';
import { stableSecret } from '../../../src/serve/network/stable-secret.js';
import type { ServeError } from '../../../src/serve/serve-error.js';
import { parseAddressWish, parseHostName } from '../../../src/site/values.js';

const VIEW: HostView = {
  interfaceNames: ['lo', 'br0'],
  bridges: ['br0'],
  bridgeOf: new Map(),
  addresses: [{ interfaceName: 'br0', network: IpNetwork.parse('192.168.1.1/24') }],
  routes: [],
  gateways: [{ interfaceName: 'br0', address: IpAddress.parse('192.168.1.254') }],
};

const LEASE: LeaseRecord = {
  network: '192.168.1.50/24',
  server: '192.168.1.254',
  routes: [['0.0.0.0/0', '192.168.1.254']],
  dnsServers: ['192.168.1.254'],
  domain: 'lan',
  mtu: 0,
  since: 1_000_000,
  renewAt: 2_800_000,
  rebindAt: 4_150_000,
  expiresAt: 4_600_000,
};

function refusal(wish: NetworkWish): ServeError {
  try {
    planNetwork(wish, VIEW);
  } catch (error) {
    return error as ServeError;
  }
  throw new Error('it was not refused');
}

describe('a plan with addresses that the network gives', () => {
  it('on a bridge has no address yet, no candidates, and no router of IPv4', () => {
    const plan = planNetwork({ bridge: 'br0', addresses: ['dhcp'], hostName: 'web1' }, VIEW);
    expect(plan.addresses).to.deep.equal([]);
    expect(plan.candidates).to.deep.equal([]);
    expect(plan.gateway).to.equal(undefined);
    expect(plan.dynamic).to.deep.equal({ dhcp: true, auto: false, hostName: 'web1', fixed: [] });
  });

  it('keeps a fixed address of the other family', () => {
    const addresses = [IpNetwork.parse('fd77::2/64'), 'dhcp'] as const;
    const plan = planNetwork({ bridge: 'br0', addresses }, VIEW);
    expect(plan.dynamic?.fixed).to.deep.equal(['fd77::2/64']);
    expect(plan.addresses.map(String)).to.deep.equal(['fd77::2/64']);
  });

  it('refuses what does not go together, and says what to do', () => {
    const dhcp = ['dhcp'] as const;
    const cases: [NetworkWish, string][] = [
      [{ addresses: dhcp }, 'needs a network with a DHCP server'],
      [{ addresses: ['auto'] }, 'needs a network with a router'],
      [{ bridge: 'br0', addresses: ['dhcp', IpNetwork.parse('192.168.1.9/24')] }, 'an IPv4 address and --address dhcp'],
      [{ bridge: 'br0', addresses: dhcp, gateway: IpAddress.parse('192.168.1.1') }, 'the DHCP server names the router'],
      [{ bridge: 'br0', hostName: 'web1' }, '--hostname is for a DHCP server'],
    ];
    for (const [wish, message] of cases) {
      const error = refusal(wish);
      expect(error).to.include({ code: 'bad-option' });
      expect(error.message).to.contain(message);
      expect(error.advice).not.to.equal('');
    }
  });

  it("on a link of its own takes the machine's end that the user names", () => {
    const plan = planNetwork({ addresses: ['dhcp'], host: IpNetwork.parse('10.99.0.1/24') }, VIEW);
    expect(plan.host.map(String)).to.deep.equal(['10.99.0.1/24']);
  });

  it('goes to the next process with the lease as it is then', () => {
    const plan = planNetwork({ bridge: 'br0', addresses: ['dhcp'] }, VIEW);
    const now = withLease(withLease(plan, LEASE), { ...LEASE, network: '192.168.1.60/24' });
    expect(now.addresses.map(String)).to.deep.equal(['192.168.1.60/24']);
    expect(String(now.gateway)).to.equal('192.168.1.254');
    const bequest = bequestFromJson(bequestToJson({ queues: [], relays: [], plan: now, state: {} as never }));
    expect(bequest.plan.dynamic).to.deep.equal(JSON.parse(JSON.stringify(now.dynamic)));
    expect(bequest.plan.dynamic?.lease?.network).to.equal('192.168.1.60/24');
    expect(withLease(now, undefined).addresses).to.deep.equal([]);
  });

  it('goes to the next process with the addresses of prefixes as they are then, and with no older ones', () => {
    const plan = planNetwork({ bridge: 'br0', addresses: ['dhcp', 'auto'] }, VIEW);
    const leased = withLease(plan, LEASE);
    const begun = { ...leased, addresses: [...leased.addresses, IpNetwork.parse('2001:db8:1::5/64')] };
    const made = { router: 'fe80::1', preferredUntil: null, validUntil: 9_000_000 };
    const addresses = [
      { ...made, network: '2001:db8:2::5/64', state: 'assigned' as const },
      { ...made, network: '2001:db8:3::5/64', state: 'duplicate' as const },
    ];
    const now = withAutomatic(begun, { addresses, dnsServers: [] });
    expect(now.addresses.map(String)).to.deep.equal([LEASE.network, '2001:db8:2::5/64']);
    expect(now.dynamic?.automatic).to.deep.equal(addresses.slice(0, 1));
    expect(withAutomatic(begun, undefined)).to.equal(begun);
  });
});

describe('a lease as plain data', () => {
  it('is the same on the way back, by another clock', () => {
    const held = heldOf(LEASE, { now: 5_000_000, epochMs: 1_600_000 });
    expect(held.since).to.equal(5_000_000 - 600_000_000);
    expect(recordOf(held, { now: 5_000_000, epochMs: 1_600_000 })).to.deep.equal(LEASE);
    const forEver = { ...LEASE, renewAt: null, rebindAt: null, expiresAt: null };
    expect(recordOf(heldOf(forEver, { now: 0, epochMs: 0 }), { now: 0, epochMs: 0 })).to.deep.equal(forEver);
  });

  it('on disk tells which address to ask for; a lease that is over, and rubbish, tell nothing', () => {
    const text = JSON.stringify(LEASE);
    expect(String(addressToAskFor(text, 4_599_999))).to.equal('192.168.1.50');
    expect(addressToAskFor(text, 4_600_000)).to.equal(undefined);
    for (let length = 0; length < text.length; length++) {
      expect(addressToAskFor(text.slice(0, length), 0)).to.equal(undefined);
    }
    for (const rubbish of ['null', '7', '[]', '{"network":"x"}', '{"network":"fd00::1/64","expiresAt":null}']) {
      expect(addressToAskFor(rubbish, 0)).to.equal(undefined);
    }
  });
});

describe('the desk for a lease', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fastpath-lease-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('tells the other workers of each change, people of each news, and keeps a file', () => {
    const path = join(folder, 'lease');
    const said: string[] = [];
    const told: unknown[] = [];
    const desk = new LeaseDesk(
      { note: (text) => said.push(text), warn: (text) => said.push(text) },
      LEASE,
      LeaseFile.open(path),
    );
    desk.onNews = (lease) => told.push(lease?.network);
    expect(JSON.parse(readFileSync(path, 'utf8'))).to.deep.equal(LEASE);
    desk.take({ state: 'renewing', lease: LEASE });
    desk.take({ state: 'bound', lease: { ...LEASE, expiresAt: 9_000_000 } });
    expect(said).to.deep.equal([]);
    expect(told).to.deep.equal(['192.168.1.50/24']);
    desk.take({ state: 'init', lease: null, reason: 'refused' });
    expect(readFileSync(path, 'utf8')).to.equal('');
    desk.take({ state: 'bound', lease: { ...LEASE, network: '192.168.1.60/24' } });
    expect(told).to.deep.equal(['192.168.1.50/24', undefined, '192.168.1.60/24']);
    expect(said.map((text) => text.split(':')[0])).to.deep.equal([
      'we are 192.168.1.50/24 no longer',
      'we are 192.168.1.60/24 now, leased from 192.168.1.254 until 1970-01-01 01',
    ]);
    expect(said[1]).to.contain('router 192.168.1.254, DNS 192.168.1.254, domain lan');
    expect(desk.view).to.deep.include({ state: 'bound' });
  });

  it('has a file after a hand-over too, clears it when the lease is given back, and writes nothing after its end', () => {
    const desk = new LeaseDesk({ note: () => {}, warn: () => {} }, LEASE, undefined);
    const path = join(folder, 'inherited');
    const written = () => readFileSync(path, 'utf8');
    desk.keepIn(LeaseFile.open(path));
    expect(JSON.parse(written())).to.deep.equal(LEASE);
    const renewed = { ...LEASE, expiresAt: 9_000_000 };
    desk.take({ state: 'bound', lease: renewed });
    expect(JSON.parse(written())).to.deep.equal(renewed);
    desk.take({ state: 'bound', lease: null, reason: 'released' });
    expect(written()).to.equal('');
    desk.close();
    desk.take({ state: 'bound', lease: LEASE });
    expect(written()).to.equal('');
  });

  it('does without a file where none can be written, and reads none where none is', () => {
    expect(LeaseFile.open(join(folder, 'no', 'such', 'folder'))).to.equal(undefined);
    expect(LeaseFile.read(join(folder, 'none'))).to.equal('');
  });
});

describe('the secret of stable identifiers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fastpath-secret-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('depends on the machine and the interface, and does not show the id', () => {
    const [one, two, empty] = ['one', 'two', 'empty'].map((name) => join(folder, name)) as [string, string, string];
    writeFileSync(one, 'aaaa\n');
    writeFileSync(two, 'bbbb\n');
    writeFileSync(empty, '\n');
    const plan = (interfaceName: string) => planNetwork({ bridge: 'br0', addresses: ['auto'], interfaceName }, VIEW);
    const secret = (name: string, path: string) => String(stableSecret(plan(name), path));
    expect(secret('fp0', one)).to.equal(secret('fp0', one));
    expect(new Set([secret('fp0', one), secret('fp0', two), secret('fp1', one)]).size).to.equal(3);
    expect(stableSecret(plan('fp0'), one)).to.have.length(16);
    expect(stableSecret(plan('fp0'), empty)).to.equal(undefined);
    expect(stableSecret(plan('fp0'), join(folder, 'none'))).to.equal(undefined);
    expect(stableSecret(planNetwork({ bridge: 'br0', addresses: ['dhcp'] }, VIEW), one)).to.equal(undefined);
  });
});

describe('words for addresses', () => {
  it('are dhcp and auto; all else is an address', () => {
    expect([parseAddressWish('dhcp'), parseAddressWish('auto')]).to.deep.equal(['dhcp', 'auto']);
    expect(String(parseAddressWish('10.0.0.2'))).to.equal('10.0.0.2/24');
    expect(() => parseAddressWish('DHCP')).to.throw(RangeError);
  });

  it('host names are letters, digits, hyphens and dots', () => {
    for (const good of ['web1', 'a', 'web-1.example.org']) expect(parseHostName(good)).to.equal(good);
    for (const bad of ['', '-a', 'a-', 'a b', 'a_b', 'ä', `${'a'.repeat(64)}`, 'a..b']) {
      expect(() => parseHostName(bad), bad).to.throw(RangeError);
    }
  });
});
