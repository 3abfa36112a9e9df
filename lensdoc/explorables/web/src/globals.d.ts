/** Version of KaTeX, put in when the bundle is built. */
declare const KATEX: string;
