/**
 * Stands in for the package tuntap2, which is not on every registry: a `Tap` with the properties that
 * examples/tuntap2.ts uses, an object-mode stream of frames over a TAP interface. register-tuntap2.ts puts it in place.
 */
import { Duplex } from 'node:stream';
import { HostInterface, IncomingFrame, IpNetwork, OutgoingFrame, SummedBytes, TapDevice } from '../../../src/index.js';

export class Tap extends Duplex {
  readonly name = 'tap0';
  readonly #device = TapDevice.open({ name: 'tap0', offload: false });
  readonly #host = new HostInterface('tap0');
  readonly #arrived = new IncomingFrame(new Uint8Array(0));
  readonly #frame = new OutgoingFrame();

  constructor() {
    super({ objectMode: true });
    const looking = setInterval(() => {
      while (this.#device.receive(this.#arrived)) {
        this.push(Buffer.from(this.#arrived.bytes.slice(this.#arrived.from, this.#arrived.to)));
      }
    }, 1);
    this.once('close', () => clearInterval(looking));
  }

  set ipv4(network: string) {
    this.#host.addAddress(IpNetwork.parse(network));
  }

  set isUp(_: boolean) {
    this.#host.up();
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#frame.reset();
    this.#frame.addFragment(SummedBytes.of(chunk), 0, chunk.length);
    this.#device.send(this.#frame);
    done();
  }
}
