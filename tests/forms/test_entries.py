"""How lists are cut that people make by hand, and that programs write: the links whole, and what they are called."""

from __future__ import annotations

import time

import pytest

from assets_app.forms.entries import entries

A, B = "https://host.example/a.jpg", "https://host.example/b.mp4"
CLOUD = "https://res.example/image/upload/w_400,h_300/hero.jpg"
SIGNED = "https://bucket.example/a.mp4?X-Amz-SignedHeaders=host;range&X-Amz-Signature=ab"
APOSTROPHE = "https://host.example/it's%20here.jpg"


def links(text: str) -> list[str]:
    return [entry.link for entry in entries(text)]


def named(text: str) -> list[tuple[str, str]]:
    return [(entry.name, entry.link) for entry in entries(text)]


@pytest.mark.parametrize(
    "text",
    [
        f'"{A}","{B}"',
        f"'{A}','{B}'",
        f'"{A}";"{B}"',
        f"{A},{B}",
        f"{A};{B}",
        f"{A}, {B},",
        f"{A}; {B};",
        f"{A}\t{B}",
        f"{A} {B}",
        f"{A},\r\n{B},\r\n",
        f"\ufeff{A}\r\n\u200b{B}\u200b",
        f"\u202a{A}\u202c\n\u2060{B}",
        f"1. {A}\n2. {B}",
        f"1) {A}\n(2) {B}",
        f"- [ ] {A}\n- [x] {B}",
        f"[1]: {A}\n[2]: {B}",
        f"<{A}>\n<{B}>",
        f"<{A}>,<{B}>",
        f'"{A}\n{B}"',
        f"<ul>\n<li><a href=\"{A}\">{A}</a></li>\n<li><video src='{B}'></video></li>\n</ul>",
        f'<img src="{A}"><source src="{B}">',
        f"https://host.example/a\u200b.jpg\n{B}",
        f"url\n{A}\n{B}",
        f"| {A} |\n| {B} |",
    ],
)
def test_two_links_are_two_however_they_are_listed(text: str) -> None:
    assert links(text) == [A, B]


@pytest.mark.parametrize("link", [CLOUD, SIGNED, APOSTROPHE, f"{A};v=2", f"{A},300x200/fit", "https://h.example/a,b;c"])
@pytest.mark.parametrize(
    "list_of",
    ["{0}", "{0}\n{0}", '"{0}"', "{0},{0}", "{0};{0}", "{0}, {0}", '"{0}","{0}"', "hero\t{0}", "hero,{0}", 'hero;"{0}"',
     "[hero]({0})", "<{0}>", "name,url\nhero,{0}", "url;name\n{0};hero", "url,name\n{0},hero", 'name,url\nhero,"{0}"',
     "name\turl\nhero\t{0}", "{0}\nname;link\nhero;{0}"],
)  # fmt: skip
def test_commas_semicolons_and_apostrophes_of_a_links_own_stay_in_it(link: str, list_of: str) -> None:
    assert set(links(list_of.format(link))) == {link}


@pytest.mark.parametrize(
    "text",
    [
        f"hero\t{A}",
        f"{A}\thero",
        f"hero,{A}",
        f"hero; {A}",
        f'"hero",{A}',
        f"{A},hero",
        f"{A}, hero",
        f"1,hero,{A}",
        f"[hero]({A})",
        f"![hero]({A})",
        f'- [hero]({A} "Our hero")',
        f"<{A}|hero>",
        f'<a href="{A}">hero</a>',
        f"name,url\nhero,{A}",
        f"URL;Title\n{A};hero",
        f"\ufeffName\tImage URL\r\nhero\t{A}\r\n",
        f"shot,name,link\n12,hero,{A}",
        f'name,url\n"he\nro",{A}'.replace("he\nro", "hero"),
        f"| Name | Link |\n|---|:--|\n| hero | {A} |",
    ],
)
def test_what_stands_beside_a_link_is_its_name(text: str) -> None:
    assert named(text) == [("hero", A)]


def test_a_table_is_read_by_its_headings() -> None:
    text = (
        'name,url,type,tags,note\r\n"Anna, ""the hero""",https://h.example/1,Images,"night, hero","two\r\nlines"\r\n'
        f"Boat,{CLOUD},,,\r\nPier,,image,,\r\n{A}\r\n"
    )
    anna, boat, pier, alone = entries(text)
    assert (anna.name, anna.link, anna.media_type) == ('Anna, "the hero"', "https://h.example/1", "image")
    assert anna.unread == ("tags", "note")
    assert (boat.name, boat.link, boat.unread) == ("Boat", CLOUD, ())
    assert pier.text == "Pier,,image,,"  # it comes back, for it has no link
    assert (alone.name, alone.link) == ("", A)


def test_what_is_not_read_is_told() -> None:
    (entry,) = entries(f"hero\t{A}\tnight\t12 May")
    assert (entry.name, entry.unread) == ("hero", ("night", "12 May"))
    assert [entry.unread for entry in entries(f"hero,{A},{B}")] == [("hero",), ("hero",)]


def test_several_links_of_a_row_beneath_headings_are_all_read() -> None:
    assert named(f"name,front url,side url\nhero,{A},{B}") == [("hero", A), ("hero", B)]


@pytest.mark.parametrize(
    "text",
    [
        "hello there",
        "name, link",
        f"the hero {A}",
        f"Dear all, see {A}, please",
        "https://host.example/my file.png",
        "https://host.example/my, file.png",
        f"(see [hero]({A}) and {B})",
        'a 5" lens',
        "<b>hero</b>",
    ],
)
def test_a_row_in_which_no_link_can_be_told_comes_back_whole(text: str) -> None:
    assert [entry.text for entry in entries(text)] == [text]


def test_headings_with_nothing_beneath_them_come_back() -> None:
    assert [entry.text for entry in entries("name,url\nhero,none\n")] == ["name,url", "hero,none"]


@pytest.mark.parametrize("sign", ['"', '""', ',"', '"a,', "[", "](", "<a", "|", "www.", "http://", "\t", "'", "x,"])
def test_a_flood_of_any_sign_is_read_in_a_moment(sign: str) -> None:
    started = time.process_time()
    list(entries(sign * 20_000))
    list(entries(f"https://h.example/{sign}" * 5_000))
    assert time.process_time() - started < 1
