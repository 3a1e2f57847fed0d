/** All values of a frame by the name of their field: what the filter and `--fields` ask for. */
import { type FieldName, GROUPS, type Protocol } from './catalogue.js';
import type { Dissection, FieldValue } from './field.js';
import { type FrameInfo, frameValues } from './frame-info.js';

const NONE: readonly FieldValue[] = [];

export class FrameView {
  #byName: Map<string, FieldValue[]> | undefined;

  constructor(
    readonly info: FrameInfo,
    readonly dissection: Dissection,
  ) {}

  /** The values of a field, or of all fields of a group such as `ip.addr`, in the order of the frame. */
  values(name: string): readonly FieldValue[] {
    if (name.startsWith('frame.')) return frameValues(name, this.info, this.dissection);
    const group = GROUPS[name];
    if (group !== undefined) return group.flatMap((member: FieldName) => this.#of(member));
    return this.#of(name);
  }

  has(protocol: Protocol): boolean {
    return this.dissection.layers.some((layer) => layer.protocol === protocol);
  }

  #of(name: string): readonly FieldValue[] {
    this.#byName ??= this.#index();
    return this.#byName.get(name) ?? NONE;
  }

  #index(): Map<string, FieldValue[]> {
    const byName = new Map<string, FieldValue[]>();
    for (const { fields } of this.dissection.layers) {
      for (const { name, value } of fields) {
        const list = byName.get(name);
        if (list === undefined) byName.set(name, [value]);
        else list.push(value);
      }
    }
    return byName;
  }
}
