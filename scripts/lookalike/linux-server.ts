/**
 * The other side of the comparison: a server on Linux's TCP that answers each request on port 80 with as many bytes as
 * fastpath does. The arguments are those numbers: of an answer, and of one after which the connection is closed.
 */
import { createServer, type Socket } from 'node:net';

const [keepAlive, close] = process.argv.slice(2).map((size) => Buffer.alloc(Number(size), 'x')) as [Buffer, Buffer];
const END_OF_HEAD = '\r\n\r\n';

function serve(socket: Socket): void {
  let request = '';
  socket.setNoDelay(true);
  socket.on('error', () => {});
  socket.on('end', () => socket.end());
  socket.on('data', (data: Buffer) => {
    request += data.toString('latin1');
    for (let end = request.indexOf(END_OF_HEAD); end >= 0; end = request.indexOf(END_OF_HEAD)) {
      const closes = request.slice(0, end).includes('Connection: close');
      request = request.slice(end + END_OF_HEAD.length);
      socket.write(closes ? close : keepAlive);
      if (closes) socket.end();
    }
  });
}

createServer({ allowHalfOpen: true }, serve).listen(80, () => console.log('ready'));
