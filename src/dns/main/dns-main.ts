/**
 * The main part of DNS: reads the zones before the first query, and again when a file has changed or the server was
 * asked to (SIGHUP). The workers get images; a zone that is wrong changes nothing. Then other servers are told.
 */
import { Later } from '../../later.js';
import type { MainPart, ModuleServer } from '../../module/module.js';
import { OptionError } from '../../module/option-error.js';
import { IpAddress } from '../../net/wire/address.js';
import type { LoadedZone } from '../load.js';
import type { DnsMessage, NotifyAnswered } from '../messages.js';
import { type DnsOptions, endpointOf, type ZoneOptions } from '../options.js';
import { Zone } from '../zone/zone.js';
import { Notifier } from './notifier.js';
import { ZoneFile } from './zone-file.js';

/** Between two looks at the files, ms. */
const LOOK_EVERY_MS = 1_000;
/** The worker that sends NOTIFY. Any of them may get the answer. */
const SENDER = 0;

interface Served {
  readonly options: ZoneOptions;
  readonly file: ZoneFile;
  /** The serial number that is served. */
  serial: number;
}

export class DnsMain implements MainPart {
  readonly #server: ModuleServer;
  readonly #served: Served[];
  readonly #notifier: Notifier;
  readonly #later = new Later();

  /** @throws {OptionError} for a zone that cannot be served */
  constructor(server: ModuleServer, options: DnsOptions) {
    this.#server = server;
    this.#notifier = new Notifier({
      send: (message, address, port) => this.#sendFrom(SENDER, { kind: 'send', message, address, port }),
      after: (ms, action) => this.#later.call(ms, action),
      randomId: () => crypto.getRandomValues(new Uint16Array(1))[0]!,
      warn: (text) => server.warn(text),
    });
    this.#served = options.zones.map((zone) => ({
      options: zone,
      file: new ZoneFile(zone.zone, zone.file, options.folder),
      serial: -1,
    }));
    for (const [index, zone] of this.#served.entries()) this.#publish(zone, firstReading(zone, index));
    if (options.watch) this.#look();
  }

  received(message: unknown): void {
    const { id, address } = message as NotifyAnswered;
    this.#notifier.answered(id, address);
  }

  refresh(): void {
    for (const zone of this.#served) this.#reload(zone);
  }

  close(): void {
    this.#later.clear();
  }

  #look(): void {
    for (const zone of this.#served) if (zone.file.hasChanged()) this.#reload(zone);
    this.#later.call(LOOK_EVERY_MS, () => this.#look());
  }

  #reload(zone: Served): void {
    let loaded: LoadedZone;
    try {
      loaded = zone.file.read();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#server.warn(`${zone.options.zone} stays as it was:\n${reason}`);
      return;
    }
    this.#publish(zone, loaded);
  }

  #publish(zone: Served, { image, name, warnings }: LoadedZone): void {
    for (const warning of warnings) this.#server.warn(warning);
    const message: DnsMessage = { kind: 'zone', image };
    this.#server.send(message);
    const { serial } = new Zone(image);
    const { zone: zoneText, notify } = zone.options;
    if (zone.serial >= 0 && isBehind(serial, zone.serial)) {
      this.#server.warn(`${zoneText}: serial ${serial} is behind ${zone.serial}: secondary servers keep the old zone`);
    }
    const isNew = serial !== zone.serial;
    zone.serial = serial;
    if (!isNew) return;
    for (const text of notify) {
      const endpoint = endpointOf(text);
      if (endpoint === undefined) continue;
      this.#notifier.notify(name, zoneText, String(IpAddress.parse(endpoint.address)), endpoint.port);
    }
  }

  #sendFrom(worker: number, message: DnsMessage): void {
    this.#server.sendTo(worker, message);
  }
}

/** @throws {OptionError} that says which zone cannot be served, and why */
function firstReading({ file }: Served, index: number): LoadedZone {
  try {
    return file.read();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? `there is no file ${file.path}` : (cause as Error).message;
    throw new OptionError(['zones', index, 'file'], reason, { cause });
  }
}

/** RFC 1982 section 3.2. */
function isBehind(serial: number, other: number): boolean {
  return ((serial - other) | 0) < 0;
}
