/** Sockets of a stack against Linux's own, over a real TAP interface, in both directions. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { expect } from 'chai';
import { HostInterface } from '../../src/net/device/host-interface.js';
import { TapDevice } from '../../src/net/device/tap.js';
import { EventLoopDriver } from '../../src/net/driver/event-loop.js';
import { SystemRandom } from '../../src/net/driver/system-random.js';
import { createStack, type Stack } from '../../src/net/stack.js';
import { IpNetwork } from '../../src/net/wire/address.js';
import { connect, connectTls, type FastServer, type FastSocket, listen } from '../../src/socket/index.js';
import { type Certificate, makeCertificate } from '../support/certificate.js';
import { describeInNamespace } from '../support/namespace.js';
import { CURL, needs, run } from '../support/serve-process.js';
import { until } from '../support/until.js';

const HOST = '10.77.0.1';
const OURS = '10.77.0.2';
/** More than what the buffers of a connection hold. */
const BIG = 10 * 1024 * 1024;
/** What is sent there and back. */
const ECHOED = 3 * 1024 * 1024;

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Takes all of a stream and gives the digest, without destroying it. */
function digestOf(stream: Readable): Promise<string> {
  const hash = createHash('sha256');
  return new Promise((resolve, reject) => {
    stream.on('data', (chunk: Buffer) => hash.update(chunk));
    stream.on('end', () => resolve(hash.digest('hex')));
    stream.on('error', reject);
  });
}

/** The code of the error that comes. */
async function failure(socket: FastSocket | net.Socket): Promise<string> {
  return new Promise((resolve) => socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code!)));
}

/** Lets a socket end with an error, at the end of a test at the latest. */
function quiet<S extends FastSocket | net.Socket>(socket: S): S {
  socket.on('error', () => {});
  return socket;
}

/** Waits, and leaves the core to those who send. */
const echo: http.RequestListener = (request, response) => void request.pipe(response);

describeInNamespace(import.meta.url, 'sockets over a TAP interface', () => {
  const bytes = randomBytes(BIG);
  const echoed = bytes.subarray(0, ECHOED);
  const folder = mkdtempSync(join(tmpdir(), 'fastpath-client-'));
  const path = (name: string) => join(folder, name);
  const kernels: net.Server[] = [];
  let stack: Stack;
  let close: () => void;
  let server: FastServer | undefined;
  let certificate: Certificate | undefined;

  before(() => {
    writeFileSync(path('big'), echoed);
    certificate = makeCertificate(HOST, OURS);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function openUp(offload: boolean): void {
    const driver = new EventLoopDriver();
    const device = TapDevice.open({ name: 'fpc', offload });
    const addresses = [IpNetwork.parse(`${OURS}/24`)];
    stack = createStack({ device, clock: driver.clock, random: new SystemRandom(), addresses });
    const host = new HostInterface('fpc');
    host.addAddress(IpNetwork.parse(`${HOST}/24`));
    host.up();
    driver.start(stack, device);
    stack.start();
    close = () => {
      stack.abort();
      driver.stop();
      device.close();
    };
  }

  afterEach(() => {
    server?.close();
    server = undefined;
    for (const kernel of kernels.splice(0)) kernel.close();
    close();
  });

  /** Lets one of Node's servers listen on the kernel's side. Returns the port. */
  async function kernelListens(kernel: net.Server): Promise<number> {
    kernels.push(kernel.listen(0, HOST));
    await once(kernel, 'listening');
    return (kernel.address() as AddressInfo).port;
  }

  /** A connection from ours to the kernel's, seen from both ends. */
  async function outward(options: net.ServerOpts = {}): Promise<[FastSocket, net.Socket]> {
    const kernel = net.createServer(options);
    const socket = connect(stack, { host: HOST, port: await kernelListens(kernel), ...options });
    const [[accepted]] = await Promise.all([once(kernel, 'connection'), once(socket, 'connect')]);
    return [quiet(socket), quiet(accepted)];
  }

  /** A connection from the kernel's to ours, seen from both ends. */
  async function inward(options: net.ServerOpts = {}): Promise<[FastSocket, net.Socket]> {
    server = listen(stack, { port: 8080, ...options });
    const socket = net.connect({ host: OURS, port: 8080, ...options });
    const [[accepted]] = await Promise.all([once(server, 'connection'), once(socket, 'connect')]);
    return [quiet(accepted), quiet(socket)];
  }

  for (const offload of [true, false]) {
    describe(offload ? 'with super-segments' : 'with plain frames', () => {
      beforeEach(() => openUp(offload));

      it('node:http asks a server of the kernel, and sends and gets 3 MiB', async () => {
        const port = await kernelListens(http.createServer(echo));
        const createConnection = (options: http.ClientRequestArgs) => connect(stack, options);
        const request = http.request({ host: HOST, port, method: 'POST', createConnection });
        request.end(echoed);
        const [response] = await once(request, 'response');
        expect(response.statusCode).to.equal(200);
        expect(await digestOf(response)).to.equal(digest(echoed));
      });

      it('node:http asks us from the kernel, and sends and gets 3 MiB', async () => {
        server = listen(stack, 80).forward(http.createServer(echo));
        const request = http.request({ host: OURS, method: 'POST', agent: false });
        request.end(echoed);
        const [response] = await once(request, 'response');
        expect(await digestOf(response)).to.equal(digest(echoed));
      });

      it('pipeline() moves a file out through the kernel and back into a file', async () => {
        const port = await kernelListens(net.createServer((socket) => void socket.pipe(socket)));
        const socket = connect(stack, { host: HOST, port });
        await Promise.all([
          pipeline(createReadStream(path('big')), socket),
          pipeline(socket, createWriteStream(path('back'))),
        ]);
        expect(digest(readFileSync(path('back')))).to.equal(digest(echoed));
      });
    });
  }

  describe('with a Linux peer', () => {
    beforeEach(() => openUp(true));

    it('curl gets and posts over HTTP', async function () {
      needs(this, 'curl');
      server = listen(stack, 80).forward(http.createServer(echo));
      const posted = await run('curl', [...CURL, '-T', path('big'), '-o', path('got'), `http://${OURS}/`]);
      expect([posted.code, posted.stderr]).to.deep.equal([0, '']);
      expect(digest(readFileSync(path('got')))).to.equal(digest(echoed));
    });

    it('curl gets over HTTPS, and checks the certificate', async function () {
      needs(this, 'curl');
      needs(this, 'openssl');
      if (certificate === undefined) throw new Error('openssl has made no certificate');
      writeFileSync(path('ca'), certificate.cert);
      const program = https.createServer(certificate, (request, response) => {
        response.end(`${request.url} for ${request.socket.remoteAddress}`);
      });
      server = listen(stack, 443).forward(program);
      const got = await run('curl', [...CURL, '--cacert', path('ca'), `https://${OURS}/page`]);
      expect([got.code, got.stdout, got.stderr]).to.deep.equal([0, `/page for ${HOST}`, '']);
    });

    it('node:https asks a server of the kernel, and sends and gets 3 MiB', async function () {
      needs(this, 'openssl');
      if (certificate === undefined) throw new Error('openssl has made no certificate');
      const { cert } = certificate;
      const port = await kernelListens(https.createServer(certificate, echo));
      const createConnection = (options: http.ClientRequestArgs) => connectTls(stack, { ...options, ca: cert });
      const request = https.request({ host: HOST, port, method: 'POST', createConnection });
      request.end(echoed);
      const [response] = await once(request, 'response');
      expect(await digestOf(response)).to.equal(digest(echoed));
    });

    for (const [way, open] of [
      ['that we open', outward],
      ['that the kernel opens', inward],
    ] as const) {
      it(`a connection ${way} may be half closed, by either`, async () => {
        const [ours, theirs] = await open({ allowHalfOpen: true });
        ours.end('our question');
        expect(await digestOf(theirs)).to.equal(digest(Buffer.from('our question')));
        theirs.end('their answer');
        expect(await digestOf(ours)).to.equal(digest(Buffer.from('their answer')));
      });

      it(`a connection ${way} may be half closed, by the kernel first`, async () => {
        const [ours, theirs] = await open({ allowHalfOpen: true });
        theirs.end('their question');
        expect(await digestOf(ours)).to.equal(digest(Buffer.from('their question')));
        ours.end('our answer');
        expect(await digestOf(theirs)).to.equal(digest(Buffer.from('our answer')));
      });

      it(`a connection ${way} may be reset, by us and by the kernel`, async () => {
        const [ours, theirs] = await open();
        const failed = failure(theirs);
        ours.resetAndDestroy();
        expect(await failed).to.equal('ECONNRESET');
        server?.close();
        const [again, resetting] = await open();
        const failedHere = failure(again);
        resetting.resetAndDestroy();
        expect(await failedHere).to.equal('ECONNRESET');
      });

      it(`on a connection ${way} we wait for a kernel's program that does not read`, async () => {
        const [ours, theirs] = await open();
        theirs.pause();
        ours.end(bytes);
        await until(() => ours.connection!.info().sndWnd < 1000);
        expect(ours.writableLength).to.be.above(0);
        const read = digestOf(theirs);
        theirs.resume();
        expect(await read).to.equal(digest(bytes));
      });

      it(`on a connection ${way} the kernel waits for a program of ours that does not read`, async () => {
        const [ours, theirs] = await open();
        ours.pause();
        theirs.end(bytes);
        await until(() => ours.connection!.unreadBytes > 200_000);
        expect(theirs.writableLength).to.be.above(0);
        const read = digestOf(ours);
        ours.resume();
        expect(await read).to.equal(digest(bytes));
      });
    }

    it('says ECONNREFUSED where nobody listens, on either side', async () => {
      expect(await failure(connect(stack, { host: HOST, port: 9 }))).to.equal('ECONNREFUSED');
      expect(await failure(net.connect({ host: OURS, port: 9 }))).to.equal('ECONNREFUSED');
    });

    it('says EHOSTUNREACH where no neighbour is', async () => {
      expect(await failure(connect(stack, { host: '10.77.0.99', port: 80 }))).to.equal('EHOSTUNREACH');
    });

    it('has 200 connections at once, out and in', async () => {
      const port = await kernelListens(net.createServer((socket) => void socket.pipe(socket)));
      server = listen(stack, 8080, (socket) => void quiet(socket).pipe(socket));
      const piece = bytes.subarray(0, 30_000);
      const dials = Array.from({ length: 200 }, (_, n) => {
        const socket = n % 2 === 0 ? connect(stack, { host: HOST, port }) : net.connect({ host: OURS, port: 8080 });
        socket.end(piece);
        return digestOf(socket);
      });
      expect(new Set(await Promise.all(dials))).to.deep.equal(new Set([digest(piece)]));
    });

    it('answers a client of the kernel that ends before it has heard', async () => {
      server = listen(stack, { port: 8080, allowHalfOpen: true }, (socket) => {
        quiet(socket)
          .once('end', () => socket.end('heard'))
          .resume();
      });
      const socket = net.connect({ host: OURS, port: 8080 });
      socket.end('over');
      expect(await text(socket)).to.equal('heard');
    });
  });
});
