/** A long list of which only the rows in sight exist. Browsers bound the height of an element: rows share it. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/** Chromium's bound is about 33 million pixels, Firefox's 17. */
const MOST_PIXELS = 8_000_000;
const AROUND = 4;

interface RowsProps {
  readonly total: number;
  readonly height: number;
  readonly label: string;
  /** The row to be brought into sight; -1: none. */
  readonly chosen: number;
  readonly move: (row: number) => void;
  /** Called with the first row in sight and how many there are. */
  readonly inSight: (from: number, count: number) => void;
  readonly children: (from: number) => ComponentChildren;
}

export function Rows({ total, height, label, chosen, move, inSight, children }: RowsProps) {
  const box = useRef<HTMLDivElement>(null);
  const [from, setFrom] = useState(0);
  const pixels = Math.min(total * height, MOST_PIXELS);
  const perRow = total === 0 ? height : pixels / total;
  const look = () => {
    const element = box.current;
    if (element === null) return;
    const shown = Math.ceil(element.clientHeight / height) + AROUND;
    const most = Math.max(0, element.scrollHeight - element.clientHeight);
    const share = most === 0 ? 0 : Math.min(1, element.scrollTop / most);
    const last = Math.max(0, total - Math.floor(element.clientHeight / height));
    const first = Math.max(0, Math.min(Math.floor(perRow < height ? share * last : element.scrollTop / height), last));
    setFrom(first);
    inSight(first, shown);
  };
  useEffect(look, [total, height]);
  useEffect(() => {
    const element = box.current;
    if (element === null || typeof ResizeObserver === 'undefined') return;
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => observer.disconnect();
  }, [total]);
  useEffect(() => {
    const element = box.current;
    if (element === null || chosen < 0) return;
    const [top, bottom] = [chosen * perRow, (chosen + 1) * perRow];
    if (top < element.scrollTop) element.scrollTop = top;
    else if (bottom > element.scrollTop + element.clientHeight) element.scrollTop = bottom - element.clientHeight;
  }, [chosen]);
  const keys: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 };
  const press = (event: KeyboardEvent) => {
    const step = event.key === 'Home' ? -total : event.key === 'End' ? total : keys[event.key];
    if (step === undefined || total === 0) return;
    event.preventDefault();
    move(Math.max(0, Math.min(total - 1, Math.max(chosen, 0) + step)));
  };
  const offset = perRow < height ? (box.current?.scrollTop ?? 0) : from * height;
  return (
    <section ref={box} class="rows" aria-label={label} tabIndex={0} onScroll={look} onKeyDown={press}>
      <div ref={(element) => void (element !== null && (element.style.height = `${pixels}px`))}>
        <ol ref={(element) => void (element !== null && (element.style.transform = `translateY(${offset}px)`))}>
          {children(from)}
        </ol>
      </div>
    </section>
  );
}
