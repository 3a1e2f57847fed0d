/** The text of a style sheet. The inspector does not use it: its style sheets become one file beside the program. */
declare module '*.css' {
  const text: string;
  export default text;
}
