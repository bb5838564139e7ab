"""The page of a study stands alone, holds every case, and shows what the table and the fields say."""

import base64
import io
import json
import os
import shutil
import subprocess
from html.parser import HTMLParser
from urllib.parse import unquote

import h5py
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from PIL import Image
from spinode_post.__main__ import main
from spinode_post.study import page as study_page
from spinode_post.study.fields import FILL, LINE, PAPER, profile_pixels, reduced
from study_folder import SYSTEM, grid_cases, phase_diagram, run_case, write_field, write_study

VOID = {"meta", "img", "br", "link"}
CLOSED = {"rect", "path", "circle", "polyline"}  # closed in their own tag


class Reader(HTMLParser):
    """Cells, marks, rows of the table, and pictures by case; fails on tags that do not match."""

    def __init__(self, text):
        super().__init__()
        self.open, self.cells, self.marks, self.images, self.rows, self.heads, self.ids, self.links = [], [], [], {}, {}, [], [], []
        self.text, self.data, self.captions = "", "", []
        self.feed(text)
        self.close()
        assert not self.open
        self.data = json.loads(self.data)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag not in VOID:
            self.open.append((tag, given))
        if "id" in given:
            self.ids.append(given["id"])
        self.links += [given[name] for name in ("src", "href", "xlink:href") if name in given]
        if given.get("class") == "cell":
            self.cells.append(given)
        if given.get("class") == "mark":
            self.marks.append(given["fill"])
        if tag == "tr" and "data-case" in given:
            self.case = given["data-case"]
            self.rows[self.case] = []
        if tag == "td" and self._inside("tr", "data-case"):
            self.rows[self.case].append("")
        if tag == "th" and self._inside("thead", None):
            self.heads.append("")
        if tag == "figcaption":
            self.captions.append("")
        if tag == "img":
            self.images[self.case] = base64.b64decode(given["src"].removeprefix("data:image/png;base64,"), validate=True)

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        tags = [tag for tag, _ in self.open]
        if "script" in tags:
            self.data += data if self._inside("script", "type") else ""
        elif "style" not in tags:
            self.text += data
            if "td" in tags and self._inside("tr", "data-case"):
                self.rows[self.case][-1] += data
            elif "thead" in tags:
                self.heads[-1] += data
            elif "figcaption" in tags:
                self.captions[-1] += data

    def _inside(self, tag, attribute):
        return any(name == tag and (attribute is None or attribute in given) for name, given in self.open)


def make(folder, *arguments):
    """The page of a folder, read, and its text."""
    assert main(["study-page", str(folder), *arguments]) == 0
    text = (folder / "figures" / "study.html").read_text(encoding="utf-8")
    return Reader(text), text


TX = [("temperature", "degC", 0, "list", (-20.0, 0.0)), ("initial.x", "at%", 1, "list", (10.0, 20.0, 30.0))]
FIELD = np.linspace(0.05, 0.95, 48).reshape(6, 8)


@pytest.fixture
def folder(tmp_path):
    """2 x 3 cases of two replicas, with a failure that looks like HTML."""
    lengths = [1e-9 * (i + 1) for i in range(12)]
    states = ["finished"] * 8 + ["failed", "failed", "finished", "waiting"]
    failure = [""] * 8 + ["</script><b>x</b> & more"] * 2 + [""] * 2
    columns = {"state": states, "failure": failure, "predicted.stability": ["unstable"] * 12, "final.length [m]": lengths}
    columns |= {"empty": [None] * 12, "</script>": ["</script>"] * 12}
    made = write_study(tmp_path / "tx", TX, grid_cases(TX, 2), columns, replicas=2, description="A <study>")
    for case in (1, 3):
        write_field(made, case, FIELD * case / 3)
    return made


def test_page_stands_alone(folder):
    page, text = make(folder)
    assert all(link.startswith(("data:image/png;base64,", "#")) for link in page.links)
    assert "http" not in text.replace("http-equiv", "")
    assert len(page.ids) == len(set(page.ids))
    assert "A <study>" in page.text and "12: 9 finished, 2 failed, 1 waiting" in page.text
    assert "−20, 0 °C" in page.text and "10, 20, 30 at%" in page.text and "mean over 2 replicas" in page.text
    assert page.text.count("</script><b>x</b> & more") == 4  # two failures, in their list and in the table
    assert "&lt;/script&gt;" in page.data["measures"]["</script>"]["legend"]


def test_cells_hold_their_cases_and_colours(folder):
    page, _ = make(folder)
    assert [cell["data-cases"] for cell in page.cells] == ["1 2", "3 4", "5 6", "7 8", "9 10", "11 12"]
    # Means in nm are 1.5, 3.5, 5.5, 7.5, none, 11.
    expected = [to_hex(plt.get_cmap("viridis")((value - 1.5) / 9.5)) for value in (1.5, 3.5, 5.5, 7.5)] + [None, to_hex(plt.get_cmap("viridis")(1.0))]
    drawn = [cell["fill"] for cell in page.cells]
    assert [a == b for a, b in zip(drawn, expected)] == [True] * 4 + [False, True]
    assert page.marks == ["none"] * 4 + ["url(#failed)", "none"]
    assert {"failed", "no-result-yet"} <= set(page.ids)
    assert set(page.data["measures"]) == {"state", "predicted.stability", "final.length", "</script>"}
    length, stability = page.data["measures"]["final.length"], page.data["measures"]["predicted.stability"]
    assert [fill or None for fill in length["fills"]] == expected
    assert stability["fills"] == ["#D55E00"] * 6 and stability["marks"] == ["", "", "", "", "failed", ""]
    assert page.data["measures"]["state"]["fills"] == ["#009E73"] * 4 + ["#D55E00", "#999999"]
    assert "1.5" in length["legend"] and "11" in length["legend"] and "final.length (nm)" in length["legend"]


def test_cells_lie_where_their_values_lie(folder):
    page, _ = make(folder)
    box = [{name: float(cell[name]) for name in ("x", "y", "width", "height")} for cell in page.cells]
    assert all(cell["width"] > 50 and cell["height"] > 50 for cell in box)
    for left, right in ((0, 1), (1, 2)):
        assert box[left]["x"] + box[left]["width"] == pytest.approx(box[right]["x"], abs=0.02)
    assert box[3]["y"] + box[3]["height"] == pytest.approx(box[0]["y"], abs=0.02)  # 0 degC above -20 degC


def test_table(folder):
    page, _ = make(folder)
    parameters, results = ["temperature (°C)", "initial.x (at%)", "replica"], ["predicted.stability", "final.length (nm)", "</script>"]
    assert page.heads == ["case", "structure", *parameters, "state", "failure", *results]
    assert page.rows["6"] == ["6", "", "-20", "30", "2", "finished", "", "unstable", "6", "</script>"]
    assert len(page.rows) == 12


def test_thumbnails_are_the_fields(folder):
    page, _ = make(folder)
    assert set(page.images) == {"1", "3"}
    for case in (1, 3):
        image = Image.open(io.BytesIO(page.images[str(case)]))
        assert image.format == "PNG" and image.size == (8, 6)
        expected = plt.get_cmap("viridis")(np.round(FIELD[::-1] * case / 3 * 255).astype(int))[:, :, :3] * 255
        np.testing.assert_allclose(np.asarray(image.convert("RGB"), float), expected, atol=0.51)


def test_reduction_keeps_the_mean():
    field = np.arange(7 * 10.0).reshape(7, 10)
    small = reduced(field, 4)
    assert small.shape == (3, 4)
    assert small[0, 0] == field[:3, :3].mean() and small[2, 3] == field[6, 9] and small[2, 1] == field[6, 3:6].mean()
    np.testing.assert_array_equal(reduced(field, 10), field)
    np.testing.assert_array_equal(reduced(np.arange(5.0), 2), [1, 3.5])


def test_thumbnail_of_a_profile():
    pixels = profile_pixels(np.where(np.arange(20) < 10, 0.0, 1.0), 40)
    assert pixels.shape == (20, 40)
    assert pixels[19, 3] == LINE and pixels[0, 3] == PAPER and pixels[0, 36] == LINE and pixels[19, 36] == FILL
    assert (pixels[:, 18:22] == LINE).any(axis=1).all()  # the flank has no gap


def test_page_of_samples(tmp_path):
    parameters = [("a", "K", 0, "sample", ()), ("mobility.D", "m2/s", 0, "sample", ()), ("word", "", 0, "sample", ())]
    cases = [[300.0, 1e-14, "x", 1], [310.0, 1e-12, "y", 1], [320.0, 1e-13, "x", 1]]
    folder = write_study(tmp_path / "s", parameters, cases, {"state": ["finished", "finished", "failed"], "failure": [""] * 3, "final.n": [1, 3, None]})
    page, _ = make(folder, "--x", "a")
    assert [cell["data-cases"] for cell in page.cells] == ["1", "2", "3"] and page.marks == ["none", "none", "url(#failed)"]
    frame, axes = page.data["frame"], page.data["axes"]
    assert set(axes) == {"a", "mobility.D"}
    # A margin of 4 % on either side.
    np.testing.assert_allclose(axes["a"]["places"], (np.array([0, 0.5, 1]) + 0.04) / 1.08, atol=1e-4)
    np.testing.assert_allclose(axes["mobility.D"]["places"], (np.array([0, 1, 0.5]) + 0.04) / 1.08, atol=1e-4)
    assert [text for _, text in axes["mobility.D"]["ticks"]] == ["10⁻¹⁴", "10⁻¹³", "10⁻¹²"] and axes["mobility.D"]["label"] == "mobility.D (m²/s)"
    cx = [float(cell["cx"]) for cell in page.cells]
    np.testing.assert_allclose(cx, frame["left"] + np.array(axes["a"]["places"]) * frame["width"], atol=0.01)


def test_panels_of_three_axes(tmp_path):
    parameters = [*TX, ("elasticity.model", "", 2, "list", ("none", "cubic"))]
    folder = write_study(tmp_path / "s", parameters, grid_cases(parameters), {"final.n": list(range(12))})
    page, _ = make(folder)
    assert page.captions == ["elasticity.model = none", "elasticity.model = cubic"]
    assert [cell["data-cases"] for cell in page.cells] == [*map(str, range(1, 12, 2)), *map(str, range(2, 13, 2))]
    assert len(page.ids) == len(set(page.ids))


def test_many_cases_have_no_thumbnails(tmp_path, monkeypatch):
    monkeypatch.setattr(study_page, "MOST", 5)
    parameters = [("a", "", 0, "list", tuple(map(float, range(6))))]
    folder = write_study(tmp_path / "s", parameters, grid_cases(parameters), {"final.n": list(range(6))})
    write_field(folder, 1, FIELD)
    page, _ = make(folder)
    assert not page.images and "Structures are left out: 6 cases, more than 5." in page.text and len(page.cells) == 6


def test_script(folder, tmp_path):
    """Choosing a measure, pinning a case, turning to its replica, and sorting, in a browser."""
    browser = shutil.which("chromium")
    if browser is None:
        pytest.skip("needs chromium")
    _, text = make(folder)
    act = """
      const choose = document.getElementById("measure");
      choose.value = "state";
      choose.dispatchEvent(new Event("change"));
      document.querySelectorAll(".cell")[1].dispatchEvent(new Event("click"));
      document.querySelectorAll(".cell")[0].dispatchEvent(new Event("mouseenter"));
      const detail = document.getElementById("detail");
      const seen = [detail.innerText, detail.querySelector("img").src === document.querySelector('tr[data-case="3"] img').src];
      detail.querySelectorAll("button")[1].click();
      seen.push(detail.innerText);
      const head = document.querySelectorAll("#cases th")[8];
      head.click();
      const order = () => [...document.querySelectorAll("#cases tbody tr")].map((row) => row.dataset.case).join();
      seen.push(order());
      head.click();
      seen.push(order(), ...["cell", "mark"].map((kind) => [...document.querySelectorAll("." + kind)].map((one) => one.getAttribute("fill"))));
      choose.value = "predicted.stability";
      choose.dispatchEvent(new Event("change"));
      seen.push(document.querySelectorAll(".mark")[4].getAttribute("fill"), document.getElementById("legend").innerText);
      const out = document.createElement("pre");
      out.textContent = "SEEN" + encodeURIComponent(JSON.stringify(seen)) + "SEEN";
      document.body.append(out);
    """
    path = tmp_path / "page.html"
    path.write_text(text.replace("</body>", f"<script>{act}</script></body>"), encoding="utf-8")
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'browser'}", "--dump-dom", f"file://{path}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode != 0:
        pytest.skip("chromium does not start here")
    parts = done.stdout.split("SEEN")
    assert "%5B" in parts[-2], "the script has stopped"
    pinned, same, replica, rising, falling, fills, marks, mark, legend = json.loads(unquote(parts[-2]))
    assert "Case 3" in pinned and same and "Case 4" in replica and "final.length (nm)\t4" in replica
    # The failed cases and the one that waits have been measured all the same, by this table.
    assert rising == "1,2,3,4,5,6,7,8,9,10,11,12" and falling == "12,11,10,9,8,7,6,5,4,3,2,1"
    assert fills == ["#009E73"] * 4 + ["#D55E00", "#999999"] and marks == ["none"] * 6
    assert mark == "url(#failed)" and "unstable" in legend and "stability" in legend


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """3 x 3 runs of the command; the eighth is said to have failed, the ninth has not been started."""
    if "SPINODE" not in os.environ:
        pytest.skip("set SPINODE to the path of the spinode binary")
    folder = tmp_path_factory.mktemp("real")
    parameters = [("temperature", "degC", 0, "list", (-25.0, 0.0, 25.0)), ("initial.x", "at%", 1, "list", (10.0, 20.0, 30.0))]
    cases = grid_cases(parameters)
    box = 'domain.length = ["6 nm", "6 nm"]\ndomain.cells = [16, 16]\nelasticity.model = "isotropic"\n'
    case = f'system = "{SYSTEM}"\n{box}time.end = "5 us"\noutput.every = "5 us"\n'
    finals = [run_case(folder, i, case, f"temperature={T} degC", f"initial.x={x} at%") for i, (T, x, _) in enumerate(cases[:7], 1)]
    columns = {
        "state": ["finished"] * 7 + ["failed", "waiting"],
        "failure": [""] * 7 + ["no step was accepted", ""],
        "final.length [m]": [final["length [m]"] for final in finals] + [None] * 2,
        "final.x_mean": [final["x_mean"] for final in finals] + [None] * 2,
    }
    write_study(folder, parameters, cases, columns)
    phase_diagram(folder, SYSTEM, "240:310:5K")
    return folder, finals


def test_page_of_real_runs(real):
    folder, finals = real
    page, _ = make(folder)
    assert set(page.images) == {str(case) for case in range(1, 8)}
    fields = {}
    for case in range(1, 8):
        last = sorted((folder / "cases" / f"{case:04d}" / "snapshots").glob("*.hdf"))[-1]
        with h5py.File(last) as file:
            fields[case] = file["VTKHDF/PointData/x"][0].astype(float)
    low, high = min(f.min() for f in fields.values()), max(f.max() for f in fields.values())
    low, high = (0.0, 1.0) if high - low > 0.5 else (low, high)
    for case, field in fields.items():
        image = Image.open(io.BytesIO(page.images[str(case)])).convert("RGB")
        expected = plt.get_cmap("viridis")((field[::-1] - low) / (high - low))[:, :, :3] * 255
        # 256 colours here and there, rounded and cut off.
        assert image.size == (16, 16) and np.abs(np.asarray(image, float) - expected).max() < 6
    assert [cell["data-cases"] for cell in page.cells] == [str(case) for case in range(1, 10)]
    assert page.marks[6:] == ["none", "url(#failed)", "url(#no-result-yet)"]
    for case, final in enumerate(finals, 1):
        assert float(page.rows[str(case)][page.heads.index("final.length (nm)")]) == pytest.approx(float(final["length [m]"]) * 1e9, rel=1e-3)
        assert float(final["x_mean"]) == pytest.approx((0.1, 0.2, 0.3)[(case - 1) % 3], rel=1e-9)
    assert "spinodal, coherent, isotropic" in page.text


@pytest.mark.parametrize("command", ["study-map", "study-curves", "study-structures"])
def test_pictures_of_real_runs(real, capsys, command):
    folder, _ = real
    assert main([command, str(folder)]) == 0
    with Image.open(capsys.readouterr().out.strip()) as image:
        assert np.asarray(image.convert("L")).std() > 10
