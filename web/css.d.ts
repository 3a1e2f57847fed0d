/** Style sheets are bundled into one file beside the program. */
declare module '*.css';
