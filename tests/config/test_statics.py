"""How static files are named where it runs for real."""

import re
import shutil

from django.conf import settings
from django.core.files.storage import FileSystemStorage

from config.statics import Statics

SOURCE = settings.BASE_DIR / "static"


def test_what_a_module_imports_is_named_by_its_content_too(tmp_path):
    shutil.copytree(SOURCE / "js", tmp_path / "js")
    names = [f"js/{path.name}" for path in (SOURCE / "js").iterdir()]
    statics = Statics(location=tmp_path)
    source = FileSystemStorage(SOURCE)
    list(statics.post_process({name: (source, name) for name in names}))
    writing = (tmp_path / statics.stored_name("js/writing.js")).read_text()
    imported = re.findall(r'from "\./([^"]+)"', writing)
    assert len(imported) == 3
    for name in imported:
        assert re.fullmatch(r"[a-z]+\.[0-9a-f]{12}\.js", name)
        assert (tmp_path / "js" / name).exists()
