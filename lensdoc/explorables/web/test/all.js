// All tests in one process: each file alone would load the page's library again.
import {readdirSync} from "node:fs";

for (const name of readdirSync(import.meta.dirname).sort()) {
  if (name.endsWith(".test.js")) await import(`./${name}`);
}
