// Fails when the page's tests cover less than N percent: node scripts/check-coverage.mjs N
// Lines and branches count together, as they do in the total of coverage.py, which judges the server.
import { existsSync, readFileSync } from "node:fs";

const SUMMARY = "coverage/coverage-summary.json";

function fail(code, sentence) {
  console.error(sentence);
  process.exit(code);
}

const wanted = Number.parseFloat(process.argv[2] ?? "");
if (!(wanted >= 0 && wanted <= 100)) {
  fail(2, "Say how many percent are wanted: node scripts/check-coverage.mjs 90");
}
if (!existsSync(SUMMARY)) {
  fail(2, `${SUMMARY} is missing. Run \`npm test\` first.`);
}

const { lines, branches } = JSON.parse(readFileSync(SUMMARY, "utf8")).total;
const all = lines.total + branches.total;
if (all === 0) {
  fail(2, `${SUMMARY} counts no line. Run \`npm test\` again.`);
}

const percent = (100 * (lines.covered + branches.covered)) / all;
// Cut, not rounded: 89.996 is not shown as 90.
const shown = Math.floor(percent * 100) / 100;
if (percent < wanted) {
  fail(1, `The page's tests cover ${shown} % of lines and branches, and ${wanted} % are wanted.`);
}
console.log(`The page's tests cover ${shown} % of lines and branches (at least ${wanted} %).`);
