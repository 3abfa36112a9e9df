// Bundles src/ into ../assets: one classic script, its style sheet and that of notebooks, which pages load without Node, and
// the licences of what the script includes.
import {build} from "esbuild";
import {readFile, writeFile} from "node:fs/promises";

const licences = "lensdoc.licences.txt";
const banner = `/* lensdoc (Apache-2.0), with modules of D3 (ISC, copyright Mike Bostock); their licences: ${licences} */`;

const {metafile} = await build({
  entryPoints: [{in: "src/index.js", out: "lensdoc"}, {in: "src/lensdoc.css", out: "lensdoc"}, {in: "src/notebook.css", out: "notebook"}],
  outdir: "../assets",
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2022", "chrome111", "firefox113", "safari16.2"],
  banner: {js: banner, css: "/* lensdoc (Apache-2.0) */"},
  charset: "utf8",
  legalComments: "none",
  metafile: true
});

const modules = new Set(Object.keys(metafile.inputs).map((path) => /node_modules\/([^/]+)/.exec(path)?.[1]).filter(Boolean));
const texts = await Promise.all([...modules].sort().map(async (name) => {
  const {version} = JSON.parse(await readFile(`node_modules/${name}/package.json`, "utf8"));
  return `${name} ${version}\n\n${(await readFile(`node_modules/${name}/LICENSE`, "utf8")).trim()}\n`;
}));
await writeFile(`../assets/${licences}`, texts.join("\n\n"));
