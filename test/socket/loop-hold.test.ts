import { spawnSync } from 'node:child_process';
import { expect } from 'chai';

/**
 * Runs a program over two stacks on a cable, whose drivers are unreferenced; gives what it printed, and the signal that
 * ended it.
 */
function outputOf(program: string, limitMs = 90_000): string {
  const index = new URL('../../src/index.js', import.meta.url);
  const set = `
    import { connect, createPair, createStack, EventLoopDriver, IpNetwork, listen, SeededRandom } from '${index}';
    const [client, server] = createPair().map((device, n) => {
      const driver = new EventLoopDriver();
      const addresses = [IpNetwork.parse('10.0.0.' + (n + 1) + '/24')];
      const internet = { duplicateDetection: 'off' };
      const stack = createStack({ device, clock: driver.clock, random: new SeededRandom(n), addresses, internet });
      driver.start(stack, device);
      driver.unref();
      stack.start();
      return stack;
    });
    process.on('exit', () => console.log('end'));`;
  const args = ['--input-type=module', '--eval', set + program];
  const { stdout, stderr, signal } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: limitMs });
  return stdout + stderr + (signal ?? '');
}

describe('with an unreferenced driver, the process', () => {
  it('ends at once if there is nothing else', () => {
    expect(outputOf('')).to.equal('end\n');
  });

  it('goes on as long as a server listens', () => {
    expect(outputOf(`listen(server, 80);`, 1000)).to.equal('SIGTERM');
    expect(outputOf(`listen(server, 80).close();`)).to.equal('end\n');
    expect(outputOf(`listen(server, 80).unref();`)).to.equal('end\n');
  });

  it('goes on as long as a socket is open', () => {
    const exchange = `
      listen(server, 80, (socket) => socket.pipe(socket)).unref();
      const socket = connect(client, { host: '10.0.0.2', port: 80 });
      socket.on('data', (data) => console.log(String(data))).end('heard');`;
    expect(outputOf(exchange)).to.equal('heard\nend\n');
  });

  it('ends although a socket is open that is unreferenced', () => {
    const idle = `
      listen(server, 80, (socket) => socket.unref()).unref();
      const socket = connect(client, { host: '10.0.0.2', port: 80 }, () => console.log('connected') ?? socket.unref());`;
    expect(outputOf(idle)).to.equal('connected\nend\n');
  });
});
