/** The site of a loader, as the parts of the loader share it. */
import type { DiskSetup } from '../demand/disk.js';
import type { FolderWalk } from '../folder/folder.js';
import type { FolderRules } from '../folder/folder-rules.js';
import type { WarningSink } from '../folder/warnings.js';
import type { Library } from '../library/library.js';
import type { VariantMaker } from '../variants/variant-maker.js';
import type { LoaderStatistics } from './load-options.js';
import type { SiteInMemory } from './site-in-memory.js';
import type { UnsettledFiles } from './unsettled.js';

export interface LoadedSite {
  readonly library: Library;
  /** Its number, its folder, and how the folder is read. */
  readonly disk: DiskSetup;
  readonly rules: FolderRules;
  readonly inMemory: SiteInMemory;
  readonly variants: VariantMaker;
  readonly unsettled: UnsettledFiles;
  readonly statistics: LoaderStatistics;
  readonly warn: WarningSink;
  /** For a look at one name, which the walk of the folder has warned of if need be. */
  walkAlone(): FolderWalk;
}
