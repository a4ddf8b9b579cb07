"""Short texts of one language are read in the code page that they were written in."""

from __future__ import annotations

import pytest

from fullcycle.core.sources.latin import latin_code_page


@pytest.mark.parametrize(
    ("encoding", "towns"),
    [
        ("cp1252", "Malmö Göteborg Örebro Åre"),
        ("cp1252", "Orléans Besançon Nîmes"),
        ("cp1252", "München Köln Weißenburg"),
        ("cp1252", "São Paulo Brasília Florianópolis"),
        ("cp1250", "Łódź Kraków Gdańsk Wrocław"),
        ("cp1250", "Plzeň Jiří České Budějovice"),
        ("cp1254", "İstanbul Eskişehir Muğla Çanakkale"),
    ],
)
def test_towns_of_one_language_show_their_code_page(encoding: str, towns: str) -> None:
    assert latin_code_page("\n".join(towns.split() * 5).encode(encoding)) == encoding


@pytest.mark.parametrize("text", ["東京 大阪".encode("shift_jis"), "Αθήνα".encode("cp1253"), b"\x80\x81\xff"])
def test_other_bytes_are_in_none_of_them(text: bytes) -> None:
    assert latin_code_page(text) is None
