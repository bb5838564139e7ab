"""Run by pvbatch: the state scaffold.py as ParaView's menu runs it, without its path, in the current folder; then what it made.

Arguments: the state, and the folder for state.png and state.json.
"""

import json
import sys
from pathlib import Path

from paraview import servermanager, simple

STATE, OUTPUT = Path(sys.argv[1]), Path(sys.argv[2])
sys.argv = [""]
exec(compile(STATE.read_text(encoding="utf-8"), "<string>", "exec"), {"__name__": "__main__"})

view = simple.GetActiveView()
view.ViewSize = [700, 500]
simple.SaveScreenshot(str(OUTPUT / "state.png"), view)
shown = [display.Input for display in view.Representations if display.Visibility and hasattr(display, "Input")]
sources = {name: source for (name, _), source in simple.GetSources().items()}
(OUTPUT / "state.json").write_text(
    json.dumps(
        {
            "sources": sorted(sources),
            "file": str(sources["run"].FileName),
            "time": simple.GetAnimationScene().AnimationTime,
            "surface": list(sources["interface"].Isosurfaces),
            "cut": sources["solute-rich faces"].Value,
            "note": servermanager.Fetch(sources["time"]).GetColumn(0).GetValue(0),
            "shown": sorted(name for name, source in sources.items() if source in shown),
            "colours": list(simple.GetColorTransferFunction("x").RGBPoints),
        }
    ),
    encoding="utf-8",
)
