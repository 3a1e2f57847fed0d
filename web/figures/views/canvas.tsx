/** A drawing that fits its place and its screen. What it says stands beside it as text, for those who cannot see it. */
import { useEffect, useRef, useState } from 'preact/hooks';

/** The colours of the page's theme, as the style sheet names them. */
export type Palette = (name: string) => string;

/**
 * The palette where `element` is. The style sheet has two colours for each name, `light-dark(…)`, and a canvas does not
 * understand that. So the element wears each colour for a moment, and the browser says which one it is.
 */
export function paletteOf(element: HTMLElement): Palette {
  const known = new Map<string, string>();
  const styles = getComputedStyle(element);
  return (name) => {
    const colour = known.get(name);
    if (colour !== undefined) return colour;
    const before = element.style.color;
    element.style.color = `var(--${name})`;
    const worn = styles.color;
    element.style.color = before;
    known.set(name, worn);
    return worn;
  };
}

interface CanvasProps {
  readonly label: string;
  readonly height: number;
  /** Called with the width and height in CSS pixels whenever there is something to draw. */
  readonly draw: (context: CanvasRenderingContext2D, width: number, height: number, palette: Palette) => void;
  readonly keys: readonly unknown[];
  readonly onDrag?: (from: number, to: number) => void;
  /** Somebody points at a place and does not drag; CSS pixels from its upper left corner. */
  readonly onPick?: (x: number, y: number) => void;
}

export function Canvas({ label, height, draw, keys, onDrag, onPick }: CanvasProps) {
  const element = useRef<HTMLCanvasElement>(null);
  const width = useWidth(element);
  const [drag, setDrag] = useState<number | undefined>(undefined);
  useEffect(() => {
    const canvas = element.current;
    const context = canvas?.getContext('2d');
    if (canvas === null || context === null || context === undefined || width === 0) return;
    const scale = devicePixelRatio;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    draw(context, width, height, paletteOf(canvas));
  }, [width, height, ...keys]);
  const x = (event: PointerEvent) => event.clientX - (element.current?.getBoundingClientRect().left ?? 0);
  const y = (event: PointerEvent) => event.clientY - (element.current?.getBoundingClientRect().top ?? 0);
  return (
    <canvas
      ref={element}
      class="drawing"
      role="img"
      aria-label={label}
      height={height}
      onPointerDown={(event) => onDrag !== undefined && setDrag(x(event))}
      onPointerUp={(event) => {
        const to = x(event);
        if (drag !== undefined && Math.abs(to - drag) > 5) onDrag?.(Math.min(drag, to), Math.max(drag, to));
        else if (drag !== undefined) onPick?.(to, y(event));
        setDrag(undefined);
      }}
    />
  );
}

/** The width of an element now. */
export function useWidth(element: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const { current } = element;
    if (current === null) return;
    const observer = new ResizeObserver(() => setWidth(Math.floor(current.clientWidth)));
    observer.observe(current);
    setWidth(Math.floor(current.clientWidth));
    return () => observer.disconnect();
  }, []);
  return width;
}

/** Counts up when the theme changes, so that drawings take its colours. */
export function useTheme(): number {
  const [changes, setChanges] = useState(0);
  useEffect(() => {
    const again = () => setChanges((now) => now + 1);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const observer = new MutationObserver(again);
    dark.addEventListener('change', again);
    observer.observe(document.documentElement, { attributeFilter: ['data-theme', 'class'] });
    return () => {
      dark.removeEventListener('change', again);
      observer.disconnect();
    };
  }, []);
  return changes;
}
