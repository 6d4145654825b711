// Runs the stage in which Renovate updates a project, which its local mode, a dry run, leaves out:
//
//     node renovate_artifacts.mjs RENOVATE WORK URL BRANCH ANSWERS_FILE NEW_VERSION
//
// clones the project at URL into the folder WORK as Renovate does for a platform, runs the copier manager of the package in the
// folder RENOVATE on it, with scripts not allowed, and prints as JSON what the manager would put into the pull request.
import { mkdirSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [renovate, work, url, branch, packageFileName, newValue] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(path.join(renovate, "dist", name)).href);
const { GlobalConfig } = await load("config/global.js");
const git = await load("util/git/index.js");
const { updateArtifacts } = await load("modules/manager/copier/artifacts.js");

const localDir = path.join(work, "clone");
mkdirSync(localDir, { recursive: true });
GlobalConfig.set({ localDir, cacheDir: path.join(work, "cache"), binarySource: "global", exposeAllEnv: true });
await git.initRepo({ url, defaultBranch: branch });
await git.syncGit();
const results = await updateArtifacts({ packageFileName, updatedDeps: [{ newValue }], config: {} });
process.stdout.write(
  JSON.stringify(
    (results ?? []).map(({ file, artifactError, notice }) => ({
      path: file?.path,
      type: file?.type,
      contents: file?.contents?.toString(),
      error: artifactError?.stderr,
      notice: notice?.message,
    })),
  ),
);
