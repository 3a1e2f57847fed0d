/** The tables of docs/tcp-states.md, from src/net/tcp/state.ts. */
import * as state from '../../src/net/tcp/state.js';

const BEGIN = '<!-- npm run states:draw writes from here -->';
const END = '<!-- to here -->';

/** Which columns stand together: what the program does, what the peer sends, all else. */
const TABLES: readonly (readonly [title: string, events: readonly state.Event[]])[] = [
  ['Calls of the program', [state.PASSIVE_OPEN, state.ACTIVE_OPEN, state.CLOSE_CALL, state.ABORT_CALL]],
  [
    'Segments',
    [state.SYN_ARRIVES, state.SYN_ACKNOWLEDGED, state.FIN_ARRIVES, state.FIN_ACKNOWLEDGED, state.RESET_ARRIVES],
  ],
  ['Errors and time-outs', [state.ICMP_ERROR_ARRIVES, state.GIVEN_UP, state.WAIT_OVER]],
];

function cell(from: state.State, event: state.Event): string {
  const to = state.nextState(from, event);
  if (to === state.IMPOSSIBLE) return '–';
  return to === from ? '·' : (state.STATE_NAMES[to] ?? '');
}

function table(events: readonly state.Event[]): string {
  const rows = state.STATE_NAMES.map(
    (name, from) => `| **${name}** | ${events.map((event) => cell(from as state.State, event)).join(' | ')} |`,
  );
  return [
    `| in | ${events.map((event) => state.EVENT_NAMES[event]).join(' | ')} |`,
    `|---|${events.map(() => ':-:|').join('')}`,
    ...rows,
  ].join('\n');
}

/** `page` with its generated part as the tables say now. @throws {Error} if the marks of that part are missing. */
export function withTables(page: string): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error('docs/tcp-states.md has lost the marks around its tables');
  const tables = TABLES.map(([title, events]) => `### ${title}\n\n${table(events)}\n`).join('\n');
  return `${page.slice(0, from + BEGIN.length)}\n\n${tables}\n${page.slice(to)}`;
}
