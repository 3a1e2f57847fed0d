/** Text for a terminal, in lines that fit it. */

/**
 * `text` in lines of at most `columns` letters, cut between words.
 * @param mark stands in front of the first line; the others are as far in as its text
 */
export function wrapped(text: string, columns: number, mark = ''): string[] {
  const lines: string[] = [];
  let line = mark.trimEnd();
  for (const word of text.split(' ')) {
    if (line.trim() !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = ' '.repeat(mark.length) + word;
    } else line = line === '' ? mark + word : `${line} ${word}`;
  }
  return [...lines, line];
}
