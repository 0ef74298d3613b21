from django.http import HttpResponse


def pdf(content, file_name):
    """A PDF that opens in the browser."""
    disposition = {"Content-Disposition": f'inline; filename="{file_name}"'}
    return HttpResponse(content, content_type="application/pdf", headers=disposition)
