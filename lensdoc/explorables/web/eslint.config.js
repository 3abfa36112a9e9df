// ESLint's recommended rules; what only types can tell is for tsc.
import js from "@eslint/js";
import globals from "globals";

export default [
  js.configs.recommended,
  {files: ["src/**/*.js"], languageOptions: {globals: {...globals.browser, KATEX: "readonly", ENGINE: "readonly", FIGURE: "readonly", STYLE: "readonly", FAMILIES: "readonly", DRAWING: "readonly"}}},
  {files: ["*.js", "test/**/*.js"], languageOptions: {globals: {...globals.browser, ...globals.nodeBuiltin}}},
  {rules: {eqeqeq: "error", "no-var": "error", "prefer-const": "error", "no-eval": "error", "no-implied-eval": "error"}}
];
