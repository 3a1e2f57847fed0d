/**
 * The public side of modules, for `import … from 'fastpath/module'`. docs/modules.md builds a module step by step.
 *
 * @module fastpath/module
 */
export { SummedBytes } from '../net/wire/summed-bytes.js';
export { definitionOf } from './definition.js';
export type {
  MainPart,
  Module,
  ModuleDefinition,
  ModuleListener,
  ModuleObject,
  ModuleServer,
  ModuleWorker,
  SiteFolder,
} from './module.js';
export { OptionError } from './option-error.js';
export { PrebuiltAnswers } from './prebuilt.js';
export type { Awaited, Control, ControlRow, End } from './program/control.js';
export type { Exchange } from './program/exchange.js';
export { DEFAULT_PROGRAM_LIMITS, type ProgramLimits } from './program/limits.js';
export { type Action, moduleOf, type ProgramDefinition } from './program/program.js';
export { type ModuleHost, type RunningModule, serveModuleOn } from './serve-on.js';
