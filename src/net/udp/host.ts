/** What all ports of a host share. */
import type { Device } from '../device/device.js';
import type { DatagramInternet } from '../ip/transport.js';
import type { Random } from '../random.js';
import { Message } from './message.js';
import { Ports } from './ports.js';
import type { UdpStatistics } from './statistics.js';

/** The parts that UDP works on. */
export interface UdpHostParts {
  readonly device: Device;
  readonly internet: DatagramInternet;
  readonly random: Random;
  readonly statistics: UdpStatistics;
}

export class UdpHost {
  readonly device: Device;
  readonly internet: DatagramInternet;
  readonly random: Random;
  readonly statistics: UdpStatistics;
  readonly ports = new Ports();
  /** The message that `compose` gives, and the one that `send` makes of bytes. */
  readonly composed = new Message();
  readonly plain = new Message();

  constructor({ device, internet, random, statistics }: UdpHostParts) {
    this.device = device;
    this.internet = internet;
    this.random = random;
    this.statistics = statistics;
  }
}
