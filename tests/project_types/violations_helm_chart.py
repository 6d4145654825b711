"""Violations of the constitution of charts: each turns the task that it belongs to red, and no other of the chart's.

They are planted by exact replacement: one that no longer fits says so.
"""

from pathlib import Path

from tests.project_types.canaries import Canary, append, replace


def in_chart(file: str, old: str, new: str) -> Canary:
    """Replace a text of a file of the chart; `<CHARTNAME>` stands for the chart's name."""

    def plant(project: Path, chart: str) -> None:
        path = project / "charts" / chart / file
        replace(path, old.replace("<CHARTNAME>", chart), new.replace("<CHARTNAME>", chart))

    return plant


def added_to_chart(file: str, text: str) -> Canary:
    """Append a text to a file of the chart."""

    def plant(project: Path, chart: str) -> None:
        path = project / "charts" / chart / file
        if not path.is_file():
            raise AssertionError(f"{path} does not exist: mend this canary.")
        append(path, text.replace("<CHARTNAME>", chart))

    return plant


def both(*plants: Canary) -> Canary:
    """Plant several."""

    def plant(project: Path, chart: str) -> None:
        for one in plants:
            one(project, chart)

    return plant


UNIT_TEST = '"""A template."""\n\n\ndef test_nothing() -> None:\n    assert True\n'


def new_template(name: str, kind: str, body: str, tested: bool = True) -> Canary:
    """A template more, with a unit test."""

    def plant(project: Path, chart: str) -> None:
        api = {"Secret": "v1", "ConfigMap": "v1"}.get(kind, "rbac.authorization.k8s.io/v1")
        text = (
            f"apiVersion: {api}\nkind: {kind}\nmetadata:\n"
            '  name: {{ include "<CHARTNAME>.fullname" . }}\n  labels:\n'
            '    {{- include "<CHARTNAME>.labels" . | nindent 4 }}\n'
        )
        text = body.replace("<OBJECT>", text)
        path = project / "charts" / chart / "templates" / f"{name}.yaml"
        path.write_text(text.replace("<CHARTNAME>", chart), encoding="utf-8")
        if tested:
            (project / "tests" / "unit" / f"test_{name}.py").write_text(UNIT_TEST, encoding="utf-8")

    return plant


BINDING = """<OBJECT>roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ include "<CHARTNAME>.fullname" . }}
subjects:
  - kind: ServiceAccount
    name: {{ include "<CHARTNAME>.serviceAccountName" . }}
"""


JOB = """apiVersion: batch/v1
kind: CronJob
metadata:
  name: {{ include "<CHARTNAME>.suffixed" (list . "nightly") | quote }}
  labels:
    {{- include "<CHARTNAME>.labels" . | nindent 4 }}
spec:
  schedule: {{ .Values.podAnnotations.schedule | default "@daily" | quote }}
  jobTemplate:
    spec:
      template:
        metadata:
          labels:
            {{- include "<CHARTNAME>.labels" . | nindent 12 }}
        spec:
          restartPolicy: Never
          automountServiceAccountToken: false
          securityContext:
            {{- include "<CHARTNAME>.podSecurityContext" . | nindent 12 }}
          containers:
            - name: job
              image: {{ include "<CHARTNAME>.image" . | quote }}
              imagePullPolicy: {{ .Values.image.pullPolicy }}
              securityContext:
                {{- toYaml .Values.securityContext | nindent 16 }}
              resources:
                {{- toYaml .Values.resources | nindent 16 }}
"""


def move(old: str, new: str) -> Canary:
    """Rename a file of the project; `{chart}` stands for the chart's name."""

    def plant(project: Path, chart: str) -> None:
        (project / old.format(chart=chart)).rename(project / new.format(chart=chart))

    return plant


def remove(file: str) -> Canary:
    """Delete a file of the project."""
    return lambda project, _chart: (project / file).unlink()


def in_changelog(project: Path, _chart: str) -> None:
    """A changelog without a section for this version."""
    replace(project / "CHANGELOG.md", "\n## [0.1.0]", "\n## [0.0.9]")


def new_script(project: Path, _chart: str) -> None:
    """A script that no unit test belongs to."""
    code = '"""Words."""\n\n\ndef shout(word: str) -> str:\n    """Return it in capitals."""\n    return word.upper()\n'
    (project / "scripts" / "words.py").write_text(code, encoding="utf-8")


DEPLOYMENT = "templates/deployment.yaml"
CONNECTION = "templates/tests/connection.yaml"

VIOLATIONS: list[tuple[str, str, Canary]] = [
    (
        "values",
        "a mistyped path, which renders empty",
        in_chart(
            "templates/NOTES.txt",
            "{{- if .Values.metrics.serviceMonitor.enabled }}",
            "{{- if .Values.metrics.serviceMonitor.enable }}",
        ),
    ),
    (
        "values",
        "a mistyped name inside `with`",
        in_chart("templates/route.yaml", "{{- with .annotations }}", "{{- with .annotation }}"),
    ),
    (
        "values",
        "a value without documentation",
        in_chart("values.yaml", "## @param podAnnotations Annotations of the pods\n", ""),
    ),
    (
        "values",
        "documentation without a value",
        in_chart(
            "values.yaml",
            "## @param podAnnotations ",
            "## @param priorityClassName Priority of the pods\n## @param podAnnotations ",
        ),
    ),
    (
        "values",
        "a value that nothing uses",
        in_chart(
            "templates/route.yaml",
            "  {{- with .annotations }}\n  annotations:\n    {{- toYaml . | nindent 4 }}\n  {{- end }}\n",
            "",
        ),
    ),
    (
        "values",
        "an open schema",
        in_chart(
            "values.schema.json",
            '"image": {\n      "type": "object",\n      "additionalProperties": false,\n',
            '"image": {\n      "type": "object",\n',
        ),
    ),
    (
        "values",
        "a value without a type",
        in_chart("values.schema.json", '"automount": {"type": "boolean"}', '"automount": {}'),
    ),
    (
        "values",
        "a number that only the template knows",
        in_chart(DEPLOYMENT, "spec:\n  {{- /* Beside", "spec:\n  minReadySeconds: 5\n  {{- /* Beside"),
    ),
    (
        "templates",
        "nesting of 4",
        in_chart(
            DEPLOYMENT,
            "        {{- range . }}\n        - labelSelector:\n",
            "        {{- range . }}\n        {{- if . }}{{ if true }}{{ end }}{{ end }}\n        - labelSelector:\n",
        ),
    ),
    (
        "templates",
        "two kinds in a file",
        added_to_chart(
            "templates/service.yaml",
            "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n"
            '  name: {{ include "<CHARTNAME>.fullname" . }}\n  labels:\n'
            '    {{- include "<CHARTNAME>.labels" . | nindent 4 }}\nrules: []\n',
        ),
    ),
    (
        "templates",
        "a file that is not named for its kind",
        both(
            move("charts/{chart}/templates/hpa.yaml", "charts/{chart}/templates/scaling.yaml"),
            move("tests/unit/test_hpa.py", "tests/unit/test_scaling.py"),
        ),
    ),
    (
        "templates",
        "a helper among manifests",
        in_chart(
            "templates/service.yaml",
            "apiVersion: v1\nkind: Service\n",
            'apiVersion: v1\nkind: {{ include "<CHARTNAME>.kind" . }}\n'
            '{{- define "<CHARTNAME>.kind" -}}Service{{- end }}\n',
        ),
    ),
    (
        "platforms",
        "a template that asks for a platform",
        in_chart(
            "templates/service.yaml",
            "spec:\n",
            'spec:\n  {{- if eq .Values.ingress.className "alb" }}\n  publishNotReadyAddresses: false\n  {{- end }}\n',
        ),
    ),
    (
        "platforms",
        "a template that asks what the cluster knows",
        in_chart(
            "templates/servicemonitor.yaml",
            "{{- if .Values.metrics.serviceMonitor.enabled }}",
            "{{- if or .Values.metrics.serviceMonitor.enabled"
            ' (.Capabilities.APIVersions.Has "monitoring.coreos.com/v1") }}',
        ),
    ),
    (
        "platforms",
        "an overlay with a value that does not exist",
        added_to_chart("platforms/gke.yaml", "\nnodePool: web\n"),
    ),
    (
        "platforms",
        "a template that reads an overlay",
        in_chart(
            DEPLOYMENT,
            "spec:\n  {{- /* Beside",
            'spec:\n  {{- $_ := .Files.Get "platforms/local.yaml" }}\n  {{- /* Beside',
        ),
    ),
    (
        "disclosure",
        "a feature that is on though its switch is off",
        in_chart(
            "templates/pdb.yaml",
            "{{- if .Values.podDisruptionBudget.enabled }}",
            "{{- if or .Values.podDisruptionBudget.enabled .Values.podDisruptionBudget.maxUnavailable }}",
        ),
    ),
    (
        "disclosure",
        "two kinds more by default",
        both(new_template("role", "Role", "<OBJECT>rules: []\n"), new_template("rolebinding", "RoleBinding", BINDING)),
    ),
    (
        "disclosure",
        "a switch that may be a text",
        in_chart(
            "values.schema.json",
            '"maxUnavailable"],\n      "properties": {\n        "enabled": {"type": "boolean"},',
            '"maxUnavailable"],\n      "properties": {\n        "enabled": {"type": ["boolean", "string"]},',
        ),
    ),
    (
        "disclosure",
        "a placeholder that nobody finds",
        in_chart("templates/_validate.tpl", '(omit .Values "global")', '(omit .Values "global" "ingress")'),
    ),
    (
        "observability",
        "no startup probe",
        in_chart(DEPLOYMENT, ":= .Values.probes }}", ':= omit .Values.probes "startup" }}'),
    ),
    (
        "observability",
        "a test pod without limits",
        in_chart(CONNECTION, "        limits:\n          memory: 32Mi\n", ""),
    ),
    (
        "observability",
        "a log format that reaches no container",
        in_chart(
            "templates/_pod.tpl",
            '"value" $.Values.logging.format)',
            '"value" (empty $.Values.logging.format | ternary "" "json"))',
        ),
    ),
    (
        "pod-security",
        "a test pod that runs as root",
        in_chart(
            CONNECTION, "toYaml .Values.securityContext", 'toYaml (merge (dict "runAsUser" 0) .Values.securityContext)'
        ),
    ),
    (
        "pod-security",
        "the network of the node",
        in_chart(
            DEPLOYMENT,
            "      enableServiceLinks: false\n",
            "      enableServiceLinks: false\n      hostNetwork: true\n",
        ),
    ),
    (
        "pod-security",
        "a folder of the node",
        in_chart(
            CONNECTION,
            "  enableServiceLinks: false\n",
            "  enableServiceLinks: false\n  volumes:\n    - name: logs\n      hostPath:\n        path: /var/log\n",
        ),
    ),
    (
        "pod-security",
        "a token in a variable",
        in_chart(
            CONNECTION,
            "      command:\n",
            "      env:\n        - name: API_TOKEN\n          value: {{ .Release.Name | quote }}\n      command:\n",
        ),
    ),
    (
        "pod-security",
        "a token of the API for the test pod",
        in_chart(CONNECTION, "  automountServiceAccountToken: false\n", ""),
    ),
    (
        "pod-security",
        "a value that weakens pods",
        in_chart(
            "values.schema.json",
            '"allowPrivilegeEscalation": {"const": false}',
            '"allowPrivilegeEscalation": {"type": "boolean"}',
        ),
    ),
    (
        "pod-security",
        "a value whose null weakens pods",
        in_chart(
            "values.schema.json",
            '"required": ["allowPrivilegeEscalation", "readOnlyRootFilesystem", "capabilities"]',
            '"required": ["readOnlyRootFilesystem", "capabilities"]',
        ),
    ),
    (
        "pod-security",
        "a Secret of the chart's own",
        new_template("secret", "Secret", "<OBJECT>stringData:\n  motto: {{ .Release.Name | quote }}\n"),
    ),
    (
        "pod-security",
        "rights over the whole cluster",
        new_template("clusterrole", "ClusterRole", "<OBJECT>rules: []\n"),
    ),
    (
        "helm-practice",
        "a missing label",
        in_chart(
            CONNECTION,
            'include "<CHARTNAME>.componentLabels" (list',
            'include "<CHARTNAME>.componentSelectorLabels" (list',
        ),
    ),
    (
        "helm-practice",
        "a selector that changes with the version",
        in_chart(
            "templates/pdb.yaml",
            '      {{- include "<CHARTNAME>.selectorLabels" . | nindent 6 }}\n',
            '      {{- include "<CHARTNAME>.selectorLabels" . | nindent 6 }}\n'
            "      app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}\n",
        ),
    ),
    (
        "helm-practice",
        "a name that is too long",
        in_chart("templates/_helpers.tpl", '"r-${1}") 63)', '"r-${1}") 80)'),
    ),
    (
        "helm-practice",
        "a helper that is not named for the chart",
        both(
            in_chart("templates/_pod.tpl", 'define "<CHARTNAME>.probe"', 'define "probe"'),
            in_chart(DEPLOYMENT, 'include "<CHARTNAME>.probe"', 'include "probe"'),
        ),
    ),
    (
        "helm-practice",
        "a helper that nothing uses",
        added_to_chart("templates/_helpers.tpl", '\n{{- define "<CHARTNAME>.greeting" -}}\nhello\n{{- end }}\n'),
    ),
    (
        "helm-practice",
        "a lookup",
        in_chart(
            DEPLOYMENT,
            "spec:\n  {{- /* Beside",
            'spec:\n  {{- $_ := lookup "v1" "Namespace" "" .Release.Namespace }}\n  {{- /* Beside',
        ),
    ),
    (
        "helm-practice",
        "randomness",
        in_chart(
            CONNECTION,
            "    helm.sh/hook: test\n",
            "    helm.sh/hook: test\n    example.com/run: {{ randAlphaNum 5 | quote }}\n",
        ),
    ),
    (
        "helm-practice",
        "replicas beside an autoscaler",
        in_chart(
            DEPLOYMENT,
            "{{- if not .Values.autoscaling.enabled }}",
            "{{- if or .Values.replicaCount (not .Values.autoscaling.enabled) }}",
        ),
    ),
    (
        "helm-practice",
        "a hook that stays",
        in_chart(CONNECTION, "    helm.sh/hook-delete-policy: before-hook-creation\n", ""),
    ),
    ("helm-practice", "a version range that shuts out providers", in_chart("Chart.yaml", '">=1.29.0-0"', '">=1.29.0"')),
    (
        "helm-practice",
        "a test pod that gets the Service's requests",
        in_chart("templates/_helpers.tpl", 'printf "%s-%s" $name $component | quote', "$name | quote"),
    ),
    (
        "helm-practice",
        "a job whose pods get the Service's requests",
        new_template("cronjob", "CronJob", JOB),
    ),
    (
        "values",
        "a property that nothing reads",
        in_chart(
            "values.schema.json", '"replicaCount": {', '"replicaCuont": {"type": "integer"},\n    "replicaCount": {'
        ),
    ),
    ("kubernetes-schemas", "a misspelt field", in_chart(DEPLOYMENT, "imagePullPolicy:", "imagePullPolice:")),
    (
        "kubernetes-schemas",
        "a version that never was",
        in_chart("templates/hpa.yaml", "apiVersion: autoscaling/v2\n", "apiVersion: autoscaling/v3\n"),
    ),
    (
        "kubernetes-schemas",
        "a key that stands twice",
        in_chart("templates/service.yaml", "      protocol: TCP\n", "      protocol: TCP\n      protocol: TCP\n"),
    ),
    (
        "kubernetes-schemas",
        "a custom resource that no operator defines",
        in_chart("templates/servicemonitor.yaml", "monitoring.coreos.com/v1\n", "monitoring.coreos.com/v2\n"),
    ),
    (
        "chart-docs",
        "a README that is not made again",
        in_chart(
            "values.yaml",
            "@param podAnnotations Annotations of the pods",
            "@param podAnnotations Annotations of all pods",
        ),
    ),
    ("chart-docs", "a version without a section in the changelog", in_changelog),
    ("chart-docs", "a change that Artifact Hub cannot read", in_chart("Chart.yaml", "- kind: added", "- kind: new")),
    (
        "render",
        "values that the schema refuses",
        in_chart("ci/minimal-values.yaml", "replicaCount: 1\n", "replicaCount: one\n"),
    ),
    (
        "render",
        "a template that no values file renders",
        new_template("role", "Role", "{{- if .Values.nodeSelector.never }}\n<OBJECT>rules: []\n{{- end }}\n"),
    ),
    ("test-map", "a template whose tests are gone", remove("tests/unit/test_pdb.py")),
    ("test-map", "a script without tests", new_script),
    ("test-map", "a template without tests", new_template("role", "Role", "<OBJECT>rules: []\n", tested=False)),
    (
        "pod-security",
        "a password in a list",
        in_chart(
            "values.schema.json",
            '"properties": {"name": {"type": "string", "pattern": "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"}}',
            '"properties": {"name": {"type": "string"}, "password": {"type": "string"}}',
        ),
    ),
    (
        "pod-security",
        "a ClusterRole's rights in the namespace",
        new_template("rolebinding", "RoleBinding", BINDING.replace("kind: Role\n", "kind: ClusterRole\n")),
    ),
    (
        "pod-security",
        "a load balancer for plain HTTP",
        both(
            in_chart("values.schema.json", '["ClusterIP", "NodePort"]', '["ClusterIP", "NodePort", "LoadBalancer"]'),
            added_to_chart("ci/minimal-values.yaml", "service:\n  type: LoadBalancer\n"),
        ),
    ),
    (
        "pod-security",
        "plain HTTP that another object's TLS setting excuses",
        both(
            in_chart("platforms/eks.yaml", '    alb.ingress.kubernetes.io/ssl-redirect: "443"\n', ""),
            added_to_chart("platforms/eks.yaml", "\nroute:\n  tls:\n    enabled: false\n"),
        ),
    ),
    (
        "pod-security",
        "files that a switch makes writable",
        in_chart(
            DEPLOYMENT,
            "{{- toYaml .Values.securityContext | nindent 12 }}",
            '{{- $writable := omit .Values.securityContext "readOnlyRootFilesystem" }}\n'
            "            {{- .Values.serviceAccount.automount | ternary $writable .Values.securityContext"
            " | toYaml | nindent 12 }}",
        ),
    ),
    (
        "observability",
        "probes that a switch takes away",
        in_chart(
            DEPLOYMENT,
            ":= .Values.probes }}",
            ":= .Values.serviceAccount.automount | ternary dict .Values.probes }}",
        ),
    ),
    (
        "chart-docs",
        "an example that does not render",
        in_chart("README.md", "  className: nginx\n", "  classNam: nginx\n"),
    ),
]
