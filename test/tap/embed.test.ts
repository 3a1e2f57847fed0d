/** The example of the README's section on embedding does what it says. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { describeInNamespace } from '../support/namespace.js';

const EXAMPLE = fileURLToPath(new URL('../../examples/embed.js', import.meta.url));

describeInNamespace(import.meta.url, 'examples/embed.ts', () => {
  it('echoes what it is sent, and closes when the other side has', async () => {
    const child = spawn(process.execPath, [EXAMPLE], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const lines = child.stdout.setEncoding('utf8')[Symbol.asyncIterator]();
      expect((await lines.next()).value).to.equal('echoing at 10.77.0.2 port 7\n');
      const socket = connect(7, '10.77.0.2');
      const sent = Buffer.alloc(300_000, 'hello ');
      socket.end(sent);
      const chunks: Buffer[] = [];
      for await (const chunk of socket) chunks.push(chunk as Buffer);
      expect(Buffer.concat(chunks).equals(sent)).to.equal(true);
      expect((await lines.next()).value).to.match(/^10\.77\.0\.1 port \d+: closed\n$/);
    } finally {
      child.kill();
      await once(child, 'close');
    }
  });
});
