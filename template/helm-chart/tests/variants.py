"""What the chart renders with each of its switches on and off, since a rule has to hold both ways.

A switch is any value that is true or false, whatever its name.
"""

import functools
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests import manifests, values
from tests.manifests import DEFAULTS, Manifest, label, read_yaml, render, template, title, values_files
from tests.values import defaults, dotted, leaves, properties, schema, schemas_at, types_at


@dataclass(frozen=True)
class Variant:
    """Values with which the chart is rendered."""

    files: tuple[Path, ...] = ()
    turned: Mapping[values.Path, bool] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return how messages name it: `ci/minimal-values.yaml, metrics.enabled=true`."""
        files = [label(path) for path in self.files] or [DEFAULTS]
        return ", ".join([*files, *(f"{dotted(path)}={str(on).lower()}" for path, on in self.turned.items())])

    @property
    def renders(self) -> bool:
        """Tell whether Helm renders it; many switches need another value, or are refused by the schema."""
        return template(*self.files, set=self._set)[0]

    @property
    def _set(self) -> dict[str, object]:
        return {dotted(path): on for path, on in self.turned.items()}

    def in_force(self) -> dict[values.Path, object]:
        """Return each value in force."""
        found = dict(leaves(defaults()))
        for path in self.files:
            found |= dict(leaves(read_yaml(path)))
        return found | dict(self.turned)

    def objects(self, *, own: bool = False) -> list[Manifest]:
        """Return the objects; with `own`, without those of subcharts."""
        return render(*self.files, own=own, set=self._set)

    def turn(self, path: values.Path, on: bool) -> "Variant":
        """Return the same with one switch set."""
        return replace(self, turned={**self.turned, path: on})


def _turned(path: values.Path, richest: Variant) -> Variant | None:
    """Return a render with one switch turned: where most is rendered, or else with the defaults."""
    tries = (one.turn(path, one.in_force().get(path) is not True) for one in (richest, Variant()))
    return next((one for one in tries if one.renders), None)


def _switches() -> list[values.Path]:
    """Return each value that may be true or false; a constant cannot be turned, nor what lies in a list."""
    found = {path for path, value in leaves(defaults()) if isinstance(value, bool)}
    found |= {path for path in properties(schema()) if "boolean" in types_at(path) and "*" not in path}
    return sorted(path for path in found if not any("const" in part for part in schemas_at(path)))


@functools.cache
def variants() -> tuple[Variant, ...]:
    """Return what renders: the defaults, each values file, and each switch turned that none of those turns."""
    richest = Variant(manifests.richest())
    plain = [one for one in (Variant(), *(Variant((path,)) for path in values_files())) if one.renders]
    settings = [one.in_force() for one in plain]
    unseen = [path for path in _switches() if len({given.get(path) is True for given in settings}) == 1]
    with ThreadPoolExecutor() as pool:
        turned = pool.map(lambda path: _turned(path, richest), unseen)
        return (*plain, *(one for one in turned if one))


@functools.cache
def found_objects(*, own: bool = False) -> tuple[tuple[Variant, Manifest], ...]:
    """Return each object of each variant, to be read only; of a turned switch, what it changes."""
    plain = {one.files: one.objects(own=own) for one in variants() if not one.turned}
    return tuple(
        (variant, manifest)
        for variant in variants()
        for manifest in (variant.objects(own=own) if variant.turned else plain[variant.files])
        if not variant.turned or manifest not in plain[variant.files]
    )


def objects(*, own: bool = False) -> Iterator[tuple[str, Manifest]]:
    """Give the same objects, and how to name each: `Service/web (ci/minimal-values.yaml)`."""
    for variant, manifest in found_objects(own=own):
        yield f"{title(manifest)} ({variant.name})", manifest
