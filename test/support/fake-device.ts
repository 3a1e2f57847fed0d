/** A device that goes nowhere: it records what is sent, as bytes. */
import { type Device, NO_OFFLOAD, type Offload } from '../../src/net/device/device.js';
import type { IncomingFrame, OutgoingFrame } from '../../src/net/device/frame.js';
import { parseMac } from '../../src/net/wire/address.js';

export const OUR_MAC = '02:fa:57:00:00:02';

export class FakeDevice implements Device {
  readonly mac = parseMac(OUR_MAC);
  mtu = 1500;
  offload: Offload = NO_OFFLOAD;
  /** False: frames are refused, as by a full queue. */
  accepts = true;
  /** The frames sent and not yet taken by `takeSent`. */
  readonly sent: Uint8Array[] = [];
  /** What the last frame asked of the device's offload. */
  lastOffload = { segmentBytes: 0, checksumFrom: 0, checksumOffset: 0 };

  send(frame: OutgoingFrame): boolean {
    if (!this.accepts) return false;
    const bytes = new Uint8Array(frame.length);
    frame.copyTo(bytes);
    this.sent.push(bytes);
    const { segmentBytes, checksumFrom, checksumOffset } = frame;
    this.lastOffload = { segmentBytes, checksumFrom, checksumOffset };
    return true;
  }

  receive(_frame: IncomingFrame): boolean {
    return false;
  }

  /** All frames sent since the last call. */
  takeSent(): Uint8Array[] {
    return this.sent.splice(0);
  }

  close(): void {}
}
