// Bundles src/ into ../assets: one classic script and one style sheet, which pages load without Node.
import {build} from "esbuild";

const banner = "/* lensdoc (Apache-2.0), built by `npm run build`. It includes modules of D3 (ISC licence, copyright Mike Bostock). */";

await build({
  entryPoints: [{in: "src/index.js", out: "lensdoc"}, {in: "src/lensdoc.css", out: "lensdoc"}],
  outdir: "../assets",
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2022", "chrome111", "firefox113", "safari16.2"],
  banner: {js: banner, css: banner},
  charset: "utf8",
  legalComments: "none"
});
