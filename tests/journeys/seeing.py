"""What every page is asked by axe-core."""

from axe_playwright_python.sync_playwright import Axe

DESKTOP = {"width": 1280, "height": 800}


def nothing_is_wrong(page):
    """axe-core finds nothing on the page as it stands."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
