/**
 * `--pcap`: writes every frame of a run to a pcapng file for Wireshark. Each script has an interface with its name.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { INBOUND, OUTBOUND } from '../../capture/format/pcapng-format.js';
import { PcapngWriter } from '../../capture/format/pcapng-writer.js';

export class ScriptRecorder {
  readonly #file: number;
  readonly #writer: PcapngWriter;
  #interface = -1;

  /** @throws what `open` throws if the file cannot be written. */
  constructor(path: string) {
    this.#file = openSync(path, 'w');
    this.#writer = new PcapngWriter((bytes) => writeSync(this.#file, bytes), { application: 'fastpath packetdrill' });
  }

  /** The frames of another script begin. */
  begin(name: string): void {
    this.#interface = this.#writer.addInterface({ name });
  }

  /** @param time microseconds since the script began */
  record(frame: Uint8Array, outbound: boolean, time: number): void {
    this.#writer.writeFrame(this.#interface, time, outbound ? OUTBOUND : INBOUND, frame, 0, frame.length);
  }

  close(): void {
    this.#writer.close();
    closeSync(this.#file);
  }
}
