/** Version of KaTeX, put in when the bundle is built. */
declare const KATEX: string;

/** Hash of the script that draws figures to be saved, put in when the bundle is built. */
declare const DRAWING: string;

/** Hashes of the scripts of families, put in when the bundle is built. */
declare const FAMILIES: Record<string, string>;

/** The engine of live figures: hash of the worker's script; size and hash of the runtime as it is sent; put in when the bundle is built. */
declare const ENGINE: {worker: string, size: number, sha256: string};

/** The style sheet, and the figure of a widget that is a file, put in by Python before the module. */
declare const STYLE: string;
declare const FIGURE: string;

interface Window {
  /** What the scripts of families take from that of the page. */
  lensdoc?: {shared: typeof import("./shared.js")};
}
