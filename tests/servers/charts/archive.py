"""Chart archives, always the same bytes for the same files."""

import gzip
import io
import tarfile

import yaml


def chart_archive(name, version, files=None, **metadata):
    """The bytes of NAME-VERSION.tgz.

    files     {path below the chart: content}; Chart.yaml is made unless it is there
    metadata  more fields of Chart.yaml
    """
    head = {"apiVersion": "v2", "name": name, "version": version} | metadata
    contents = {"Chart.yaml": yaml.safe_dump(head, sort_keys=False)} | (files or {})
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as stream:
        with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for path, content in contents.items():
                data = content.encode() if isinstance(content, str) else content
                entry = tarfile.TarInfo(f"{name}/{path}")
                entry.size, entry.mode = len(data), 0o644
                tar.addfile(entry, io.BytesIO(data))
    return packed.getvalue()
