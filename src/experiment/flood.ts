/** Forged SYNs, for the experiment with a flood. A host sends them as they are, from addresses that nobody has. */
import { forgedSegment } from '../browser/forge.js';
import type { Host } from '../browser/host.js';
import { SYN } from '../net/wire/tcp.js';

/** The first of the forged senders, 10.0.9.0: no host of the world has such an address. */
const FIRST_FORGED = 0x0a00_0900;
const PORT = 80;

/** Sends the SYN of forged sender `number`, from 0, to the web server of `target`. */
export function sendForgedSyn(from: Host, target: Host, number: number): void {
  // A MAC address that is administered locally (the second digit is 2): no host has it.
  const mac = Uint8Array.of(0x02, 0, 0, 0, 9, number & 0xff);
  const segment = {
    from: FIRST_FORGED + (number & 0xff),
    fromPort: 1024 + number,
    to: target.address.word3,
    toPort: PORT,
    flags: SYN,
    sequence: number,
  };
  from.sendRaw(forgedSegment({ from: mac, to: target.mac }, segment));
}
