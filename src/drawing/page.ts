/** The page of a drawing: an SVG file that can be read on light and on dark pages. Nothing in it depends on time. */

/** What stands on a page. Sizes are pixels. */
export interface Drawing {
  readonly title: string;
  readonly width: number;
  readonly height: number;
  /** Elements of SVG. */
  readonly lines: readonly string[];
}

const STYLE = `
  text { font: 12px ui-monospace, monospace; fill: #1b1f24; paint-order: stroke; stroke: #fff; stroke-width: 3px }
  .page { fill: #fff }
  .lane { stroke: #c9d1d9; stroke-width: 2 }
  .name { font: 600 14px system-ui, sans-serif }
  .time { fill: #59636e }
  .way { stroke: #0a53b8; stroke-width: 1.6; fill: none }
  .head { fill: #0a53b8 }
  .lost .way { stroke: #b42318 }
  .lost text { fill: #b42318 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; stroke: #12161c }
    .page { fill: #12161c }
    .lane { stroke: #3a434e }
    .time { fill: #a3adb8 }
    .way { stroke: #6db0ff }
    .head { fill: #6db0ff }
    .lost .way { stroke: #ff8078 }
    .lost text { fill: #ff9187 }
  }
`;

/** A drawing as a whole file, for light and dark pages. */
export function framed({ title, width, height, lines }: Drawing): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="page" width="${width}" height="${height}"/>`,
    ...lines,
    '</svg>',
    '',
  ].join('\n');
}

/** Text for SVG. */
export function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
