/** A disk thread: does one job after another, and says what came of each. Started by disk-pool.ts. */
import { parentPort } from 'node:worker_threads';
import { type DiskJob, type DiskResult, type DiskSetup, SiteDisk } from './disk.js';

export type MessageToDisk =
  /** The folder of a site. A second one replaces the first. */
  | { readonly kind: 'site'; readonly site: number; readonly setup: DiskSetup }
  | { readonly kind: 'slab'; readonly slab: number; readonly buffer: SharedArrayBuffer }
  | { readonly kind: 'job'; readonly id: number; readonly site: number; readonly job: DiskJob };

export interface MessageFromDisk {
  readonly id: number;
  readonly result: DiskResult;
}

if (parentPort !== null) {
  const port = parentPort;
  const sites = new Map<number, SiteDisk>();
  const slabs = new Map<number, SharedArrayBuffer>();
  port.on('message', (message: MessageToDisk) => {
    if (message.kind === 'site') {
      const disk = new SiteDisk(message.setup);
      for (const [id, buffer] of slabs) disk.addSlab(id, buffer);
      sites.set(message.site, disk);
    } else if (message.kind === 'slab') {
      slabs.set(message.slab, message.buffer);
      for (const disk of sites.values()) disk.addSlab(message.slab, message.buffer);
    } else {
      const result = sites.get(message.site)?.do(message.job) ?? { kind: 'nothing' };
      port.postMessage({ id: message.id, result } satisfies MessageFromDisk);
    }
  });
}
