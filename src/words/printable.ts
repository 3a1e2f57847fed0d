/** A control character of C0 or C1, an escape sequence's first byte among them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g;

/** The same, without tab and line feed. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL_IN_LINES = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** A control character as `\x1b`. */
export const escaped = (character: string): string => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;

/** Text of others for a terminal: control characters as `\x1b`, so that nothing but text reaches it. */
export function printable(text: string): string {
  return text.replace(CONTROL, escaped);
}

/** The same for a text of several lines: tabs and line feeds stay, and a line end of Windows becomes a line feed. */
export function printableLines(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(CONTROL_IN_LINES, escaped);
}
