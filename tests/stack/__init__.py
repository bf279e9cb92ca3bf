"""The built daemons as one running system, for the end-to-end tests and the demo."""

from tests.stack.git_repo import GitRepo
from tests.stack.rest import RestClient, RestError
from tests.stack.stack import Stack, StackError

__all__ = ["GitRepo", "RestClient", "RestError", "Stack", "StackError"]
