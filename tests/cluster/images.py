"""Container images without a registry: archives made from Debian's busybox-static."""

import hashlib
import io
import json
import tarfile
from pathlib import Path

BUSYBOX = Path("/bin/busybox")
PAUSE = "registry.k8s.io/pause:3.2"
# References that pods on the full node can use.
SHELLS = ("docker.io/library/busybox:1.35", "docker.io/library/busybox:latest")
APPLETS = (
    "ash cat chmod cp date echo env false grep head hostname httpd id kill ln ls mkdir mv nc "
    "nslookup ping ps pwd rm rmdir sed sh sleep sort stat tail tar test touch tr true uname vi wc "
    "wget which whoami xargs yes"
).split()
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def write_all(directory):
    """Write pause and busybox archives; returns their paths."""
    layer = _busybox_layer()
    pause = Path(directory) / "pause.tar"
    shell = Path(directory) / "busybox.tar"
    write_archive(pause, [PAUSE], layer, ["/bin/sleep", "2147483647"])
    write_archive(shell, SHELLS, layer, ["/bin/sh"])
    return [pause, shell]


def write_archive(path, references, layer, command):
    """A docker-archive with one layer."""
    digest = hashlib.sha256(layer).hexdigest()
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Env": [f"PATH={PATH}"], "Cmd": command, "WorkingDir": "/"},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
    }
    config_bytes = json.dumps(config).encode()
    config_name = hashlib.sha256(config_bytes).hexdigest() + ".json"
    manifest = [{"Config": config_name, "RepoTags": list(references), "Layers": ["layer.tar"]}]
    with tarfile.open(path, "w") as archive:
        _add(archive, "manifest.json", json.dumps(manifest).encode())
        _add(archive, config_name, config_bytes)
        _add(archive, "layer.tar", layer)


def _busybox_layer():
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as layer:
        for name in ("bin", "etc", "proc", "root", "sys", "tmp", "var"):
            _add(layer, name, None, mode=0o1777 if name == "tmp" else 0o755)
        _add(layer, "etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n")
        _add(layer, "etc/group", b"root:x:0:\n")
        _add(layer, "bin/busybox", BUSYBOX.read_bytes(), mode=0o755)
        for applet in APPLETS:
            link = tarfile.TarInfo(f"bin/{applet}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            layer.addfile(link)
    return data.getvalue()


def _add(archive, name, content, mode=0o644):
    entry = tarfile.TarInfo(name)
    entry.mode = mode
    if content is None:
        entry.type = tarfile.DIRTYPE
        archive.addfile(entry)
        return
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))
