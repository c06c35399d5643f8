"""Shared by all tests; its being here also puts `tests/` on the import path."""


def pytest_addoption(parser):
    parser.addoption(
        "--rewrite-golden", action="store_true", help="take today's readings as the right ones"
    )
