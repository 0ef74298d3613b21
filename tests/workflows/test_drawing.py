from pathlib import Path

from django.conf import settings

from workflows import drawing


def test_the_page_of_lifecycles_is_drawn_from_the_code_as_it_is():
    page = Path(settings.BASE_DIR, "docs", "lifecycle.md").read_text(encoding="utf-8")
    assert page == drawing.page(), "Run `make docs`."
