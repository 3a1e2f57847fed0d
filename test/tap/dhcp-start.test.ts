/** Addresses that the network gives at the start: by DHCP, from dnsmasq, and of the prefix of an IPv6 router. */
import { expect } from 'chai';
import { readCapture } from '../../src/capture/file/input.js';
import { Dissector } from '../../src/dissect/dissector.js';
import type { Snapshot } from '../../src/serve/snapshot.js';
import { capturePathOf } from '../../src/serve/worker/capture-files.js';
import { body, DhcpGround, ip, urlOf } from '../support/dhcp-ground.js';
import { describeInNamespace } from '../support/namespace.js';
import { fastpath, run } from '../support/serve-process.js';

/** The Ethernet address of our interface in the test that wants to know it. */
const MAC = '02:66:70:00:00:0d';

/** The automatic addresses in the numbers of a server. */
const madeIn = (status: Record<string, unknown>) => (status as Partial<Snapshot>).automatic?.addresses ?? [];

/** The DHCP messages in a capture, by their types. */
async function dhcpMessages(path: string): Promise<string[]> {
  const dissector = new Dissector();
  const types: string[] = [];
  await readCapture(path, (record) => {
    const type = /: DHCP: (\w+) /.exec(dissector.dissect(record).summary)?.[1];
    if (type !== undefined) types.push(type);
    return true;
  });
  return types;
}

describeInNamespace(import.meta.url, 'fastpath serve at an address that the network gives', () => {
  const ground = new DhcpGround();
  const { site, env } = ground;

  it('declines an address that another host has, and serves at the next one', async () => {
    await ip('link add veth0 type veth peer name veth1');
    await ip('link set veth0 master br0 up');
    await ip('addr add 192.168.50.70/32 dev veth1');
    await ip('link set veth1 up');
    const dhcp = ground.dnsmasq('192.168.50.50,192.168.50.60,2m', `--dhcp-host=${MAC},192.168.50.70`);
    const server = await ground.serve('-a', 'dhcp', '--mac', MAC);
    expect(dhcp.log).to.contain('DHCPDECLINE(br0) 192.168.50.70');
    expect(await urlOf(server)).not.to.contain('192.168.50.70');
    expect(await body(await urlOf(server))).to.equal('hello');
  });

  it('asks for the address of the last run after a crash: one request, and no DISCOVER (2131-11)', async () => {
    const dhcp = ground.dnsmasq('192.168.50.50,192.168.50.60,2m');
    const killed = await ground.serve('-a', 'dhcp');
    const url = await urlOf(killed);
    await killed.end('SIGKILL');
    const discovers = () => dhcp.log.split('DHCPDISCOVER').length;
    const before = discovers();
    const server = await ground.serve('-a', 'dhcp');
    expect(await urlOf(server)).to.equal(url);
    expect(discovers()).to.equal(before);
  });

  it('makes an IPv6 address of a router prefix, which tells nothing of our Ethernet address, beside DHCP', async () => {
    ground.dnsmasq('192.168.50.50,192.168.50.60,2m', '--enable-ra', '--dhcp-range=fd50::,ra-only,64');
    const server = await ground.serve('-a', 'dhcp', '-a', 'auto', '--workers', '2', '--pcap', ground.capture);
    const { addresses } = (await server.event('ready')) as unknown as { addresses: string[] };
    const [leased, automatic] = addresses.map((text) => text.split('/')[0]);
    const isTold = (event: Record<string, unknown>) => madeIn(event).length === 1;
    const [told] = madeIn(await server.event('status', isTold));
    expect(told).to.deep.include({ network: `${automatic}/64`, state: 'assigned' });
    expect(told?.router).to.match(/^fe80::/);
    expect(leased).to.match(/^192\.168\.50\./);
    expect(automatic)
      .to.match(/^fd50:/)
      .and.not.contain('ff:fe');
    for (let i = 0; i < 8; i++) expect(await body(`http://[${automatic}]/`)).to.equal('hello');
    expect(await body(`http://${leased}/`)).to.equal('hello');
    expect(await server.end()).to.equal(0);
    const [discover, ...later] = await dhcpMessages(capturePathOf(ground.capture, 0, 2) ?? '');
    expect(discover, 'the first message in the capture of the first worker').to.equal('DISCOVER');
    expect(later.slice(0, 3)).to.deep.equal(['OFFER', 'REQUEST', 'ACK']);
    expect(later.at(-1)).to.equal('RELEASE');
  });

  it('without a server says that it asks, and Ctrl-C ends that', async () => {
    const server = ground.begin('-a', 'dhcp');
    await server.event('note', ({ message }) => /asking for an address on br0/.test(String(message)));
    await server.end();
    expect((await run('ip', ['link', 'show', 'fp0'])).code).not.to.equal(0);
  });

  it('on a link of its own has nobody to ask, and says so', async () => {
    const { code, stdout, stderr } = await fastpath(['serve', '--json', site, '-a', 'dhcp'], { env });
    expect(code).to.equal(2);
    expect(stdout + stderr)
      .to.contain('needs a network with a DHCP server')
      .and.contain('--bridge br0');
  });
});
