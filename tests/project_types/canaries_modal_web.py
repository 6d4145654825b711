"""Canaries of `modal-web`: for each task a small violation.

It turns this task red, and no other task of the same constitution.
"""

from pathlib import Path

from tests.project_types.canaries import (
    Canary,
    append,
    complex_function,
    module_without_test,
    plant_missing_changelog,
    plant_private_file,
    plant_secret,
    plant_vulnerable_dependency,
    replace,
    uncovered_branches,
)


def plant_unused_import(project: Path, _package: str) -> None:
    """An import that nothing uses."""
    replace(project / "backend/models/reaction_diffusion.py", "import colorsys\n", "import colorsys\nimport os\n")


def plant_wrong_type(project: Path, _package: str) -> None:
    """A function whose hint promises another type than it returns."""
    replace(project / "backend/storage.py", "def utc_now() -> datetime:", "def utc_now() -> int:")


def plant_remembered_answers(project: Path, _package: str) -> None:
    """A page that shows the next person what was loaded for the one before."""
    replace(project / "src/app/components/Header.tsx", "queries.clear();", "queries.cancelQueries();")


def plant_drift(project: Path, _package: str) -> None:
    """An API whose document in the repository is an older one."""
    replace(project / "backend/app.py", 'title="Generated pictures",', 'title="Pictures",')


def plant_range_of_its_own(project: Path, _package: str) -> None:
    """A form that offers twice as much as the settings allow."""
    field = project / "src/app/components/ParameterField.tsx"
    replace(field, "const limits = { min, max, step };", "const limits = { min, max: max * 2, step };")


def plant_default_scaledown(project: Path, _package: str) -> None:
    """A function on Modal that leaves to a default how long it stays warm and is paid for."""
    app = project / "backend/modal_app.py"
    replace(app, "    scaledown_window=_reaction_diffusion.scaledown_window_s,\n", "")


def plant_second_import_of_modal(project: Path, _package: str) -> None:
    """A helper that asks Modal where it runs."""
    helper = '''

def is_on_modal() -> bool:
    """Tell whether this runs in a container of Modal."""
    import modal

    return not modal.is_local()
'''
    append(project / "backend/lib/rate_limit.py", helper)


def plant_model_of_each_task(project: Path, _package: str) -> None:
    """A painter that makes its model again for each picture."""
    made = "MODELS[self.model_name](True).paint(parameters, report)"
    replace(project / "backend/modal_app.py", "self.model.paint(parameters, report)", made)


def plant_open_route(project: Path, _package: str) -> None:
    """A document that everybody may read."""
    guarded = "include_in_schema=False, dependencies=[Depends(require_either)])"
    replace(project / "backend/web/routes.py", guarded, "include_in_schema=False)")


def plant_any_origin(project: Path, _package: str) -> None:
    """An API that every page in the world may call, once one origin is listed."""
    replace(project / "backend/app.py", "allow_origins=settings.allowed_origins,", 'allow_origins=["*"],')


def plant_frame(project: Path, _package: str) -> None:
    """Answers that may be shown in a frame."""
    replace(project / "backend/web/middleware.py", '"X-Frame-Options": "DENY",', '"X-Frame-Options": "SAMEORIGIN",')


def plant_key_in_the_page(project: Path, _package: str) -> None:
    """A page into which a key is built."""
    append(project / "src/main.tsx", "document.documentElement.dataset.user = import.meta.env.VITE_API_KEY;\n")


def plant_uncommitted_write(project: Path, _package: str) -> None:
    """Writes that are lost with their container."""
    replace(project / "backend/storage.py", "            self._volume.commit()\n", "            pass\n")


def plant_write_ahead_log(project: Path, _package: str) -> None:
    """A database that keeps part of itself in shared memory, which a Volume has not."""
    mode = '"PRAGMA journal_mode = {}"'
    replace(project / "backend/storage.py", mode.format("DELETE"), mode.format("WAL"))


def plant_way_back(project: Path, _package: str) -> None:
    """A task that may fail after it was done."""
    last = "    ('processing', 'failed')\n"
    replace(project / "backend/storage.py", last, "    ('processing', 'failed'), ('done', 'failed')\n")


def plant_silent_failure(project: Path, _package: str) -> None:
    """Failures that leave no audit record."""
    trigger = "audit_of_changes AFTER UPDATE OF state ON tasks"
    replace(project / "backend/storage.py", trigger, f"{trigger}\nWHEN NEW.state <> 'failed'")


def plant_query_in_logs(project: Path, _package: str) -> None:
    """Log lines with the query string, where clients put secrets."""
    path = "\"path\": f\"{scope['path']}?{scope['query_string'].decode()}\","
    replace(project / "backend/web/middleware.py", '"path": scope["path"],', path)


def plant_half_a_sentence(project: Path, _package: str) -> None:
    """Failures whose detail is no sentence, unlike all others."""
    replace(project / "backend/web/problems.py", 'f"{error.detail}.", remedy', "error.detail, remedy")


def plant_unknown_status(project: Path, _package: str) -> None:
    """A command line that ends with a status that it promises nowhere."""
    replace(project / "backend/cli.py", "raise SystemExit(1) from None", "raise SystemExit(3) from None")


def plant_source_map(project: Path, _package: str) -> None:
    """A production build that publishes its sources."""
    replace(project / "vite.config.ts", "sourcemap: false", "sourcemap: true")


def plant_faint_text(project: Path, _package: str) -> None:
    """Headings of tables that are hard to read: their contrast is too low, which only a browser can tell."""
    replace(project / "src/styles/admin.css", "th {\n  color: var(--quiet);", "th {\n  color: #bbbfbc;")


def plant_endless_polling(project: Path, _package: str) -> None:
    """A page that asks on after a final status."""
    replace(project / "src/app/utils/polling.ts", "states.some(isActive) ?", "states.length > 0 ?")


def plant_pauses(project: Path, _package: str) -> None:
    """Every 60th check of a key holds up all requests: one in six of those of the load test, and few of any other."""
    security = project / "backend/web/security.py"
    replace(security, "import hmac\n", "import hmac\nimport itertools\nimport time\n")
    replace(security, "\n\ndef key_hash(", "\n_checks = itertools.count(1)\n\n\ndef key_hash(")
    digest = '    digest = key_hash(sent or "")\n'
    replace(security, digest, f"    if next(_checks) % 60 == 0:\n        time.sleep(0.4)\n{digest}")


def plant_forgotten_tasks(project: Path, _package: str) -> None:
    """A look at the executor that passes over all but the two oldest tasks."""
    loop = "for task in self._store.active(){}:\n                try:"
    replace(project / "backend/tasks.py", loop.format(""), loop.format("[:2]"))


def plant_weak_randomness(project: Path, _package: str) -> None:
    """A key from a generator whose next number can be foretold."""
    helper = '''

def guessable_key() -> str:
    """Return a key that is not one."""
    import random

    return f"{random.random()}"
'''
    append(project / "backend/lib/problems.py", helper)


def plant_import_of_a_higher_layer(project: Path, _package: str) -> None:
    """A view that reaches up into the administration."""
    picture = project / "src/app/components/PictureFrame.tsx"
    append(picture, '\nexport { AdminPage } from "../admin/AdminPage";\n')


def plant_missing_docstring(project: Path, _package: str) -> None:
    """A public function without a docstring."""
    replace(project / "backend/storage.py", '    """Return the time."""\n', "")


CANARIES: dict[str, Canary] = {
    "lint": plant_unused_import,
    "types": plant_wrong_type,
    "test": plant_remembered_answers,
    "coverage": uncovered_branches("backend/lib/rate_limit.py"),
    "test-map": module_without_test("backend/lib/words.py"),
    "contract-drift": plant_drift,
    "settings-contract": plant_range_of_its_own,
    "modal-parameters": plant_default_scaledown,
    "offline-import": plant_second_import_of_modal,
    "model-loading": plant_model_of_each_task,
    "access": plant_open_route,
    "cors": plant_any_origin,
    "hardening": plant_frame,
    "browser-secrets": plant_key_in_the_page,
    "durability": plant_uncommitted_write,
    "volume-commits": plant_write_ahead_log,
    "transitions": plant_way_back,
    "audit-trail": plant_silent_failure,
    "logs": plant_query_in_logs,
    "api-contract": plant_half_a_sentence,
    "cli-contract": plant_unknown_status,
    "build": plant_source_map,
    "e2e": plant_faint_text,
    "polling": plant_endless_polling,
    "loadtest": plant_pauses,
    "queue-times": plant_forgotten_tasks,
    "security-lint": plant_weak_randomness,
    "audit": plant_vulnerable_dependency,
    "boundaries": plant_import_of_a_higher_layer,
    "complexity": complex_function("backend/tests/servers.py"),
    "secrets": plant_secret,
    "private-files": plant_private_file,
    "docs-files": plant_missing_changelog,
    "docstrings": plant_missing_docstring,
}
