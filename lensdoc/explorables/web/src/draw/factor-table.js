// Factors as a table: what each explains, holds, and where it is strongest. lensdoc/explorables/factor_table.py writes it alike.
import sizes from "../../../sizes.json" with {type: "json"};
import words from "../../../words.json" with {type: "json"};
import {digits} from "../shared.js";
import {quoted} from "./display.js";
import {said, thousands, wholePercent} from "./formats.js";
import {steadiness} from "./steadiness.js";
import {tableDetails} from "./tables.js";

const SAID = words.factors;

/**
 * The table; columns that the record knows nothing of are left out.
 * @param {any} record
 * @param {import("./scales.js").Scale[]} found
 */
export function factorTable(record, found) {
  const factors = [...record.activations.keys()];
  /** @type {[string, string[]][]} */
  const columns = [
    [SAID.columns.factor, factors.map((f) => `F${f + 1}`)],
    [SAID.columns.explains, factors.map((f) => (record.explained ? wholePercent(record.explained[f], 1) : SAID.notGiven))],
    [SAID.columns.neurons, factors.map((f) => size(record, f))],
    [SAID.columns.stability, steadiness(record).map(({mark}) => mark)],
    [SAID.columns.first, found.some(({first}) => first) ? found.map(({first}) => first ?? SAID.no) : []],
    [SAID.columns.strongest, factors.map((f) => strongest(record, f))],
    [SAID.columns.top, (record.neurons ?? []).map((/** @type {any[]} */ some) => some.map(neuron).join(", ") || SAID.noneNamed)]
  ];
  const shown = columns.filter(([, cells]) => cells.length);
  return tableDetails(SAID.table, shown.map(([head]) => head), factors.map((f) => shown.map(([, cells]) => cells[f])));
}

/**
 * @param {any} record
 * @param {number} factor
 */
function size({facts}, factor) {
  const [neurons, share] = ["neurons", "share"].map((fact) => facts[`factor_${factor + 1}_${fact}`]);
  return Number.isInteger(neurons) && typeof share === "number" ? `${thousands(neurons)} (${wholePercent(share)})` : SAID.notGiven;
}

/**
 * The distinct tokens on which a factor is strongest, at half its largest activation or more, with their positions.
 * @param {any} record
 * @param {number} factor
 */
function strongest({tokens, activations}, factor) {
  /** @type {number[]} */
  const row = activations[factor];
  const floor = row.reduce((a, b) => Math.max(a, b), -Infinity) / 2;
  const order = [...row.keys()].filter((p) => row[p] > 0 && row[p] >= floor).sort((a, b) => row[b] - row[a]);
  /** @type {Map<string, number[]>} */
  const found = new Map();
  for (const position of order) {
    const text = quoted(tokens, position) + (tokens[position].kind === "template" ? SAID.template : "");
    if (found.has(text)) found.get(text)?.push(position);
    else if (found.size < sizes.factors.tokens) found.set(text, [position]);
  }
  return [...found].map(([token, positions]) => said(SAID.at, {token, positions: listed(positions)})).join(", ") || words.noToken;
}

/** @param {number[]} positions */
function listed(positions) {
  const shown = positions.slice(0, sizes.factors.tokens).sort((a, b) => a - b);
  return shown.join(", ") + (positions.length > shown.length ? SAID.more : "");
}

/** @param {{layer: number, neuron: number, loading: number, sign?: string | null}} found */
const neuron = ({layer, neuron: number, loading, sign}) => `${layer}.${number}${sign === "negative" ? SAID.negative : ""} (${digits(loading, 2)})`;
