// The figures of the records on standard input as trees: what tests/test_drawing.py compares with those that Python draws.
import {readFileSync, writeSync} from "node:fs";
import {page} from "./page.js";

page("");
const {draw} = await import("../src/draw/draw.js");

/** @param {any} node */
function tree(node) {
  if (node.nodeType === 3) return node.nodeValue;
  const attributes = Object.fromEntries([...node.attributes].map(({name, value}) => [name, value]));
  const holder = node.localName === "template" ? node.content : node;
  return [node.localName, attributes, [...holder.childNodes].map(tree)];
}

const asked = JSON.parse(readFileSync(0, "utf8"));
const drawn = asked.map(({record, options}) => {
  try {
    return tree(draw(record, options));
  } catch (error) {
    return String(error.message) + (process.env.TRACE ? error.stack : "");
  }
});
const text = Buffer.from(JSON.stringify(drawn));
for (let at = 0; at < text.length;) at += writeSync(1, text, at);
