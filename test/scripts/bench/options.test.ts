import { expect } from 'chai';
import { setLimitsRequest } from '../../../scripts/bench/big-tcp.js';
import { parseOptions } from '../../../scripts/bench/options.js';
import { missingPrograms } from '../../../scripts/bench/requirements.js';
import { extraServer } from '../../../scripts/bench/servers/extra.js';
import { fastpaths } from '../../../scripts/bench/servers/fastpath.js';
import { FLOORS } from '../../../scripts/bench/servers/floor.js';
import { NGINX, nginxConfig } from '../../../scripts/bench/servers/nginx.js';
import { chooseWorkloads, makeBody, WORKLOADS } from '../../../scripts/bench/workloads.js';

describe('bench options', () => {
  it('are three rounds of three seconds, or of one and without a fixed rate with --quick', () => {
    expect(parseOptions(['node', 'bench'])).to.include({ rounds: 3, seconds: 3, rate: 20_000, growth: true });
    expect(parseOptions(['node', 'bench', '--quick'])).to.include({ rounds: 3, seconds: 1, rate: 0, growth: true });
    expect(parseOptions(['node', 'bench', '--no-growth']).growth).to.equal(false);
  });

  it('take any number of extra servers', () => {
    const { extra } = parseOptions(['node', 'bench', '--extra', 'a=b,1,1.1.1.1', '--extra', 'c=d,2,2.2.2.2']);
    expect(extra).to.deep.equal(['a=b,1,1.1.1.1', 'c=d,2,2.2.2.2']);
  });

  it('refuse an extra server without port and address, but not a command with commas', () => {
    expect(() => extraServer('lwip=/bin/httpd')).to.throw(RangeError, 'name=command,port,address');
    expect(extraServer('lwip=/bin/httpd -o a,b tap8,80,10.88.0.2').name).to.equal('lwip');
  });

  it('name the workloads there are when one is unknown', () => {
    expect(chooseWorkloads('')).to.equal(WORKLOADS);
    expect(chooseWorkloads('1MiB,close').map(({ name }) => name)).to.deep.equal(['1MiB', 'close']);
    expect(() => chooseWorkloads('2MiB')).to.throw(RangeError, '100B, 1KiB');
  });

  it('have the apt line for what is not installed', () => {
    expect(missingPrograms(['sh'])).to.equal(undefined);
    expect(missingPrograms(['sh', 'no-such-program'])).to.equal(
      'no-such-program not found: sudo apt-get install no-such-program',
    );
  });
});

describe('the servers of the benchmark', () => {
  it('are fastpath as it comes here, and by the other way', () => {
    const names = (way: 'plain' | 'ring') => fastpaths(way).map(({ name }) => name);
    expect(names('plain')).to.include.members(['fastpath', 'fastpath-ring']).and.not.include('fastpath-plain');
    expect(names('ring')).to.include.members(['fastpath', 'fastpath-plain']).and.not.include('fastpath-ring');
  });

  it('have a floor for each way', () => {
    expect(FLOORS.map(({ name }) => name)).to.deep.equal(['floor', 'floor-ring']);
  });

  it('leave to a quick run an nginx for every size', () => {
    const quick = NGINX.flatMap((kind) => kind.quick ?? []);
    expect(WORKLOADS.map(({ name }) => name).filter((name) => !quick.includes(name))).to.deep.equal([]);
  });
});

describe('bench objects and configurations', () => {
  it('are the same bytes every time, and different for each size', () => {
    expect(makeBody(1000).equals(makeBody(1000))).to.equal(true);
    expect(makeBody(1000).subarray(0, 100).equals(makeBody(100))).to.equal(false);
    expect(new Set(makeBody(4096)).size).to.equal(256);
  });

  it('put nginx on the chosen port, with and without sendfile', () => {
    expect(nginxConfig('/a', '/b', 81, true)).to.match(/sendfile on; tcp_nopush on;[\s\S]*listen 81 .*root \/b;/);
    expect(nginxConfig('/a', '/b', 81, false)).to.include('sendfile off;');
  });
});

describe('the rtnetlink request for BIG TCP', () => {
  it('names the interface by its index and has one attribute of eight bytes for each limit', () => {
    const request = setLimitsRequest(7, 262_144);
    expect(request.readUInt32LE(0)).to.equal(request.length).and.to.equal(64);
    expect(request.readInt32LE(20)).to.equal(7);
    const types = [32, 40, 48, 56].map((at) => [request.readUInt16LE(at), request.readUInt16LE(at + 2)]);
    expect(types).to.deep.equal([
      [8, 41],
      [8, 58],
      [8, 63],
      [8, 64],
    ]);
    expect(request.readUInt32LE(60)).to.equal(262_144);
  });
});
