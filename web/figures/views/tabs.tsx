/** Tabs by the pattern of WAI-ARIA: arrows move, and what is chosen is shown. */
import type { ComponentChildren } from 'preact';

interface TabsProps<T extends string> {
  readonly id: string;
  readonly label: string;
  readonly tabs: readonly { readonly key: T; readonly title: string }[];
  readonly chosen: T;
  readonly choose: (key: T) => void;
  readonly children: ComponentChildren;
}

/** Where the row of tabs is longer than its place, it scrolls: the chosen one comes into sight whole. */
function show(tab: HTMLElement | null): void {
  tab?.scrollIntoView({ block: 'nearest', inline: 'center' });
}

export function Tabs<T extends string>({ id, label, tabs, chosen, choose, children }: TabsProps<T>) {
  const move = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const at = tabs.findIndex(({ key }) => key === chosen);
    const next = tabs[(at + step + tabs.length) % tabs.length];
    if (next === undefined) return;
    choose(next.key);
    const tab = document.getElementById(`${id}-tab-${next.key}`);
    tab?.focus();
    show(tab);
  };
  return (
    <div class="tabs">
      <div role="tablist" aria-label={label} onKeyDown={move} tabIndex={-1}>
        {tabs.map(({ key, title }) => (
          <button
            key={key}
            type="button"
            role="tab"
            id={`${id}-tab-${key}`}
            aria-selected={key === chosen}
            aria-controls={`${id}-panel`}
            tabIndex={key === chosen ? 0 : -1}
            onClick={(event) => {
              choose(key);
              show(event.currentTarget);
            }}
          >
            {title}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-tab-${chosen}`} class="panel" tabIndex={0}>
        {children}
      </div>
    </div>
  );
}
