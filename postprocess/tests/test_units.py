"""Prefixes and labels."""

import pytest
from spinode_post.units import Scale, format_time, length_power, parse_time, pretty, scale_for, time_scale


@pytest.mark.parametrize(
    ("largest", "unit", "value"),
    [
        (2.56e-7, "m", "256 nm"),
        (1e-6, "m", "1 µm"),
        (0.99999999e-6, "m", "1 µm"),
        (4e-17, "J", "40 aJ"),
        (0.0, "J", "0 J"),
        (3e4, "J m-1", "30 kJ m$^{-1}$"),
        (2.5, "mAh cm-2", "2.5 mAh cm$^{-2}$"),
        (0.04, "mAh cm-2", "40 µAh cm$^{-2}$"),
        (2e3, "mA", "2 A"),
    ],
)
def test_prefix(largest, unit, value):
    scale = scale_for(largest, unit)
    assert f"{largest * scale.factor:.3g} {scale.unit}" == value


def test_plain_numbers_get_no_unit():
    assert scale_for(1e-9, "1") == time_scale(1e-9, "1") == length_power(Scale(1.0, ""), "1") == Scale(1.0, "")
    assert Scale(1.0, "").label("time $t$") == "time $t$"
    assert Scale(1e9, "nm").label("length") == "length (nm)"


def test_powers_of_a_length():
    nanometre = scale_for(1e-7, "m")
    k, S = length_power(nanometre, "m-1"), length_power(nanometre, "m3")
    assert k.unit == "nm$^{-1}$" and k.factor == pytest.approx(1e-9)
    assert S.unit == "nm$^{3}$" and S.factor == pytest.approx(1e27)
    assert length_power(nanometre, "m").unit == "nm"
    assert pretty("J m-2") == "J m$^{-2}$"


@pytest.mark.parametrize(
    ("time", "text"), [(0.0, "0 s"), (2.5e-6, "2.5 µs"), (90.0, "90 s"), (600.0, "10 min"), (7.2e4, "20 h"), (8.64e5, "10 d")]
)
def test_times_in_words(time, text):
    assert format_time(time, "s") == text


def test_times_without_unit():
    assert format_time(3000.0, "1") == "3000" and format_time(0.5, "1") == "0.5"


@pytest.mark.parametrize(("text", "time"), [("3e-6", 3e-6), ("2.5us", 2.5e-6), ("2.5 µs", 2.5e-6), ("1h", 3600.0), ("0", 0.0)])
def test_times_from_the_command_line(text, time):
    assert parse_time(text) == pytest.approx(time)


@pytest.mark.parametrize("text", ["", "soon", "3 parsec", "1e"])
def test_no_time(text):
    with pytest.raises(ValueError):
        parse_time(text)
