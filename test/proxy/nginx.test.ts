/**
 * nginx as an origin behind the proxy, and nginx as a proxy beside it: the same requests through both to one origin.
 * Skipped where nginx is not installed.
 */
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { hasNginx, Nginx } from '../support/nginx.js';
import { allOf, only, ProxyWorld } from './support.js';

describe('the proxy and nginx', () => {
  let world: ProxyWorld;
  let nginx: Nginx;

  before(function () {
    if (!hasNginx()) {
      console.log('      nginx is not installed: apt-get install nginx-light');
      this.skip();
    }
  });
  beforeEach(() => {
    world = new ProxyWorld();
    nginx = new Nginx();
  });
  afterEach(async () => {
    await world.end();
    await nginx.end();
  });

  it('as an origin: files, ranges, validation, HEAD and errors are the same with and without the proxy', async () => {
    await nginx.start('');
    writeFileSync(join(nginx.folder, 'www/a.txt'), 'a'.repeat(300_000));
    await world.start({ servers: only(`http://127.0.0.1:${nginx.port}`) });
    const direct = (path: string, options: object) => world.get(path, { port: nginx.port, ...options });
    const first = await world.get('/a.txt');
    const requests: (readonly [string, object])[] = [
      ['/a.txt', {}],
      ['/a.txt', { method: 'HEAD' }],
      ['/a.txt', { headers: { Range: 'bytes=5-9' } }],
      ['/a.txt', { headers: { Range: 'bytes=0-1,5-6' } }],
      ['/a.txt', { headers: { 'If-None-Match': first.headers.etag } }],
      ['/a.txt', { method: 'POST' }],
      ['/none', {}],
    ];
    for (const [path, options] of requests) {
      const [ours, its] = [await world.get(path, options), await direct(path, options)];
      expect(ours.status, path).to.equal(its.status);
      const { via, connection: _, date: _d, ...headers } = ours.headers;
      const { connection: _c, date: _e, ...expected } = its.headers;
      const boundary = /boundary=\S+|content-length/;
      expect(via).to.equal('1.1 fastpath');
      if (!boundary.test(its.headers['content-type'] ?? '')) {
        expect(headers, path).to.deep.equal(expected);
        expect(ours.body.equals(its.body), path).to.equal(true);
      } else {
        expect(ours.body.length).to.equal(its.body.length);
      }
    }
    expect(world.troubles).to.deep.equal([]);
  });

  it('as a proxy beside it: the origin gets the same, and clients too', async () => {
    const heads: string[] = [];
    const origin = await world.origin((req, res) => {
      heads.push(`${req.method} ${req.url} ${req.headers['x-own']} ${req.headers['content-length']}`);
      const status = Number(/^\/(\d+)/.exec(req.url ?? '')?.[1] ?? 200);
      req.resume().on('end', () => {
        res.writeHead(status, { 'X-Method': req.method, 'Set-Cookie': ['a=1', 'b=2'] });
        res.end(status === 204 || status === 304 ? undefined : `body of ${status}`);
      });
    });
    const headers = 'proxy_http_version 1.1; proxy_set_header Host $http_host; proxy_set_header Connection "";';
    await nginx.start(`location / { proxy_pass ${origin.url}; ${headers} }`);
    await world.start({ servers: only(origin.url) });
    const requests: (readonly [string, object, string?])[] = [
      ['/200?a=%20b', { headers: { 'X-Own': 'x' } }],
      ['/204', {}],
      ['/304', {}],
      ['/404', { method: 'HEAD' }],
      ['/503', {}],
      ['/200', { method: 'POST', headers: { 'Content-Length': 4 } }, 'body'],
      ['/200/..%2f;a=b/c//d', { method: 'PUT', headers: { 'Content-Length': 0 } }],
      ['/200', { method: 'PROPFIND' }],
    ];
    for (const [path, options, body] of requests) {
      const ours = await world.get(path, options, body);
      const its = await world.get(path, { port: nginx.port, ...options }, body);
      const [one, other] = heads.splice(0);
      expect(one, 'the request at the origin').to.equal(other);
      expect([ours.status, String(ours.body)]).to.deep.equal([its.status, String(its.body)]);
      expect(ours.headers['set-cookie']).to.deep.equal(its.headers['set-cookie']);
    }
  });

  it('as a proxy beside it: what the one refuses to send on, the other refuses too', async () => {
    const seen: string[] = [];
    const origin = await world.rawOrigin((socket) => {
      socket.on('data', (chunk) => seen.push(String(chunk)));
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    });
    await nginx.start(`location / { proxy_pass ${origin.url}; }`);
    await world.start({ servers: only(origin.url) });
    const attacks = [
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nbody',
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 4\r\n\r\nbody',
      'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
      'CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n',
    ];
    for (const attack of attacks) {
      for (const port of [world.front.port, nginx.port]) {
        const socket = connect(port, '127.0.0.1').on('error', () => {});
        socket.write(attack);
        const answer = await allOf(socket);
        expect(answer, `${attack} through ${port === nginx.port ? 'nginx' : 'us'}`).to.match(/^HTTP\/1\.1 (4|5)\d\d /);
        socket.destroy();
      }
    }
    expect(seen).to.deep.equal([]);
  });
});
