/** The parts of modules that run in the main thread (`ModuleDefinition.main`): slow paths, files that they watch. */
import type { MainPart, ModuleServer } from '../../module/module.js';
import { OptionError } from '../../module/option-error.js';
import { faultOf, type Path } from '../faults.js';
import { ServeError } from '../serve-error.js';
import type { DataPlane } from '../worker/data-plane.js';
import type { LoadedPlan } from './rows.js';

export class MainParts {
  readonly #parts: (readonly [name: string, part: MainPart])[] = [];
  readonly #plane: Pick<DataPlane, 'hear' | 'send' | 'sendTo'>;
  readonly #warn: (text: string) => void;
  readonly #folderOf: ModuleServer['folderOf'];

  private constructor(
    plane: Pick<DataPlane, 'hear' | 'send' | 'sendTo'>,
    warn: (text: string) => void,
    folderOf: ModuleServer['folderOf'],
  ) {
    this.#folderOf = folderOf;
    this.#plane = plane;
    this.#warn = warn;
  }

  /** Makes those that there are, one after another. @throws {ServeError} `failure` for one that cannot begin */
  static async create(
    plans: readonly LoadedPlan[],
    plane: Pick<DataPlane, 'hear' | 'send' | 'sendTo'>,
    warn: (text: string) => void,
    folderOf: ModuleServer['folderOf'],
  ): Promise<MainParts> {
    const parts = new MainParts(plane, warn, folderOf);
    try {
      for (const plan of plans) await parts.#add(plan);
      return parts;
    } catch (error) {
      await parts.close();
      throw error;
    }
  }

  /** Looks at their files again. */
  refresh(): Promise<void> {
    return this.#each((part) => part.refresh?.());
  }

  close(): Promise<void> {
    return this.#each((part) => part.close?.());
  }

  async #add({ name, definition, options, path = [] }: LoadedPlan): Promise<void> {
    const plane = this.#plane;
    const server = {
      send: (message: unknown) => plane.send({ kind: 'module', module: name, message }),
      sendTo: (worker: number, message: unknown) => plane.sendTo(worker, { kind: 'module', module: name, message }),
      warn: (text: string) => this.#warn(`${name}: ${text}`),
      folderOf: this.#folderOf,
    };
    try {
      const part = await definition.main?.(server, options);
      if (part === undefined) return;
      this.#parts.push([name, part]);
      plane.hear(name, (message, worker) => this.#attempt(name, () => part.received?.(message, worker)));
    } catch (cause) {
      throw beginningFault(name, path, cause);
    }
  }

  #attempt(name: string, call: () => unknown): void {
    try {
      call();
    } catch (error) {
      this.#warn(`${name}: a message of a worker was not understood: ${reasonOf(error)}`);
    }
  }

  /** One that fails does not keep the others from their turn. */
  async #each(call: (part: MainPart) => unknown): Promise<void> {
    for (const [name, part] of this.#parts) {
      try {
        await call(part);
      } catch (error) {
        this.#warn(`${name}: ${reasonOf(error)}`);
      }
    }
  }
}

/** A module could not begin. It may have said which of its options is wrong. `path`: where its wish stands. */
export function beginningFault(name: string, path: Path, cause: unknown): ServeError {
  const message = `module ${name} cannot begin: ${reasonOf(cause)}`;
  if (!(cause instanceof OptionError)) return faultOf([...path, 'use'], message, '', { code: 'failure', cause });
  const findings = [{ path: [...path, 'options', ...cause.path], message: cause.message }];
  return new ServeError('bad-option', message, '', { cause, findings });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
