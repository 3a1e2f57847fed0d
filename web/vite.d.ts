/** What Vite adds for the book: style sheets as text, and modules by a pattern of names. */
declare module '*.css?inline' {
  const text: string;
  export default text;
}

interface ImportMeta {
  glob<Module>(pattern: string): Readonly<Record<string, () => Promise<Module>>>;
}
