/** Version of KaTeX, put in when the bundle is built. */
declare const KATEX: string;

/** Hash of the script that draws figures to be saved, put in when the bundle is built. */
declare const DRAWING: string;
