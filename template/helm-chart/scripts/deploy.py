"""Install the chart on a cluster, test it, upgrade it and uninstall it, with each values file of its ci/ folder.

    python -m scripts.deploy

makes a cluster with kind for it, and deletes that in the end. `--context NAME` uses a cluster that exists, and so does
the environment variable DEPLOYMENT_KUBECONFIG, which names a kubeconfig. Run it in the repository's root.

Each values file gets a namespace of its own, in which Kubernetes admits only what the Pod Security standard
`restricted` allows. If there is a release, the last one is installed first and upgraded to the chart as it is here, as
users will do, unless the version says that it breaks with that.

A values file named `crds-values.yaml` is for what a plain cluster lacks, and is left out.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from scripts.comparison import build_dependencies, check_out, last_release
from scripts.repository import Chart, RepositoryError, check_tools, read_chart

KUBECONFIG = "DEPLOYMENT_KUBECONFIG"
NEEDS_CRDS = "crds"
POD_SECURITY = {
    "pod-security.kubernetes.io/enforce": "restricted",
    "pod-security.kubernetes.io/enforce-version": "latest",
}


class DeploymentError(RepositoryError):
    """What keeps the chart from being deployed, as a sentence for the person."""


@dataclass(frozen=True)
class Cluster:
    """A cluster: a kubeconfig, None for the user's own, and a context of that, None for its current one."""

    kubeconfig: Path | None = None
    context: str | None = None

    def helm(self, *arguments: str) -> list[str]:
        """Return a command of Helm for this cluster."""
        return ["helm", *arguments, *self._options("--kube-context")]

    def kubectl(self, *arguments: str) -> list[str]:
        """Return a command of kubectl for this cluster."""
        return ["kubectl", *arguments, *self._options("--context")]

    def _options(self, context: str) -> list[str]:
        given = {"--kubeconfig": self.kubeconfig, context: self.context}
        return [f"{option}={value}" for option, value in given.items() if value]


@dataclass(frozen=True)
class Plan:
    """What is deployed: the chart as it is here, and the last release to upgrade from, if users could do that."""

    chart: Chart
    last_release: Chart | None
    timeout: str


def say(sentence: str) -> None:
    """Tell the person what happens, before the next command does."""
    print(sentence, flush=True)


def execute(command: Sequence[str], text: str | None = None) -> int:
    """Run a command, with `text` as its input; what it prints is shown. Returns its exit status."""
    return subprocess.run(command, input=text, text=True, check=False).returncode


def run(command: Sequence[str], text: str | None = None) -> None:
    """Show a command and run it, with `text` as its input. Raises DeploymentError if it fails."""
    say(f"$ {' '.join(command)}")
    status = execute(command, text)
    if status:
        raise DeploymentError(f"`{' '.join(command[:3])}` failed with exit status {status}.")


def attempt(command: Sequence[str]) -> None:
    """Run a command that only informs or tidies up; if it fails, say so and go on."""
    try:
        run(command)
    except DeploymentError as error:
        say(str(error))


def promise(version: str) -> list[str]:
    """Return the part of a version that stays as long as users can upgrade: MAJOR, and below 1.0.0 MINOR too."""
    major, minor, *_ = version.split(".")
    return [major, minor] if major == "0" else [major]


def release_to_upgrade(chart: Chart, folder: Path) -> Chart | None:
    """Write the last release's charts/ into a folder and return its chart.

    Returns None if there is no release, or if the chart's version says that it breaks with that one. Raises
    RepositoryError where the releases can't be known.
    """
    tag = last_release(Path())
    if not tag:
        say("There is no release to upgrade from.")
        return None
    if promise(tag[1:]) != promise(chart.version):
        say(f"{chart.version} breaks with {tag}, as its number says, so it is not upgraded from that.")
        return None
    check_out(Path(), tag, folder)
    last = read_chart(folder)
    build_dependencies(last.folder, tag)
    say(f"The last release is {tag}.")
    return last


def values(chart: Chart, case: str) -> Path:
    """Return a chart's values file for a case."""
    return chart.folder / "ci" / f"{case}-values.yaml"


def cases(chart: Chart) -> list[str]:
    """Return the name of each values file of ci/ that a plain cluster can hold. Raises DeploymentError without any."""
    names = [path.name.removesuffix("-values.yaml") for path in sorted(chart.folder.glob("ci/*-values.yaml"))]
    if NEEDS_CRDS in names:
        say(f"{values(chart, NEEDS_CRDS).as_posix()} is left out: it needs what a plain cluster does not know.")
    names = [name for name in names if name != NEEDS_CRDS]
    if not names:
        raise DeploymentError(f"{chart.folder.as_posix()}/ci has no values file to deploy, as minimal-values.yaml.")
    return names


@contextmanager
def kind_cluster(name: str) -> Iterator[Cluster]:
    """Make a cluster with kind, and delete it in the end; the user's own kubeconfig stays as it is."""
    with tempfile.TemporaryDirectory() as folder:
        kubeconfig = Path(folder) / "kubeconfig"
        run(["kind", "create", "cluster", f"--name={name}", f"--kubeconfig={kubeconfig}", "--wait=3m"])
        try:
            yield Cluster(kubeconfig)
        finally:
            attempt(["kind", "delete", "cluster", f"--name={name}", f"--kubeconfig={kubeconfig}"])


@contextmanager
def restricted_namespace(cluster: Cluster, name: str) -> Iterator[list[str]]:
    """Make a namespace that admits only restricted pods, and delete it in the end. Gives the option that names it."""
    manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": POD_SECURITY}}
    run(cluster.kubectl("create", "--filename=-"), json.dumps(manifest))
    try:
        yield [f"--namespace={name}"]
    finally:
        attempt(cluster.kubectl("delete", "namespace", name, "--timeout=2m"))


def deploy(cluster: Cluster, plan: Plan, case: str) -> None:
    """Install, test, upgrade and uninstall the chart with one values file. Raises DeploymentError if a step fails."""
    chart, release, wait = plan.chart, plan.chart.name, ["--wait", f"--timeout={plan.timeout}"]
    namespace = f"{chart.name}-{case}"[:63].rstrip("-")  # a namespace is a DNS label
    upgrade = ["upgrade", release, str(chart.folder), f"--values={values(chart, case)}", *wait]
    with restricted_namespace(cluster, namespace) as inside:
        try:
            old = plan.last_release
            first = old if old and values(old, case).is_file() else chart
            install = ["install", release, str(first.folder), f"--values={values(first, case)}", *wait]
            run(cluster.helm(*install, *inside))
            if first is not chart:
                run(cluster.helm(*upgrade, *inside))
            run(cluster.helm("test", release, "--logs", f"--timeout={plan.timeout}", *inside))
            run(cluster.helm(*upgrade, *inside))  # with the same values: nothing may stand in its way
            run(cluster.helm("uninstall", release, *wait, *inside))
        except DeploymentError:
            diagnose(cluster, inside)
            raise


def diagnose(cluster: Cluster, inside: list[str]) -> None:
    """Show what a person needs to see why a deployment failed: pods, events and logs."""
    for arguments in (
        ["get", "all", "--output=wide"],
        ["describe", "pods"],
        ["get", "events", "--sort-by=.metadata.creationTimestamp"],
        ["logs", "--selector=app.kubernetes.io/instance", "--all-containers", "--prefix", "--tail=100"],
    ):
        attempt(cluster.kubectl(*arguments, *inside))


def deploy_all(cluster: Cluster, plan: Plan) -> None:
    """Deploy the chart with each values file. Raises DeploymentError, in the end, if one of them failed."""
    failed = []
    for case in cases(plan.chart):
        say(f"\n== {case} ==")
        try:
            deploy(cluster, plan, case)
        except DeploymentError as error:
            say(str(error))
            failed.append(case)
    if failed:
        raise DeploymentError(f"Not deployed: {', '.join(failed)}. What failed, and the events, stand above.")


def existing_cluster(context: str | None) -> Cluster | None:
    """Return the cluster that the user named, or None. Raises DeploymentError if its kubeconfig does not exist."""
    if context:
        return Cluster(context=context)
    kubeconfig = os.environ.get(KUBECONFIG)
    if kubeconfig and not Path(kubeconfig).is_file():
        raise DeploymentError(f"${KUBECONFIG} is {kubeconfig}, which does not exist.")
    return Cluster(Path(kubeconfig)) if kubeconfig else None


def deployment(existing: Cluster | None, timeout: str) -> None:
    """Deploy the chart on a cluster that exists, or on one of kind's. Raises DeploymentError if it can't be done."""
    check_tools("git", "helm", "kubectl", *([] if existing else ["kind"]))
    chart = read_chart(Path())
    with tempfile.TemporaryDirectory() as folder:
        plan = Plan(chart, release_to_upgrade(chart, Path(folder)), timeout)
        with nullcontext(existing) if existing else kind_cluster(f"{chart.name}-deployment") as cluster:
            deploy_all(cluster, plan)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m scripts.deploy", description="Deploy the chart to test it.")
    parser.add_argument("--context", metavar="NAME", help="use the cluster of this kubeconfig context, not a new one")
    parser.add_argument("--timeout", default="5m", help="how long one step may take (default: %(default)s)")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Deploy the chart as the command line says. Returns the exit status: 1 with a sentence if anything failed."""
    given = parse(arguments)
    try:
        deployment(existing_cluster(given.context), given.timeout)
    except RepositoryError as error:
        print(error, file=sys.stderr)
        return 1
    say("\nInstalled, tested, upgraded and uninstalled with each values file.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
