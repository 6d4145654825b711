"""Every pod keeps the profile `restricted`, nobody can weaken it by a value, and no secret lies in the open.

The checks are those of https://kubernetes.io/docs/concepts/security/pod-security-standards/, and beyond them: read-only
files, no token that was not asked for, TLS on what the world can reach, and no rights over the whole cluster.
"""

import base64
import re
from collections.abc import Iterator

from tests.manifests import Manifest, containers, kinds, pod_specs, render, render_error, title
from tests.values import Path, Schema, applied, dotted, has_default, properties, schema
from tests.variants import Variant, found_objects, objects

VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
SECCOMP = ("RuntimeDefault", "Localhost")
SELINUX = ("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t")
SYSCTLS = {
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
}
HANDLERS = ("startupProbe", "livenessProbe", "readinessProbe", "postStart", "preStop")
WEAK: dict[str, object] = {
    "allowPrivilegeEscalation": True,
    "hostIPC": True,
    "hostNetwork": True,
    "hostPID": True,
    "privileged": True,
    "readOnlyRootFilesystem": False,
    "runAsNonRoot": False,
    "runAsUser": 0,
    "seccompProfile.type": "Unconfined",
    "capabilities.drop": [],
}
"""Settings that Kubernetes knows by these names, and what nobody may make of them."""

OPTIONAL = {"hostIPC", "hostNetwork", "hostPID", "privileged", "runAsUser"}
"""Those of them that a pod need not set."""

SECRET_NAME = re.compile(
    r"(^|_)(PASSWORD|PASSWD|PASSPHRASE|TOKEN|SECRET|CREDENTIALS?|(API|ACCESS|PRIVATE|SECRET|ENCRYPTION|SIGNING)_?KEY)$"
)
SECRET_TEXT = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{36}|://[^/\s:@]+:[^/\s:@]+@"
)
REFERENCE = re.compile(r"^EXISTING_|(?<!CLIENT)(?<!SHARED)_SECRET(_NAME|_KEY)?(_REF)?$")
"""By these, a value names a Secret or a key in it; `clientSecret` and `sharedSecret` are secrets themselves."""

CLUSTER_WIDE = {"ClusterRole", "ClusterRoleBinding"}
TLS_BY_CONTROLLER = ("alb.ingress.kubernetes.io/ssl-redirect", "networking.gke.io/v1beta1.FrontendConfig")
"""By these, a controller that brings the certificate itself sends plain HTTP to HTTPS."""

ENCRYPTED = re.compile(r"(https|tls|wss|grpcs)\b", re.IGNORECASE)
LOAD_BALANCER = "Expose it by an Ingress or a route, or call each port https or tls if that is what it speaks."
EXPOSING = {"Ingress", "HTTPRoute", "Route", "GRPCRoute", "TLSRoute", "TCPRoute", "Gateway"}


def in_capitals(name: str) -> str:
    """Return a name as variables are written: `apiKey`, `api-key` and `api.key` are `API_KEY`."""
    return re.sub(r"[^A-Za-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)).strip("_").upper()


def of_pod(spec: Manifest) -> Iterator[str]:
    """Say where a pod as a whole departs from `restricted`."""
    context = spec.get("securityContext") or {}
    yield from (f"{name} is true" for name in ("hostNetwork", "hostPID", "hostIPC") if spec.get(name))
    for volume in spec.get("volumes") or []:
        yield from (f"the volume {volume['name']} is of the kind {kind}" for kind in volume.keys() - VOLUMES - {"name"})
    names = {sysctl["name"] for sysctl in context.get("sysctls") or []}
    yield from (f"the sysctl {name} is not safe" for name in sorted(names - SYSCTLS))
    yield from of_context(context)


def of_context(context: Manifest) -> Iterator[str]:
    """Say what a security context, of a pod or of a container, may not hold."""
    if context.get("runAsUser") == 0:
        yield "runAsUser is 0, which is root"
    if context.get("runAsNonRoot") is False:
        yield "runAsNonRoot is false"
    if (context.get("windowsOptions") or {}).get("hostProcess"):
        yield "windowsOptions.hostProcess is true"
    for name in ("seccompProfile", "appArmorProfile"):
        if (profile := context.get(name)) and profile.get("type") not in SECCOMP:
            yield f"{name}.type is {profile.get('type')}; use RuntimeDefault"
    selinux = context.get("seLinuxOptions") or {}
    if selinux.get("type", "") not in SELINUX or selinux.get("user") or selinux.get("role"):
        yield "seLinuxOptions sets a user, a role or another type than those of containers"


def of_container(container: Manifest, pod: Manifest) -> Iterator[str]:
    """Say where a container departs from `restricted`; what it leaves open, the pod may say."""
    own = container.get("securityContext") or {}
    both = (pod.get("securityContext") or {}) | own
    capabilities = own.get("capabilities") or {}
    yield from of_context(own)
    if own.get("privileged"):
        yield "privileged is true"
    if own.get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation is not false"
    if both.get("runAsNonRoot") is not True:
        yield "runAsNonRoot is not true"
    if not both.get("seccompProfile"):
        yield "seccompProfile is not set"
    if "ALL" not in (capabilities.get("drop") or []):
        yield "capabilities.drop lacks ALL"
    if more := set(capabilities.get("add") or []) - {"NET_BIND_SERVICE"}:
        yield f"capabilities.add holds {', '.join(sorted(more))}"
    if own.get("procMount", "Default") != "Default":
        yield "procMount is not Default"
    taken = [port["hostPort"] for port in container.get("ports") or [] if port.get("hostPort")]
    yield from (f"the port {port} of the node is taken" for port in taken)
    handlers = container | (container.get("lifecycle") or {})
    for name in HANDLERS:
        handler = handlers.get(name) or {}
        if any((handler.get(way) or {}).get("host") for way in ("httpGet", "tcpSocket")):
            yield f"{name} asks another host"


def pods() -> Iterator[tuple[str, Manifest]]:
    """Give the spec of each pod of each render, and a name for messages."""
    for name, manifest in objects():
        for _, spec in pod_specs([manifest]):
            yield name, spec


def test_every_pod_keeps_the_profile_restricted() -> None:
    found = {f"{name}: {problem}." for name, spec in pods() for problem in of_pod(spec)}
    for name, spec in pods():
        for container in containers(spec):
            problems = of_container(container, spec)
            found |= {f"{name}: in the container {container['name']}, {problem}." for problem in problems}
    assert not found, "\n".join(sorted(found))


def test_every_container_has_read_only_files() -> None:
    found = {
        f"{name}: the container {container['name']} can write to its root file system. Set readOnlyRootFilesystem."
        for name, spec in pods()
        for container in containers(spec)
        if (container.get("securityContext") or {}).get("readOnlyRootFilesystem") is not True
    }
    assert not found, "\n".join(sorted(found))


def test_no_pod_gets_a_token_that_nobody_asked_for() -> None:
    found = [name for name, spec in pod_specs(render()) if spec.get("automountServiceAccountToken") is not False]
    advice = "By default a pod needs no access to the Kubernetes API: set automountServiceAccountToken to false"
    assert not found, f"{', '.join(found)}: {advice} in the pod."


def security_values() -> dict[Path, object]:
    """Return each value that speaks of what `restricted` fixes, and what nobody may make of it."""
    known = {path: f".{dotted(path)}" for path in properties(schema()) if "*" not in path}
    return {path: value for path, text in known.items() for name, value in WEAK.items() if text.endswith(f".{name}")}


def test_no_value_weakens_a_pod() -> None:
    weak = security_values()
    said = render_error(set={dotted(path): value for path, value in weak.items()}) if weak else ""
    silent = [path for path in sorted(weak) if f"'/{'/'.join(path)}" not in said]
    advice = "Fix it in values.schema.json with a const or a minimum"
    assert not silent, "\n".join(f"{dotted(path)} may be {weak[path]}. {advice}." for path in silent)


def test_no_null_weakens_a_pod() -> None:
    needed = sorted(path for path in security_values() if has_default(path) and path[-1] not in OPTIONAL)
    said = render_error(set={dotted(path): None for path in needed}) if needed else ""
    missing = {
        (*filter(None, place.split("/")), name)
        for place, names in re.findall(r"at '(.*?)': missing propert\w+ (.*)", said)
        for name in re.findall(r"'(.*?)'", names)
    }
    silent = [path for path in needed if path not in missing]
    advice = 'null takes it away. List it under "required" in values.schema.json'
    assert not silent, "\n".join(f"{dotted(path)} may be null: {advice}." for path in silent)


def plain_texts(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Give the names and texts that an object shows to everyone who may read it."""
    if manifest["kind"] == "ConfigMap":
        yield from ((key, str(text)) for key, text in (manifest.get("data") or {}).items())
        binary = manifest.get("binaryData") or {}
        yield from ((key, base64.b64decode(text).decode(errors="replace")) for key, text in binary.items())
    for _, spec in pod_specs([manifest]):
        for container in containers(spec):
            yield from ((one["name"], str(one["value"])) for one in container.get("env") or [] if one.get("value"))
            yield from (("arguments", str(text)) for key in ("args", "command") for text in container.get(key) or [])


def test_no_secret_lies_in_the_open() -> None:
    found = {
        f"{name} shows {key}, which looks like a secret. Let a Secret of the user's hold it."
        for name, manifest in objects()
        for key, text in plain_texts(manifest)
        if text and (SECRET_NAME.search(in_capitals(key)) or SECRET_TEXT.search(text))
    }
    assert not found, "\n".join(sorted(found))


def test_the_chart_makes_no_secret() -> None:
    found = {name for name, manifest in objects() if manifest["kind"] == "Secret"}
    advice = "Its data would stand in values and in the release. Let users name a Secret that exists"
    assert not found, "\n".join(f"{name} is made by the chart. {advice}." for name in sorted(found))


def takes_text(part: Schema | bool) -> bool:
    """Tell whether a value may be a text of the user's own: one without a type may."""
    layers = list(applied(part))
    kinds = [layer["type"] for layer in layers if "type" in layer]
    fixed = any(word in layer for layer in layers for word in ("const", "enum"))
    return part is not False and not fixed and (not kinds or any("string" in kind for kind in kinds))


def texts(part: Schema | bool, path: Path = (), around: tuple[Schema, ...] = ()) -> Iterator[Path]:
    """Give the path of each text that users may write; what is in a list has the path of the list."""
    if path and takes_text(part):
        yield path
    for layer in applied(part):
        if any(layer is other for other in around):  # a schema may refer to itself
            continue
        for name, child in (layer.get("properties", {}) | layer.get("patternProperties", {})).items():
            yield from texts(child, (*path, name), (*around, layer))
        for child in (layer.get("items"), layer.get("additionalProperties")):
            yield from texts(child if isinstance(child, dict) else False, path, (*around, layer))


def test_no_value_is_a_secret() -> None:
    names = {path: in_capitals(path[-1]) for path in texts(schema())}
    found = sorted(path for path, name in names.items() if SECRET_NAME.search(name) and not REFERENCE.search(name))
    advice = "Values are kept in the release and in files: take the name of a Secret instead, as existingSecret does"
    assert not found, "\n".join(f"{dotted(path)} is a secret by its name. {advice}." for path in found)


def is_meant(variant: Variant, manifest: Manifest) -> bool:
    """Tell whether an object serves plain HTTP by a `tls.enabled: false` beside the `enabled` that switches it."""
    groups = [path[:-2] for path, value in variant.in_force().items() if path[-2:] == ("tls", "enabled") and not value]
    without = [variant.turn((*group, "enabled"), False) for group in groups]
    return any(one.renders and title(manifest) not in map(title, one.objects()) for one in without)


def lacks_tls(manifest: Manifest) -> bool:
    """Tell whether an object serves plain HTTP to the world, as an HTTPRoute for all of a Gateway's listeners may."""
    spec = manifest.get("spec") or {}
    if manifest["kind"] == "Service":
        names = [f"{port.get('name')} {port.get('appProtocol')}" for port in spec.get("ports") or []]
        return spec.get("type") == "LoadBalancer" and not all(ENCRYPTED.search(name) for name in names)
    if manifest["kind"] == "HTTPRoute":
        return any("sectionName" not in parent for parent in spec.get("parentRefs") or [])
    if manifest["kind"] == "Ingress":
        if any(name in TLS_BY_CONTROLLER for name in manifest["metadata"].get("annotations") or {}):
            return False
        covered = {host for tls in spec.get("tls") or [] for host in tls.get("hosts") or []}
        return not spec.get("tls") or any(rule.get("host", "") not in covered for rule in spec.get("rules") or [])
    tls = spec.get("tls") or {}
    insecure = tls.get("insecureEdgeTerminationPolicy") == "Allow"
    return manifest["kind"] == "Route" and (not tls.get("termination") or insecure)


def test_what_is_exposed_has_tls() -> None:
    found = [
        f"{title(manifest)} ({variant.name}) serves plain HTTP, and no tls.enabled: false beside its `enabled` asks for"
        f" that. {LOAD_BALANCER if manifest['kind'] == 'Service' else 'Give it TLS.'}"
        for variant, manifest in found_objects()
        if lacks_tls(manifest) and not is_meant(variant, manifest)
    ]
    assert not found, "\n".join(found)


def test_the_defaults_expose_nothing() -> None:
    manifests = render()
    found = sorted(kinds(manifests) & EXPOSING)
    types = [(manifest.get("spec") or {}).get("type") for manifest in manifests if manifest["kind"] == "Service"]
    found += [f"a Service of the type {kind}" for kind in types if kind in ("NodePort", "LoadBalancer")]
    assert not found, f"The defaults render {', '.join(found)}. Let users ask for what the world can reach."


def test_the_chart_asks_for_few_rights() -> None:
    found = {f"{name} holds for the whole cluster" for name, manifest in objects() if manifest["kind"] in CLUSTER_WIDE}
    found |= {
        f"{name} gives the rights of the ClusterRole {manifest['roleRef']['name']}"
        for name, manifest in objects()
        if manifest["kind"] == "RoleBinding" and manifest["roleRef"]["kind"] == "ClusterRole"
    }
    found |= {
        f"{name} allows `*` as {key}"
        for name, manifest in objects()
        for rule in manifest.get("rules") or []
        for key in ("apiGroups", "resources", "verbs")
        if manifest["kind"] in {"Role", *CLUSTER_WIDE} and "*" in (rule.get(key) or [])
    }
    assert not found, "\n".join(f"{problem}. Name what is needed, in a Role." for problem in sorted(found))
