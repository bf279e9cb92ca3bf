"""Kills the controller of a stack again and again, at places it chooses by the writes that pass the fault proxy."""

import signal
import threading

from tests.cluster import wait_for


class Reaper:
    """Kills the controller at the n-th write of its life, before the API server sees it or before the answer is
    there, and starts the next one."""

    def __init__(self, stack, proxy, nth, answered):
        self.stack = stack
        self.proxy = proxy
        self.nth = nth
        self.answered = answered
        self.seen = 0
        self.lives = 1
        self.dead = False
        self.lock = threading.Lock()

    def gate(self, write, answered):
        with self.lock:
            if self.dead:
                return False
            self.seen += not answered
            if self.seen < self.nth or answered != self.answered:
                return True
            self.dead = True
            self.stack.kill("app-controller", signal.SIGKILL)
            return False

    def revive(self):
        with self.lock:
            if not self.dead:
                return
            self.seen = 0
            self.lives += 1
            self.dead = False
            self.stack.spawn("app-controller")

    def __enter__(self):
        self.proxy.writes.clear()
        self.proxy.gate = self.gate
        return self

    def __exit__(self, *_):
        self.proxy.gate = None
        self.revive()

    def wait(self, what, ended, timeout_s=180):
        """ended() is true at last, however often the controller dies on the way."""
        def revived():
            self.revive()
            return ended()

        try:
            wait_for(what, revived, timeout_s)
        except Exception as e:
            raise AssertionError("\n".join([str(e), *map(str, self.proxy.writes[-40:])])) from e
