import { expect } from 'chai';
import { describeAddresses } from '../../src/cli/status-addresses.js';
import type { AutomaticAddress } from '../../src/serve/network/automatic-addresses.js';
import type { LeaseView } from '../../src/serve/network/lease-desk.js';

/** 1970-01-01 02:00:00 */
const NOW = 7_200_000;

const LEASE: LeaseView = {
  state: 'bound',
  lease: {
    network: '192.168.1.50/24',
    server: '192.168.1.254',
    routes: [['0.0.0.0/0', '192.168.1.254']],
    dnsServers: [],
    domain: '',
    mtu: 0,
    since: NOW,
    renewAt: NOW + 1_800_000,
    rebindAt: NOW + 3_150_000,
    expiresAt: NOW + 3_600_000,
  },
};

const MADE: AutomaticAddress = {
  network: 'fd50::2/64',
  router: 'fe80::1',
  state: 'assigned',
  preferredUntil: NOW + 600_000,
  validUntil: NOW + 3_600_000,
};

const made = (change: Partial<AutomaticAddress>) =>
  describeAddresses({ automatic: { addresses: [{ ...MADE, ...change }], dnsServers: [] } }, NOW)[0];

describe('fastpath status: addresses that the network gives', () => {
  it('has no line where none were asked for', () => {
    expect(describeAddresses({}, NOW)).to.deep.equal([]);
  });

  it('shows the lease with its server, the time left and the state', () => {
    expect(describeAddresses({ lease: LEASE }, NOW)).to.deep.equal([
      '  192.168.1.50/24 is leased from 192.168.1.254 until 1970-01-01 03:00:00 UTC (60 min left, ' +
        'T1 1970-01-01 02:30:00 UTC, T2 1970-01-01 02:52:30 UTC), bound; router 192.168.1.254',
    ]);
    expect(describeAddresses({ lease: { state: 'selecting' } }, NOW)).to.deep.equal([
      '  no address is leased at this moment; the DHCP client is selecting',
    ]);
  });

  it('shows each automatic address with its router and lifetimes', () => {
    expect(made({})).to.equal(
      '  fd50::2/64 is made of a prefix of fe80::1 until 1970-01-01 03:00:00 UTC (60 min left), ' +
        'preferred for 10 min more',
    );
    expect(made({ preferredUntil: null, validUntil: null })).to.equal(
      '  fd50::2/64 is made of a prefix of fe80::1 for ever, preferred',
    );
    expect(made({ preferredUntil: NOW })).to.match(/60 min left\), deprecated: new connections of ours leave/);
    expect(made({ state: 'tentative' })).to.match(/\(60 min left\), not yet known to be free$/);
    expect(made({ state: 'duplicate' })).to.match(/of fe80::1, but another node has it$/);
    const dnsServers = ['fd50::53', 'fd50::54'];
    expect(describeAddresses({ automatic: { addresses: [MADE], dnsServers } }, NOW)[0]).to.match(
      /more; DNS fd50::53 fd50::54$/,
    );
    expect(describeAddresses({ automatic: { addresses: [], dnsServers: [] } }, NOW)).to.have.length(1);
  });
});
