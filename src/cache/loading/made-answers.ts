/** Publishes answers that are no files: redirects, short texts, lists of folders, pages. reading/made.ts makes them. */
import type { FoundFile } from '../folder/folder.js';
import type { MadeAnswer, UpdatePlan } from '../folder/update-plan.js';
import { hintLine } from '../head/hints.js';
import { headRuleOf, keyOf, namesOf, publicName } from '../reading/file-measures.js';
import { FORBIDDEN, isMade, type Made, madeMeasures, madeOf, madePage, pageOf, sealMade } from '../reading/made.js';
import type { LoadedSite } from './loaded-site.js';

/** Redirects, short texts, and lists of folders. The names are added to `served`. */
export function publishAnswers(site: LoadedSite, made: UpdatePlan['made'], served: Set<string> | null): void {
  for (const [name, answer] of made) {
    if (answer.kind !== 'page') publishMade(site, makeAnswer(site, name, answer), served);
  }
}

function makeAnswer(site: LoadedSite, name: string, answer: Exclude<MadeAnswer, { kind: 'page' }>): Made {
  const { rules, disk } = site;
  if (answer.kind !== 'list') return madeOf(rules, name, answer);
  const listed = site.walkAlone().list(answer.path);
  if (listed === undefined) return madeOf(rules, name, FORBIDDEN);
  const html = rules.list(answer.path, listed);
  return madePage(name, html, rules.fieldsOf(name, 200), disk.compress);
}

/** Pages from the content of files that have been read. Without its file there is no page. */
export function publishPages(
  site: LoadedSite,
  made: UpdatePlan['made'],
  files: readonly FoundFile[],
  served: Set<string> | null,
): void {
  const { library, disk, rules } = site;
  for (const [name, answer] of made) {
    if (answer.kind !== 'page') continue;
    const source = files.find((file) => file.name === answer.path);
    if (source === undefined) continue;
    const file = library.hold(Buffer.from(keyOf(source), 'latin1'), disk.site);
    if (file === undefined) continue;
    const hasHints = answer.status === 200 && headRuleOf(source).hasHints;
    const hints = hasHints ? hintLine(file.payload, publicName(source)) : '';
    const fields = rules.fieldsOf(name, answer.status);
    publishMade(site, pageOf(file, name, answer.status, fields, hints), served);
    library.letGo(file);
  }
}

/** A file that cannot be read is 403 under all its names. */
export function publishForbidden(site: LoadedSite, file: FoundFile, served: Set<string> | null): void {
  const names = namesOf(file).filter((name) => name.startsWith('/'));
  for (const name of names) publishMade(site, madeOf(site.rules, name, FORBIDDEN), served);
}

/** Whether it is known already that this file cannot be read. */
export function isForbidden({ inMemory }: LoadedSite, file: FoundFile): boolean {
  return inMemory.find(publicName(file))?.status === FORBIDDEN.status;
}

function publishMade({ library, disk, inMemory, variants }: LoadedSite, made: Made, served: Set<string> | null): void {
  const { name, kind, payload, answer } = made;
  served?.add(name);
  if (!isMade(made, inMemory.find(name))) {
    const draft = library.reserve(madeMeasures(made), kind, disk.site);
    if (draft === undefined) {
      library.setLazy(disk.site, true);
      return;
    }
    sealMade(draft, made);
    library.publish(draft);
  }
  if (kind === 'page') variants.addPage(name, payload.length, answer.contentType);
}
