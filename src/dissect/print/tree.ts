/** A dissected frame as a tree: every layer and field, its bytes, what it means and where to read about it. */
import type { Dissection, Field } from '../field.js';
import type { FrameInfo } from '../frame-info.js';
import { secondsText, timestamp } from '../time.js';
import { printable } from './printable.js';
import { type Colors, PLAIN, type Style } from './style.js';
import { valueText } from './value.js';

/** A frame as a tree: a line for each layer, and below it one for each field, with its meaning. */
export function formatTree(info: FrameInfo, dissection: Dissection, { colors }: Style = PLAIN): string {
  const lines = [colors.bold(printable(head(info, dissection))), `  ${printable(dissection.summary)}`];
  for (const layer of dissection.layers) {
    const section = layer.section === '' ? '' : ` (${layer.section})`;
    lines.push(`  ${colors.cyan(layer.label)}${colors.dim(section)}`);
    const width = Math.max(0, ...layer.fields.map((field) => field.label.length));
    for (const field of layer.fields) lines.push(treeLine(field, width, colors));
    for (const problem of layer.problems) lines.push(colors.red(printable(`    ! ${problem}`)));
  }
  return `${lines.join('\n')}\n`;
}

function head(info: FrameInfo, dissection: Dissection): string {
  const { time, relative, delta, digits } = info;
  const parts = [
    `frame ${info.number}`,
    timestamp(time, digits),
    `${secondsText(relative, digits)} s since the first`,
    `${secondsText(delta, digits)} s since the one before`,
    lengthText(info),
  ];
  if (info.interfaceName !== undefined) parts.push(`interface ${info.interfaceName}`);
  if (info.direction !== undefined) parts.push(info.direction === 'in' ? 'received' : 'sent');
  if (dissection.connection !== undefined) parts.push(`connection ${dissection.connection}`);
  parts.push(...dissection.notes);
  if (info.comment !== undefined) parts.push(`"${info.comment}"`);
  return parts.join(', ');
}

function treeLine(field: Field, width: number, colors: Colors): string {
  const at = `0x${field.from.toString(16).padStart(4, '0')}`;
  const value = printable(field.display ?? valueText(field.value));
  const meaning = field.meaning === '' ? '' : `  ${printable(field.meaning)}`;
  const section = field.section === '' ? '' : `  [${field.section}]`;
  return `    ${colors.dim(at)}  ${field.label.padEnd(width)}  ${colors.bold(value)}${meaning}${colors.dim(section)}`;
}

function lengthText({ captured, length }: FrameInfo): string {
  return captured === length ? `${length} bytes` : `${length} bytes (${captured} captured)`;
}
