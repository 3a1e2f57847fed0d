/**
 * A device around another: whoever adds something to the frames that cross overrides `send` and `receive`. All else is
 * what the device inside says. The timers are left to those who add them, since a device that holds no frame has none.
 */
import type { Device, Offload } from './device.js';
import type { IncomingFrame, OutgoingFrame } from './frame.js';

export abstract class DeviceAround implements Device {
  protected readonly inner: Device;

  constructor(inner: Device) {
    this.inner = inner;
  }

  abstract send(frame: OutgoingFrame): boolean;

  abstract receive(frame: IncomingFrame): boolean;

  get mac(): Uint8Array {
    return this.inner.mac;
  }

  get mtu(): number {
    return this.inner.mtu;
  }

  get offload(): Offload {
    return this.inner.offload;
  }

  get fd(): number | undefined {
    return this.inner.fd;
  }

  get gone(): boolean {
    return this.inner.gone ?? false;
  }

  get onReadable(): (() => void) | null {
    return this.inner.onReadable ?? null;
  }

  set onReadable(notify: (() => void) | null) {
    this.inner.onReadable = notify;
  }

  superSegmentLost(bytes: number): void {
    this.inner.superSegmentLost?.(bytes);
  }

  close(): void {
    this.inner.close();
  }
}
