"""What every page is asked by axe-core."""

from axe_playwright_python.sync_playwright import Axe

DESKTOP = {"width": 1280, "height": 800}
# Of all rules this one takes the longest, and it alone asks for colours.
CONTRAST = "color-contrast"


def nothing_is_wrong(page):
    """axe-core finds nothing on the page as it stands."""
    assert not violations(page)


def violations(page, **options):
    """What axe-core finds on the page as it stands: a report for each rule that is broken."""
    found = Axe().run(page, options={"resultTypes": ["violations"]} | options)
    return [found.generate_report(each["id"]) for each in found.response["violations"]]


def violations_of_contrast(page):
    return violations(page, runOnly=[CONTRAST])
