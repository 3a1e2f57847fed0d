/** Accessibility of a page in Chromium, judged by axe. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'puppeteer-core';

const AXE = readFileSync(fileURLToPath(new URL('../../../node_modules/axe-core/axe.min.js', import.meta.url)), 'utf8');

/** Rules whose judgement depends on colours and sizes. A page that another scheme shows anew needs no other ones. */
const OF_LOOKS = ['color-contrast', 'link-in-text-block', 'scrollable-region-focusable', 'target-size'];

/** Which part of a page is judged, and by what. */
export interface Judged {
  /** Everything within the elements that this selector finds. Default: the page. */
  readonly within?: string;
  /** Rules that are not asked. */
  readonly without?: readonly string[];
  /** Only the rules that depend on colours and sizes, for a page that has been judged in another scheme. */
  readonly looks?: boolean;
}

/** What axe finds wrong, a line for each rule, with the first element that breaks it. */
export async function faults(page: Page, { within, without = [], looks = false }: Judged = {}): Promise<string[]> {
  if (!(await page.evaluate('"axe" in globalThis'))) await page.evaluate(AXE);
  return page.evaluate(
    async (selector: string, options: object) => {
      interface Axe {
        run(
          context: unknown,
          options: unknown,
        ): Promise<{ violations: { id: string; nodes: { html: string; target: unknown }[] }[] }>;
      }
      const { axe, document } = globalThis as unknown as { axe: Axe; document: unknown };
      const { violations } = await axe.run(selector === '' ? document : { include: [selector] }, options);
      return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${String(nodes[0]?.target)}`);
    },
    within ?? '',
    {
      resultTypes: ['violations'],
      rules: Object.fromEntries(without.map((rule) => [rule, { enabled: false }])),
      ...(looks && { runOnly: OF_LOOKS }),
    },
  );
}

/**
 * Takes out of a page what axe would judge many times over: of children that have the same tag, the same attributes and
 * the same content but for their words, two remain. A hundred rows of a table, or bytes of a frame, are judged as two.
 * Words of program text count as the same wherever they stand. The page is of no use afterwards.
 */
export async function thin(page: Page, within: string): Promise<void> {
  await page.$$eval(within, (tops) => {
    interface Part {
      readonly tagName: string;
      readonly attributes: Iterable<{ name: string; value: string }>;
      readonly children: Iterable<Part>;
      readonly shadowRoot: { readonly children: Iterable<Part> } | null;
      closest(selector: string): unknown;
      remove(): void;
    }
    /** Attributes whose values axe judges. Of others it counts whether they are there, and whether they are empty. */
    const judged = /^(class|style|fill|stroke|role|type|disabled|tabindex|aria-(hidden|selected|pressed|disabled))$/;
    const words = new Map<string, number>();
    /** What the part is, without its words. */
    function form(part: Part): string {
      const attributes = Array.from(part.attributes, ({ name, value }) =>
        judged.test(name) ? `${name}=${value}` : `${name}${value === '' ? '' : '+'}`,
      );
      const seen = part.closest('code .line') === null ? new Map<string, number>() : words;
      const kept = new Set<string>();
      for (const child of [...part.children, ...(part.shadowRoot?.children ?? [])]) {
        const content = form(child);
        const times = (seen.get(content) ?? 0) + 1;
        seen.set(content, times);
        if (times > 2) child.remove();
        kept.add(content);
      }
      return `${part.tagName} ${attributes.sort().join(' ')}(${[...kept].join()})`;
    }
    for (const top of tops as unknown as Part[]) form(top);
  });
}
