"""scripts/deploy.py: what is done on a cluster, in which order, and what is said and tidied up when it fails.

Git is the real one. Helm, kubectl and kind are not run: what they were called with is noted, and fails where a test
says so. One test has programs of theirs on PATH.
"""

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

import pytest

from scripts import deploy
from tests.scripts.repositories import commit, copy, git, start, write, write_program


@dataclass(frozen=True)
class Deployment:
    """A repository, which is the working folder, and how the programs that deploy its chart were called.

    inputs: what the programs were given to read. failures: patterns of the calls that fail.
    """

    repository: Path
    programs: Path
    capture: pytest.CaptureFixture[str]
    every_call: list[str] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def run(self, *arguments: str) -> tuple[int, str]:
        """Run the script; returns its exit status, and all that it prints."""
        status = deploy.main(arguments)
        printed = self.capture.readouterr()
        return status, printed.out + printed.err

    def execute(self, command: Sequence[str], text: str | None = None) -> int:
        """Note a call in place of scripts.deploy.execute; returns its exit status."""
        call = " ".join(command)
        self.every_call.append(call)
        if text:
            self.inputs.append(text)
        return 3 if any(fnmatch(call, pattern) for pattern in self.failures) else 0

    def let_fail(self, *patterns: str) -> None:
        """Let the calls that match a pattern fail."""
        self.failures.extend(patterns)

    def calls(self, start: str = "") -> list[str]:
        """Return the calls of programs that start with a text."""
        return [call for call in self.every_call if call.startswith(start)]

    def steps(self, case: str, start: str = "") -> list[str]:
        """Return the programs and their commands for one values file, in order."""
        return [" ".join(call.split()[:2]) for call in self.calls(start) if f"demo-{case}" in call]

    def add_values(self, case: str) -> None:
        """Add a values file."""
        write(self.repository / f"charts/demo/ci/{case}-values.yaml", "{}\n")

    def commit(self, version: str, *tags: str) -> None:
        """Commit the chart in a version, and tag it."""
        write(self.repository / "charts/demo/Chart.yaml", f"apiVersion: v2\nname: demo\nversion: {version}\n")
        commit(self.repository, *tags)


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a repository with a chart and two values files that was never released."""
    repository = tmp_path_factory.mktemp("committed")
    write(repository / "charts/demo/ci/minimal-values.yaml", "{}\n")
    write(repository / "charts/demo/ci/crds-values.yaml", "{}\n")
    write(repository / "charts/demo/Chart.yaml", "apiVersion: v2\nname: demo\nversion: 1.2.3\n")
    return start(repository)


@pytest.fixture
def repository(committed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a chart that deploys without a fault, in a working folder beside one of programs."""
    for program in ("helm", "kind", "kubectl"):
        write_program(tmp_path / "programs" / program, 'echo "ran ${0##*/} $1"')
    monkeypatch.setenv("PATH", f"{tmp_path / 'programs'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("DEPLOYMENT_KUBECONFIG", raising=False)
    monkeypatch.chdir(copy(committed, tmp_path / "repository"))
    return Path.cwd()


@pytest.fixture
def deployment(repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Deployment:
    """Give a chart that deploys without a fault, and without running a program."""
    done = Deployment(repository, repository.parent / "programs", capsys)
    monkeypatch.setattr(deploy, "execute", done.execute)
    return done


def test_the_programs_on_path_are_run_with_their_input(repository: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write_program(repository.parent / "programs/kubectl", '[ "$1" = delete ] || cat')
    assert deploy.main([]) == 0
    out = capfd.readouterr().out
    ran = [line for line in out.splitlines() if line.startswith("ran ")]
    helm = ["ran helm install", "ran helm test", "ran helm upgrade", "ran helm uninstall"]
    assert ran == ["ran kind create", *helm, "ran kind delete"]
    assert '"kind": "Namespace"' in out


def test_a_program_that_fails_is_noticed(repository: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write_program(repository.parent / "programs/helm", "exit 3")
    assert deploy.main(["--context=staging"]) == 1
    assert "`helm install demo` failed with exit status 3." in capfd.readouterr().out


def test_each_values_file_is_installed_tested_upgraded_and_uninstalled(deployment: Deployment) -> None:
    deployment.add_values("full")
    assert deployment.run()[0] == 0
    for case in ("full", "minimal"):
        wanted = ["install", "test", "upgrade", "uninstall"]
        assert deployment.steps(case, "helm") == [f"helm {command}" for command in wanted]


def test_a_values_file_that_needs_crds_is_left_out_and_named(deployment: Deployment) -> None:
    status, said = deployment.run()
    assert status == 0
    assert "charts/demo/ci/crds-values.yaml is left out" in said
    assert deployment.steps("crds") == []


def test_values_and_timeout_reach_helm_and_it_waits(deployment: Deployment) -> None:
    deployment.run("--timeout=90s")
    install, _, upgrade, _ = [call for call in deployment.calls("helm") if "demo-minimal" in call]
    for call in (install, upgrade):
        assert "--values=charts/demo/ci/minimal-values.yaml" in call
        assert "--wait --timeout=90s" in call


def test_each_namespace_admits_only_restricted_pods(deployment: Deployment) -> None:
    deployment.add_values("full")
    deployment.run()
    labels = {item["metadata"]["name"]: item["metadata"]["labels"] for item in map(json.loads, deployment.inputs)}
    assert sorted(labels) == ["demo-full", "demo-minimal"]
    for label in labels.values():
        assert label["pod-security.kubernetes.io/enforce"] == "restricted"


def test_a_cluster_is_made_first_and_deleted_last_with_a_kubeconfig_of_its_own(deployment: Deployment) -> None:
    deployment.run()
    calls = deployment.calls()
    assert calls[0].startswith("kind create cluster --name=demo-deployment --kubeconfig=")
    assert calls[-1].startswith("kind delete cluster --name=demo-deployment --kubeconfig=")
    kubeconfig = calls[0].split()[4]
    assert all(kubeconfig in call for call in calls)


def test_a_cluster_that_is_given_is_used_and_left(deployment: Deployment) -> None:
    (deployment.programs / "kind").unlink()
    assert deployment.run("--context=staging")[0] == 0
    assert deployment.calls("kind") == []
    assert all(call.endswith("context=staging") or "context=staging " in call for call in deployment.calls())
    assert not any("--kubeconfig" in call for call in deployment.calls())


def test_a_cluster_may_be_named_by_its_kubeconfig(
    deployment: Deployment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "kubeconfig", "{}\n")
    monkeypatch.setenv("DEPLOYMENT_KUBECONFIG", str(tmp_path / "kubeconfig"))
    assert deployment.run()[0] == 0
    assert deployment.calls("kind") == []
    assert all(f"--kubeconfig={tmp_path / 'kubeconfig'}" in call for call in deployment.calls())


def test_a_kubeconfig_that_does_not_exist_is_refused(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPLOYMENT_KUBECONFIG", "/missing/kubeconfig")
    status, said = deployment.run()
    assert status == 1
    assert "/missing/kubeconfig, which does not exist" in said


def test_a_given_cluster_gets_its_namespaces_removed(deployment: Deployment) -> None:
    deployment.run("--context=staging")
    assert deployment.calls()[-1].startswith("kubectl delete namespace demo-minimal ")


@pytest.mark.parametrize("command", ["install", "test", "upgrade", "uninstall"])
def test_a_step_that_fails_shows_why_and_fails_in_the_end(deployment: Deployment, command: str) -> None:
    deployment.let_fail(f"helm {command} *demo-minimal*")
    status, said = deployment.run()
    assert status == 1
    assert f"`helm {command} " in said
    assert "Not deployed: minimal." in said
    shown = deployment.steps("minimal", "kubectl")
    assert shown[:-1] == ["kubectl get", "kubectl describe", "kubectl get", "kubectl logs"]


def test_the_other_values_files_are_deployed_after_one_failed(deployment: Deployment) -> None:
    deployment.add_values("full")
    deployment.let_fail("helm install *demo-full*")
    assert "Not deployed: full." in deployment.run()[1]
    assert deployment.steps("minimal", "helm")[-1] == "helm uninstall"


def test_the_cluster_is_deleted_after_a_failure(deployment: Deployment) -> None:
    deployment.let_fail("helm *")
    assert deployment.run()[0] == 1
    assert deployment.calls()[-1].startswith("kind delete cluster")


def test_what_cannot_be_shown_or_tidied_up_does_not_hide_the_failure(deployment: Deployment) -> None:
    deployment.let_fail("helm install *", "kubectl [gdl]*", "kind delete *")
    status, said = deployment.run()
    assert status == 1
    assert "Not deployed: minimal." in said


def test_a_namespace_that_exists_is_neither_used_nor_deleted(deployment: Deployment) -> None:
    deployment.let_fail("kubectl create *")
    assert deployment.run("--context=staging")[0] == 1
    assert deployment.calls("helm") == []
    assert deployment.calls("kubectl delete") == []


def test_a_cluster_that_cannot_be_made_is_a_failure(deployment: Deployment) -> None:
    deployment.let_fail("kind create *")
    status, said = deployment.run()
    assert status == 1
    assert "`kind create cluster` failed" in said
    assert len(deployment.calls()) == 1


def test_the_last_release_is_installed_first_and_upgraded(deployment: Deployment) -> None:
    deployment.commit("1.2.3", "v1.2.3")
    deployment.commit("1.10.0", "v1.10.0", "v9.0.0-rc.1", "version-2")
    deployment.commit("1.10.1")
    status, said = deployment.run()
    assert status == 0
    assert "The last release is v1.10.0." in said
    steps = ["helm install", "helm upgrade", "helm test", "helm upgrade", "helm uninstall"]
    assert deployment.steps("minimal", "helm") == steps
    install, upgrade, *_ = deployment.calls("helm")
    assert " charts/demo " not in install
    assert "/charts/demo/ci/minimal-values.yaml" in install
    assert " charts/demo --values=charts/demo/ci/minimal-values.yaml" in upgrade


def test_a_values_file_that_the_last_release_lacks_is_installed_as_it_is(deployment: Deployment) -> None:
    deployment.commit("1.2.3", "v1.2.3")
    deployment.add_values("new")
    deployment.run()
    assert deployment.steps("new", "helm") == ["helm install", "helm test", "helm upgrade", "helm uninstall"]


@pytest.mark.parametrize(("old", "new"), [("1.9.9", "2.0.0"), ("0.1.0", "0.2.0"), ("0.9.0", "1.0.0")])
def test_a_version_that_breaks_with_the_last_release_is_not_upgraded(
    deployment: Deployment, old: str, new: str
) -> None:
    deployment.commit(old, f"v{old}")
    deployment.commit(new)
    status, said = deployment.run()
    assert status == 0
    assert f"{new} breaks with v{old}" in said
    assert deployment.steps("minimal", "helm")[:2] == ["helm install", "helm test"]


def test_a_patch_below_one_is_upgraded(deployment: Deployment) -> None:
    deployment.commit("0.1.0", "v0.1.0")
    deployment.commit("0.1.1")
    deployment.run()
    assert deployment.steps("minimal", "helm")[:2] == ["helm install", "helm upgrade"]


def test_a_release_without_charts_is_a_failure(deployment: Deployment) -> None:
    git(deployment.repository, "rm", "--quiet", "-r", "charts")
    git(deployment.repository, "commit", "--quiet", "--message=Empty")
    git(deployment.repository, "tag", "v1.0.0")
    git(deployment.repository, "revert", "--no-edit", "HEAD")
    status, said = deployment.run()
    assert status == 1
    assert "v1.0.0 has no folder charts/" in said


def test_a_shallow_clone_whose_releases_are_unknown_is_refused(
    deployment: Deployment,
) -> None:
    write(deployment.repository / ".git/shallow", "")
    status, said = deployment.run()
    assert status == 1
    assert "git fetch --unshallow --tags" in said


@pytest.mark.parametrize("program", ["helm", "kind", "kubectl", "git"])
def test_a_missing_program_is_named_with_where_to_get_it(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    (deployment.programs / "git").symlink_to(str(shutil.which("git")))
    (deployment.programs / program).unlink()
    monkeypatch.setenv("PATH", str(deployment.programs))
    status, said = deployment.run()
    assert status == 1
    assert f"`{program}` is not on PATH. Install it: https://" in said
    assert deployment.calls() == []


@pytest.mark.parametrize("cases", [["minimal"], ["minimal", "crds"]])
def test_a_chart_without_values_files_to_deploy_is_a_failure(deployment: Deployment, cases: list[str]) -> None:
    for case in cases:
        (deployment.repository / f"charts/demo/ci/{case}-values.yaml").unlink()
    status, said = deployment.run("--context=staging")
    assert status == 1
    assert "charts/demo/ci has no values file to deploy" in said


def test_more_than_one_chart_is_refused(deployment: Deployment) -> None:
    write(deployment.repository / "charts/other/Chart.yaml", "name: other\n")
    status, said = deployment.run()
    assert status == 1
    assert "holds 2 charts" in said
