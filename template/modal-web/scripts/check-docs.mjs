// Fails when something that src/app exports has no doc comment: node scripts/check-docs.mjs
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

const FOLDER = "src/app";

function isExported(statement) {
  return ts.canHaveModifiers(statement)
    ? (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
    : false;
}

function nameOf(statement) {
  const [declaration = statement] = statement.declarationList?.declarations ?? [];
  return declaration.name?.getText() ?? "default";
}

const modules = readdirSync(FOLDER, { recursive: true })
  .filter((name) => /\.tsx?$/.test(name) && !/\.(test|gen)\.tsx?$/.test(name))
  .map((name) => join(FOLDER, name));

const missing = modules.flatMap((path) => {
  const source = ts.createSourceFile(
    path,
    readFileSync(path, "utf8"),
    ts.ScriptTarget.Latest,
    true,
  );
  return source.statements
    .filter((each) => isExported(each) && ts.getJSDocCommentsAndTags(each).length === 0)
    .map((each) => {
      const { line } = source.getLineAndCharacterOfPosition(each.getStart());
      return `${path}:${line + 1}: ${nameOf(each)}`;
    });
});

if (modules.length === 0) {
  console.error(`There is no module in ${FOLDER}.`);
  process.exit(2);
}
if (missing.length > 0) {
  console.error(`Write a doc comment (/** … */) for these exports:\n${missing.join("\n")}`);
  process.exit(1);
}
console.log(`All exports of ${modules.length} modules have doc comments.`);
