#!/usr/bin/env python3
"""Check that fields of proto/*.proto are never renumbered, retyped or reused.

Compared with the last tag, or with the last commit while there is no tag. A removed field must be
reserved, by number and by name.
"""

import re

import lintlib

_TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"[^"]*"|[\w.]+|\S', re.DOTALL)
_MAX_NUMBER = 536870911
_INTERNAL = range(19000, 20000)


class Message:
    """A message or enum: fields {number: (name, type, line)}, reserved numbers and names."""

    def __init__(self, line, is_enum):
        self.line = line
        self.is_enum = is_enum
        self.fields = {}
        self.reserved = set()
        self.doubles = []

    def add(self, number, name, kind, line):
        if number in self.fields:
            self.doubles.append((number, name, line))
        self.fields[number] = (name, kind, line)


class Parser:
    """Reads what the check needs of proto3: messages, enums, fields, oneofs, reserved."""

    def __init__(self, text):
        self.tokens = []
        line = 1
        at = 0
        for match in _TOKEN.finditer(text):
            line += text.count("\n", at, match.start())
            at = match.start()
            if not match.group().startswith(("//", "/*")):
                self.tokens.append((match.group(), line))
        self.at = 0
        self.messages = {}

    def parse(self):
        while self.at < len(self.tokens):
            word = self._next()
            if word in ("message", "enum"):
                self._message("", word == "enum")
            elif word == "service":
                self._skip_braces()
            else:
                self._statement(word)
        return self.messages

    def _next(self):
        word = self.tokens[self.at][0]
        self.at += 1
        return word

    def _line(self):
        return self.tokens[min(self.at, len(self.tokens) - 1)][1]

    def _skip_braces(self):
        depth = 0
        while self.at < len(self.tokens):
            word = self._next()
            depth += (word == "{") - (word == "}")
            if word == "}" and depth == 0:
                return

    def _statement(self, first):
        """Return the words up to ';'."""
        words = [first]
        while words[-1] != ";" and self.at < len(self.tokens):
            words.append(self._next())
        return words[:-1]

    def _message(self, outer, is_enum):
        line = self._line()
        name = outer + self._next()
        message = Message(line, is_enum)
        self.messages[name] = message
        self._next()
        self._body(name, message)

    def _body(self, name, message):
        while self.at < len(self.tokens):
            line = self._line()
            word = self._next()
            if word == "}":
                return
            if word in ("message", "enum") and self.tokens[self.at + 1][0] == "{":
                self._message(name + ".", word == "enum")
            elif word == "oneof":
                self.at += 2
                self._body(name, message)
            elif word != ";":
                self._member(self._statement(word), message, line)

    @staticmethod
    def _member(words, message, line):
        if words[0] == "reserved":
            message.reserved.update(parse_reserved(words[1:]))
        elif words[0] != "option" and "=" in words:
            equals = words.index("=")
            minus = words[equals + 1] == "-"
            number = int(words[equals + 1 + minus], 0) * (-1 if minus else 1)
            kind = "" if message.is_enum else " ".join(words[: equals - 1])
            message.add(number, words[equals - 1], kind, line)


def parse_reserved(words):
    """Return the numbers and names of a reserved statement."""
    found = set()
    text = " ".join(words)
    for part in text.split(","):
        part = part.strip()
        if part.startswith('"'):
            found.add(part.strip('"'))
            continue
        low, _, high = part.partition(" to ")
        last = _MAX_NUMBER if high == "max" else int(high or low)
        found.update(range(int(low), min(last, int(low) + 100000) + 1))
    return found


def check_message(path, name, message, report):
    for number, field, line in message.doubles:
        report.error(path, line, f"{name}: number {number} is used twice", f"give {field} a new number")
    for number, (field, _, line) in message.fields.items():
        if number in message.reserved or field in message.reserved:
            report.error(path, line, f"{name}.{field} uses something reserved",
                         "take a new number and name")
        elif not message.is_enum and (not 0 < number <= _MAX_NUMBER or number in _INTERNAL):
            report.error(path, line, f"{name}.{field}: {number} is no field number", "take another")


def check_change(path, name, old, new, report):
    """Compare a message with what was released."""
    by_name = {field: number for number, (field, _, _) in new.fields.items()}
    for number, (field, kind, _) in old.fields.items():
        now = new.fields.get(number)
        if now is None:
            if field in by_name:
                report.error(path, new.fields[by_name[field]][2],
                             f"{name}.{field} was {number}, is {by_name[field]}",
                             "keep the number, or add a field with a new name")
            elif not {number, field} <= new.reserved:
                report.error(path, new.line, f"{name}.{field} = {number} was removed",
                             f'add: reserved {number}; reserved "{field}";')
        elif now[0] != field or now[1] != kind:
            was = f"{kind} {field}".strip()
            report.error(path, now[2], f"{name}: {number} was '{was}'",
                         "keep it, and add a field with a new number")


def run(repo, report):
    tag = (repo.git("describe", "--tags", "--abbrev=0") or "HEAD").strip()
    for path in repo.files():
        if not (path.startswith("proto/") and path.endswith(".proto")):
            continue
        messages = Parser(repo.text(path)).parse()
        for name, message in messages.items():
            check_message(path, name, message, report)
        released = repo.git("show", f"{tag}:{path}")
        old_messages = Parser(released).parse() if released else {}
        for name, old in old_messages.items():
            if name in messages:
                check_change(path, name, old, messages[name], report)


if __name__ == "__main__":
    lintlib.main(run, __doc__)
