// Bundles src/ into ../assets: the script of every page, the one that draws figures to be saved, those of families of kinds, and the
// style sheets, all of which pages load without Node; and the licences of what the scripts include.
import {createHash} from "node:crypto";
import {build} from "esbuild";
import {gzipSync} from "node:zlib";
import {cp, mkdir, readFile, readdir, rm, writeFile} from "node:fs/promises";

const licences = "lensdoc.licences.txt";
const banner = `/* lensdoc (Apache-2.0), with modules of D3 (ISC, copyright Mike Bostock); their licences: ${licences} */`;
const options = {
  outdir: "../assets",
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2022", "chrome111", "firefox113", "safari16.2"],
  external: ["fonts/*"],
  charset: "utf8",
  legalComments: "none"
};

await build({...options, entryPoints: ["src/drawing.js"], globalName: "lensdocDrawing", banner: {js: "/* lensdoc (Apache-2.0) */"}});
const drawing = await hash("drawing.js");
await build({...options, entryPoints: ["src/sized.js"], banner: {js: "/* lensdoc (Apache-2.0) */"}});
await build({...options, format: "esm", entryPoints: ["src/widget.js"]});

// The engine of live figures: a module that a worker runs, and the WebAssembly of ONNX Runtime, which only readers load who ask for it.
const engine = await build({
  ...options, format: "esm", outdir: "../assets/live", entryPoints: ["src/live/worker.js"], metafile: true,
  banner: {js: `/* lensdoc (Apache-2.0), with ONNX Runtime (MIT) and tokenizers (Apache-2.0); their licences: ../${licences} */`}
});
const runtime = gzipSync(await readFile("node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm"), {level: 9});
await writeFile("../assets/live/runtime.wasm.gz", runtime);
const sha256 = createHash("sha256").update(runtime).digest("hex");
const ENGINE = JSON.stringify({worker: await hash("live/worker.js"), size: runtime.length, sha256});

// What scripts of families share with the page's script they take from it.
const shared = {
  name: "shared",
  /** @param {import("esbuild").PluginBuild} build */
  setup(build) {
    build.onResolve({filter: /\/shared\.js$/}, () => ({path: "shared", namespace: "shared"}));
    build.onLoad({filter: /.*/, namespace: "shared"}, () => ({contents: "module.exports = window.lensdoc.shared;"}));
  }
};
/** @type {Record<string, string>} */
const families = {};
for (const file of (await readdir("src/families")).sort()) {
  await build({...options, entryPoints: [`src/families/${file}`], plugins: [shared], define: {ENGINE}, banner: {js: "/* lensdoc (Apache-2.0) */"}});
  families[file.replace(".js", "")] = await hash(file);
}

const {metafile} = await build({
  ...options,
  entryPoints: [{in: "src/index.js", out: "lensdoc"}, {in: "src/lensdoc.css", out: "lensdoc"}, {in: "src/notebook.css", out: "notebook"}, {in: "src/article.css", out: "article"}, {in: "src/embed.css", out: "embed"}],
  banner: {js: banner, css: "/* lensdoc (Apache-2.0) */"},
  define: {KATEX: JSON.stringify(await version("katex")), DRAWING: JSON.stringify(drawing), FAMILIES: JSON.stringify(families)},
  metafile: true
});

// Blanks that the bundler leaves in values. None of our strings has one of these, and none stands between two signs that need it.
for (const name of ["lensdoc", "article", "embed"]) {
  const file = `../assets/${name}.css`, text = await readFile(file, "utf8");
  const values = text.replace(/(--[\w-]+): /g, "$1:").replace(/ \/ (?!\*)/g, "/").replace(/ \* (?=[\d(v])/g, "*").replace(/, (?=[\w#.(-])/g, ",");
  await writeFile(file, values);
}

const inputs = [...Object.keys(metafile.inputs), ...Object.keys(engine.metafile.inputs)];
const modules = new Set(inputs.map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]).filter(Boolean));
const texts = await Promise.all([...modules].sort().map(async (name) => `${name} ${await version(name)}\n\n${(await licence(name)).trim()}\n`));
await writeFile(`../assets/${licences}`, texts.join("\n\n"));

// KaTeX is no part of the bundle: pages with formulas load it. Browsers that run the bundle read woff2.
const katex = "../assets/katex";
await rm(katex, {recursive: true, force: true});
await mkdir(`${katex}/fonts`, {recursive: true});
for (const font of await readdir("node_modules/katex/dist/fonts")) {
  if (font.endsWith(".woff2")) await cp(`node_modules/katex/dist/fonts/${font}`, `${katex}/fonts/${font}`);
}
const style = await readFile("node_modules/katex/dist/katex.min.css", "utf8");
await writeFile(`${katex}/katex.min.css`, style.replace(/,url\([^)]*\.(woff|ttf)\) format\("\w+"\)/g, ""));
await cp("node_modules/katex/dist/katex.min.js", `${katex}/katex.min.js`);
await cp("node_modules/katex/LICENSE", `${katex}/LICENSE`);

/** @param {string} name of an asset */
async function hash(name) {
  return createHash("sha256").update(await readFile(`../assets/${name}`)).digest("hex").slice(0, 8);
}

/**
 * The licence of a package; that of one that has no such file lies here, from its repository.
 * @param {string} name
 */
async function licence(name) {
  const file = (await readdir(`node_modules/${name}`)).find((file) => /^licen[cs]e/i.test(file));
  if (file) return readFile(`node_modules/${name}/${file}`, "utf8");
  return readFile(`licences/${name}.txt`, "utf8");
}

/** @param {string} name */
async function version(name) {
  return JSON.parse(await readFile(`node_modules/${name}/package.json`, "utf8")).version;
}
