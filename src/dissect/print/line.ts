/** A dissected frame as one line, in the manner of tcpdump. */
import type { Dissection } from '../field.js';
import type { FrameInfo } from '../frame-info.js';
import { secondsText, timestamp } from '../time.js';
import { printable } from './printable.js';
import { type Colors, PLAIN, type Style, type TimeForm } from './style.js';

/** `     3   0.000181 #1 IP 10.77.0.1.40000 > 10.77.0.2.80: Flags [.], ack 1, win 502, length 0` */
export function formatLine(info: FrameInfo, dissection: Dissection, style: Style = PLAIN): string {
  const { colors } = style;
  const connection = dissection.connection === undefined ? '' : `#${dissection.connection} `;
  const number = String(info.number).padStart(6);
  const time = timeText(info, style.time);
  const summary = colorOf(dissection, colors)(printable(dissection.summary));
  return `${number} ${colors.dim(time)} ${colors.dim(connection)}${summary}${remarks(info, dissection, colors)}`;
}

function remarks(info: FrameInfo, dissection: Dissection, colors: Colors): string {
  const problems = dissection.layers.flatMap((layer) => layer.problems);
  const texts = [
    ...dissection.notes.map((note) => colors.yellow(printable(note))),
    ...problems.map((problem) => colors.red(printable(problem))),
    ...(info.comment === undefined ? [] : [printable(info.comment)]),
  ];
  return texts.length === 0 ? '' : `  (${texts.join('; ')})`;
}

function timeText(info: FrameInfo, form: TimeForm): string {
  switch (form) {
    case 'relative':
      return secondsText(info.relative, info.digits).padStart(5 + info.digits);
    case 'delta':
      return secondsText(info.deltaShown, info.digits).padStart(5 + info.digits);
    case 'epoch':
      return secondsText(info.time, info.digits);
    case 'absolute':
      return timestamp(info.time, info.digits);
  }
}

/** Chooses the colour by the innermost layer. Resets stand out, since they end a connection. */
function colorOf({ layers, summary }: Dissection, colors: Colors): (text: string) => string {
  if (/Flags \[[^\]]*R/.test(summary)) return colors.red;
  const innermost = layers.findLast(({ protocol }) => protocol !== 'data')?.protocol;
  switch (innermost) {
    case 'http':
    case 'http2':
    case 'tls':
      return colors.green;
    case 'dns':
    case 'mdns':
    case 'dhcp':
      return colors.cyan;
    case 'arp':
    case 'icmp':
    case 'icmpv6':
      return colors.magenta;
    default:
      return String;
  }
}
