"""A C tokenizer and function finder for the lint programs; understands layout, not meaning.

Works on unpreprocessed text, so it needs no build and no include paths. Trigraphs, digraphs, raw line
splices inside words and K&R definitions are not supported; none occur in this tree.
"""

import re
from collections import namedtuple

# kind: comment (whole text), string, char, number, word, punct, or directive (text is its name,
#       "include" and so on). pp: the token is part of a preprocessor directive.
Token = namedtuple("Token", "kind text line pp")

# name: of the function. line: where the name stands. first, last: indexes of '{' and '}' in the tokens.
Function = namedtuple("Function", "name line first last")

_PATTERN = re.compile(
    r"""
    (?P<comment>//[^\n]*|/\*.*?\*/)
  | (?P<string>(?:u8|[uUL])?"(?:[^"\\\n]|\\.)*")
  | (?P<char>[uUL]?'(?:[^'\\\n]|\\.)*')
  | (?P<word>[A-Za-z_]\w*)
  | (?P<number>\.?\d(?:[eEpP][+-]|[\w.])*)
  | (?P<splice>\\\n)
  | (?P<newline>\n)
  | (?P<punct>->|\+\+|--|<<=|>>=|<<|>>|<=|>=|==|!=|&&|\|\||\.\.\.|\#\#|[-+*/%&|^]=|[^\s\w])
    """,
    re.VERBOSE | re.DOTALL,
)
_INCLUDE = re.compile(r'[ \t]*(<[^>\n]*>|"[^"\n]*")')


def tokenize(text):
    """Return the tokens of one file. An include's path is a string token with its <> or quotes."""
    tokens = []
    line, pp, fresh = 1, False, True
    at, size = 0, len(text)
    match_at = _PATTERN.search
    while at < size:
        match = match_at(text, at)
        if match is None:
            break
        kind, word, at = match.lastgroup, match.group(), match.end()
        if kind == "newline":
            line, pp, fresh = line + 1, False, True
        elif kind == "splice":
            line += 1
        elif kind == "punct" and word == "#" and fresh and not pp:
            at = _directive(text, at, line, tokens)
            pp, fresh = True, False
        else:
            tokens.append(Token(kind, word, line, pp))
            fresh = fresh and kind == "comment"
            if kind in ("comment", "string"):
                line += word.count("\n")
    return tokens


_NAME = re.compile(r"[ \t]*([A-Za-z_]\w*)")


def _directive(text, at, line, tokens):
    """Add the directive whose '#' ends at `at`; return where the rest of it starts."""
    match = _NAME.match(text, at)
    if match is None:
        return at
    tokens.append(Token("directive", match.group(1), line, True))
    path = _INCLUDE.match(text, match.end()) if match.group(1) == "include" else None
    if path is None:
        return match.end()
    tokens.append(Token("string", path.group(1), line, True))
    return path.end()


def code(tokens):
    """Return the tokens without comments and directives."""
    return [t for t in tokens if t.kind != "comment" and not t.pp]


def includes(tokens):
    """Yield (line, path, is_system) of each #include."""
    for before, token in zip(tokens, tokens[1:]):
        if before.kind == "directive" and before.text == "include" and token.kind == "string":
            yield token.line, token.text[1:-1], token.text[0] == "<"


class TopLevel:
    """What stands outside all braces of a file: its functions, declarations and initialisers.

    tokens are the result of code().  functions are definitions; statements are (first, last) index
    pairs of everything else that ends in ';'; tables are (first line, last line) of initialisers.
    """

    def __init__(self, tokens):
        self.tokens = tokens
        self.functions = []
        self.statements = []
        self.tables = []
        self._start = 0
        self._scan()

    def _scan(self):
        index, tokens = 0, self.tokens
        while index < len(tokens):
            text = tokens[index].text
            if text == "{":
                index = self._braces(index)
                continue
            if text == ";":
                self.statements.append((self._start, index))
                self._start = index + 1
            index += 1

    def _braces(self, index):
        tokens = self.tokens
        close = closing(tokens, index)
        head = tokens[self._start : index]
        if any(t.text == "=" for t in head):
            self.tables.append((tokens[index].line, tokens[close].line))
        elif head and head[-1].text == ")":
            name = declared_name(head)
            if name is not None:
                self.functions.append(Function(name.text, name.line, index, close))
            self._start = close + 1
        return close + 1


def closing(tokens, index):
    """Return the index of the bracket that closes the one at index, or the last index."""
    open_text = tokens[index].text
    close_text = {"{": "}", "(": ")", "[": "]"}[open_text]
    depth = 0
    for at in range(index, len(tokens)):
        text = tokens[at].text
        if text == open_text:
            depth += 1
        elif text == close_text:
            depth -= 1
            if depth == 0:
                return at
    return len(tokens) - 1


# Look like calls in front of or behind a declaration, but name nothing.
_NOT_NAMES = {"__attribute__", "PRINTF", "_Alignas", "typeof", "__typeof__", "_Static_assert"}


def declared_name(tokens):
    """Return the name token of the function that these tokens declare, or None.

    It is the last word in front of an outermost '('; macros such as PRINTF(1, 2) come before it.
    Bodies of structs are passed over.
    """
    found, index = None, 0
    while index < len(tokens):
        token = tokens[index]
        if token.text == "(":
            word = tokens[index - 1] if index else None
            if word is not None and word.kind == "word" and word.text not in _NOT_NAMES:
                found = word
            index = closing(tokens, index)
        elif token.text == "{":
            index = closing(tokens, index)
        index += 1
    return found
