"""How these tests read pages and send forms."""

SCRIPT = {"Accept": "application/json"}


def text(answer):
    return answer.content.decode()


def posted(client, url, **answers):
    return client.post(url, answers, follow=True)


def without_tokens(page):
    """The page without the form's one-time tokens."""
    return "\n".join(line for line in page.splitlines() if "csrf" not in line.lower())


def part(page, begins, ends="</section>"):
    """The page from one text to the next."""
    return page.split(begins, 1)[1].split(ends, 1)[0]
