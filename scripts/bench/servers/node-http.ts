/** A server over node:http, run as a program: `node node-http.js <folder> <port>`. Bodies are kept in memory. */
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

const [folder, port] = process.argv.slice(2);
const bodies = new Map(readdirSync(folder!).map((name) => [`/${name}`, readFileSync(join(folder!, name))]));

const server = createServer((request, response) => {
  const body = bodies.get(request.url!);
  if (!body) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': body.length }).end(body);
});
server.keepAliveTimeout = 300_000;
server.maxRequestsPerSocket = 0;
server.listen(Number(port), '0.0.0.0', 65_535);
