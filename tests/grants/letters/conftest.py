from copy import deepcopy

import pytest

from tests.grants.letters.facts import FACTS


@pytest.fixture
def facts():
    """The facts by kind of letter, free to change in a test."""
    return deepcopy(FACTS)
