/**
 * The life of a lease: a bridge with dnsmasq on it, which is the DHCP server. dnsmasq's shortest lease is two minutes;
 * T1 and T2 are set to seconds, so that a lease is extended while we watch.
 */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { expect } from 'chai';
import { body, DhcpGround, ip, urlOf } from '../support/dhcp-ground.js';
import { describeInNamespace } from '../support/namespace.js';
import { fastpath } from '../support/serve-process.js';
import { until } from '../support/until.js';

describeInNamespace(import.meta.url, 'fastpath serve with a lease', () => {
  const ground = new DhcpGround();
  const { env } = ground;
  const counter = (name: string, least: number) => (event: Record<string, unknown>) =>
    Number((event.counters as Record<string, number>)[name]) >= least;

  it('has a lease, with two workers: extended by one server, then by another, refused, handed over, given back', async () => {
    const first = ground.dnsmasq('192.168.50.50,192.168.50.60,2m');
    const server = await ground.serve('-a', 'dhcp', '--hostname', 'web1', '--workers', '2', '--user', 'root');
    const url = await urlOf(server);
    expect(url).to.match(/^http:\/\/192\.168\.50\.(5\d|60)\/$/);
    expect(await body(url)).to.equal('hello');
    await server.event('status', counter('dhcp.renewed', 1));
    expect(first.log).to.match(/DHCPACK\(br0\) [\d.]+ [\da-f:]+ web1/);
    const { stdout } = await fastpath(['status'], { env });
    expect(stdout).to.match(
      /192\.168\.50\.\d+\/24 is leased from 192\.168\.50\.1 until .*T1 .*T2 .*router 192\.168\.50\.1/,
    );

    await first.end();
    await ip('addr del 192.168.50.1/24 dev br0');
    await ip('addr add 192.168.50.2/24 dev br0');
    const second = ground.dnsmasq('192.168.50.50,192.168.50.60,2m');
    await server.event('status', counter('dhcp.rebound', 1));
    expect(await body(url)).to.equal('hello');

    await second.end();
    const third = ground.dnsmasq('192.168.50.100,192.168.50.110,2m');
    expect((await server.event('warning', ({ message }) => /no longer/.test(String(message)))).message).to.contain(
      'a DHCP server has refused to extend its lease',
    );
    const news = await server.event('note', ({ message }) =>
      /we are 192\.168\.50\.1\d\d\/24 now/.test(String(message)),
    );
    const now = `http://${/192\.168\.50\.1\d\d/.exec(String(news.message))?.[0]}/`;
    for (let i = 0; i < 8; i++) expect(await body(now)).to.equal('hello'); // from both workers

    server.child.kill('SIGUSR2');
    const successor = Number((await server.event('handed-over')).pid);
    if (server.child.exitCode === null) await once(server.child, 'exit'); // the new process has its standard output
    expect(server.child.exitCode).to.equal(0);
    expect(third.log, 'the old process gives nothing back').not.to.contain('DHCPRELEASE');
    expect(await body(now)).to.equal('hello');
    const leaseFiles = () => readdirSync(env.FASTPATH_RUNTIME_DIR).filter((name) => name.endsWith('.lease'));
    expect(leaseFiles()).to.have.length(1);
    process.kill(successor, 'SIGINT');
    await third.says('DHCPRELEASE');
    await until(() => leaseFiles().length === 0, 'the lease to go: what was given back is not asked for again');
  });
});
