"""Faults to inject into HTTP servers: which requests they hit, how often, and what they do."""

import re
import threading
from dataclasses import dataclass, field
from enum import Enum
from typing import ClassVar


class Kind(Enum):
    """What happens to a request."""

    DROP = "drop"  # connection reset without an answer
    HANG = "hang"  # no answer before clear(), or before `seconds` are over
    STATUS = "status"  # answer with `status`, `headers`, `body`
    DELAY = "delay"  # ordinary answer after `seconds`
    TRUNCATE = "truncate"  # connection reset after `bytes` of the answer's body
    SLOW = "slow"  # `bytes` of the answer's body a second


@dataclass
class Fault:
    """One rule.  The first rule that matches a request is applied to it.

    match   regular expression searched in "METHOD /path?query"
    times   how many requests it hits; None: all of them
    """

    kind: Kind
    match: str = ""
    times: int | None = None
    status: int = 500
    headers: dict = field(default_factory=dict)
    body: bytes = b""
    seconds: float | None = None
    bytes: int = 0
    hits: int = 0

    FORM: ClassVar[str] = "KIND[=NUMBER][@REGEX][*TIMES], such as status=503@info/refs*2"

    @classmethod
    def parse(cls, text):
        """A fault in the form for command lines, FORM."""
        form = r"(?P<kind>[a-z]+)(=(?P<number>[\d.]+))?(@(?P<match>.*?))?(\*(?P<times>\d+))?"
        found = re.fullmatch(form, text)
        if not found or found["kind"] not in {kind.value for kind in Kind}:
            raise ValueError(f"not a fault: {text!r}")
        fault = cls(Kind(found["kind"]), found["match"] or "")
        fault.times = int(found["times"]) if found["times"] else None
        if found["number"] and fault.kind == Kind.STATUS:
            fault.status = int(found["number"])
        elif found["number"] and fault.kind in (Kind.TRUNCATE, Kind.SLOW):
            fault.bytes = int(found["number"])
        elif found["number"]:
            fault.seconds = float(found["number"])
        return fault


class FaultTable:
    """The faults of one server; any thread may change them while it runs."""

    def __init__(self):
        self._faults = []
        self._changed = threading.Condition()
        self._closed = False

    def add(self, kind, match="", **details):
        """Add a rule after those there; returns it (its `hits` counts)."""
        fault = kind if isinstance(kind, Fault) else Fault(Kind(kind), match, **details)
        with self._changed:
            self._faults.append(fault)
        return fault

    def clear(self):
        """Forget all rules and release the requests that hang."""
        with self._changed:
            self._faults.clear()
            self._changed.notify_all()

    def close(self):
        """Release everything that waits, for good."""
        with self._changed:
            self._closed = True
        self.clear()

    def take(self, method, target):
        """The fault for this request; None when there is none."""
        with self._changed:
            for fault in self._faults:
                used_up = fault.times is not None and fault.hits >= fault.times
                if not used_up and re.search(fault.match, f"{method} {target}"):
                    fault.hits += 1
                    return fault
        return None

    def hold(self, fault):
        """Wait as long as a hanging request has to."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._closed or not any(f is fault for f in self._faults), fault.seconds
            )

    def pause(self, seconds):
        """Wait; at once over when the server stops."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed, seconds)
