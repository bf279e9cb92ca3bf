"""The built daemons as one running system, for the end-to-end tests and the demo."""

from tests.stack.rest import RestClient, RestError
from tests.stack.stack import Stack, StackError

__all__ = ["RestClient", "RestError", "Stack", "StackError"]
