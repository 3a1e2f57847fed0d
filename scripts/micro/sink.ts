/** The requests of the micro loops, and a connection that takes what is sent and acknowledges it at once. */
import type { Connection, KeepAlive } from '../../src/net/tcp/handler.js';
import { IpAddress } from '../../src/net/wire/address.js';
import type { SummedBytes } from '../../src/net/wire/summed-bytes.js';

/** Requests of common clients. */
export const REQUESTS: Record<string, string> = {
  'wrk, 45 bytes': 'GET /100b HTTP/1.1\r\nHost: 10.77.0.2:80\r\n\r\n\r\n'.slice(0, -2),
  curl: 'GET /100b HTTP/1.1\r\nHost: 10.77.0.2\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n\r\n',
  Chromium: [
    'GET /100b HTTP/1.1',
    'Host: 10.77.0.2',
    'Connection: keep-alive',
    'sec-ch-ua: "Chromium";v="130", "Not?A_Brand";v="99"',
    'sec-ch-ua-mobile: ?0',
    'sec-ch-ua-platform: "Linux"',
    'Upgrade-Insecure-Requests: 1',
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36',
    'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8',
    'Sec-Fetch-Site: same-origin',
    'Sec-Fetch-Mode: navigate',
    'Sec-Fetch-Dest: document',
    'Accept-Encoding: gzip, deflate, br',
    'Accept-Language: en-US,en;q=0.9',
    '',
    '',
  ].join('\r\n'),
};

/** Takes what is sent and counts it. */
export class Sink implements Connection {
  readonly localAddress = IpAddress.parse('10.77.0.2');
  readonly remoteAddress = IpAddress.parse('10.77.0.1');
  readonly localPort = 80;
  readonly remotePort = 40000;
  readonly queuedBytes = 0;
  readonly queuedPieces = 0;
  queuedTo = 0;
  readonly receivedTo = 0;
  readonly unreadBytes = 0;
  readonly urgentBytes = 0;
  readonly congestionWindow = 14_600;
  noDelay = false;
  cork = false;
  maxSegment = 1460;
  receiveBuffer = 65536;
  trafficClass = 0;
  timeToLive = 0;
  minimumTimeToLive = 0;
  pacingRate = 0;
  pacingGroup = 0;
  userTimeout = 0;
  keepAlive: KeepAlive | null = null;
  sent = 0;
  get acknowledgedTo(): number {
    return this.queuedTo;
  }
  send(_bytes: SummedBytes, from: number, to: number): void {
    this.sent += (to - from) & 0xff;
    this.queuedTo = (this.queuedTo + to - from) | 0;
  }
  flush(): void {}
  close(): void {}
  abort(): void {}
  detach(): void {}
  info(): never {
    throw new Error('there is no TCP behind a sink');
  }
  resume(): void {}
  setTimeout(): void {}
}
