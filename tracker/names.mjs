// Names variables anew, so that gzip finds more repetitions: `(e,t)=>` twice costs less than
// `(e,t)=>` and `(n,r)=>`. Names are exchanged at random, and an exchange stays if the script does
// not become larger. The same script always gets the same names.
import { gzipSync } from "node:zlib";
import { parse } from "acorn";
import { analyze } from "eslint-scope";

const LETTERS = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ$_"];
const TRIES = 30_000;

/** The script with better names, all of one letter, for all variables that it declares. */
export function chooseNames(script) {
  const variables = findVariables(script);
  const pieces = cutAtNames(script, variables);
  const random = randomNumbers();
  let names = variables.map(({ name }) => name);
  let [best, size] = [script, gzippedSize(script)];
  for (let tries = 0; tries < TRIES; tries++) {
    const changed = exchange(variables, names, random(variables.length), LETTERS[random(LETTERS.length)]);
    const tried = pieces.map((piece) => (typeof piece === "number" ? changed[piece] : piece)).join("");
    const triedSize = gzippedSize(tried);
    if (triedSize <= size) [names, best, size] = [changed, tried, triedSize];
  }
  return best;
}

/** Each variable with its scope, the scopes in which it must be seen, and its places in the text. */
function findVariables(script) {
  const tree = parse(script, { ecmaVersion: 2022, ranges: true });
  if (JSON.stringify(tree).includes('"shorthand":true'))
    throw new Error("names.mjs: in `{a}` the variable's name is the property's, too: write `{a: a}`");
  const { scopes } = analyze(tree, { ecmaVersion: 2022, sourceType: "script" });
  return scopes.filter(({ type }) => type !== "global").flatMap((scope) =>
    scope.variables.filter(({ defs }) => defs.length).map(({ name, identifiers, references }) => {
      const seenIn = new Set([scope]);
      for (const { from } of references)
        for (let inner = from; inner !== scope; inner = inner.upper) seenIn.add(inner);
      const all = [...identifiers, ...references.map(({ identifier }) => identifier)];
      return { name, scope, seenIn, places: new Set(all.map(({ range }) => range[0])) };
    }),
  );
}

/** Pieces of the script that stay as they are, and between them the indices of variables. */
function cutAtNames(script, variables) {
  const cuts = variables.flatMap(({ places }, index) => [...places].map((place) => [place, index]));
  const pieces = [];
  let end = 0;
  for (const [place, index] of cuts.sort((a, b) => a[0] - b[0])) {
    pieces.push(script.slice(end, place), index);
    end = place + variables[index].name.length;
  }
  return [...pieces, script.slice(end)];
}

/** Give one variable another name. Where that is another's, the other gets the old name, and so on. */
function exchange(variables, names, first, name) {
  const changed = [...names];
  const open = [first];
  for (const index of open) {
    changed[index] = names[index] === name ? names[first] : name;
    for (const [other, variable] of variables.entries())
      if (names[other] === changed[index] && !open.includes(other) && meet(variable, variables[index]))
        open.push(other);
  }
  return changed;
}

/** Whether two variables need different names: one would hide the other where it must be seen. */
const meet = (a, b) => a.seenIn.has(b.scope) || b.seenIn.has(a.scope);

const gzippedSize = (text) => gzipSync(text, { level: 9 }).length;

/** Whole numbers below a limit, always the same ones in a row. */
function randomNumbers() {
  let state = 1;
  return (limit) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}
