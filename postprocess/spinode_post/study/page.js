"use strict";
// The chooser of the measure, the case under the pointer, and the order of the table.
{
  const data = JSON.parse(document.getElementById("data").textContent);
  const cells = [...document.querySelectorAll(".cell")];
  const marks = [...document.querySelectorAll(".mark")];
  const detail = document.getElementById("detail");
  const table = document.getElementById("cases");
  const heads = [...table.tHead.rows[0].cells];
  const rows = new Map([...table.tBodies[0].rows].map((row) => [row.dataset.case, row]));
  let pinned = null;

  function showMeasure(name) {
    const measure = data.measures[name];
    cells.forEach((cell, i) => cell.setAttribute("fill", measure.fills[i] || "#fff"));
    marks.forEach((mark, i) => mark.setAttribute("fill", measure.marks[i] ? `url(#${measure.marks[i]})` : "none"));
    document.getElementById("legend").innerHTML = measure.legend;
  }

  function place(axis, key) {
    const { places, ticks, label } = data.axes[key];
    const frame = data.frame;
    const to = axis === "x" ? (share) => frame.left + share * frame.width : (share) => frame.top + (1 - share) * frame.height;
    for (const [i, cell] of cells.entries()) {
      for (const circle of [cell, marks[i]]) circle.setAttribute(`c${axis}`, to(places[i]));
    }
    const group = document.getElementById(`ticks-${axis}`);
    const old = [...group.children];
    for (const [share, text] of ticks) {
      const tick = old[0].cloneNode();
      tick.setAttribute(axis, to(share));
      tick.textContent = text;
      group.append(tick);
    }
    old.forEach((tick) => tick.remove());
    document.getElementById(`label-${axis}`).textContent = label;
  }

  function element(name, text, parent) {
    const made = document.createElement(name);
    made.textContent = text;
    parent.append(made);
    return made;
  }

  function showCase(number, group) {
    const row = rows.get(number);
    detail.replaceChildren();
    element("h3", `Case ${number}`, detail);
    if (group.length > 1) {
      for (const other of group) {
        const button = element("button", other, detail);
        button.type = "button";
        button.setAttribute("aria-pressed", other === number);
        button.addEventListener("click", () => showCase(other, group));
      }
    }
    const image = row.querySelector("img");
    if (image) {
      const copy = image.cloneNode();
      copy.alt = `structure of case ${number}`;
      element("div", "", detail).append(copy);
    }
    const body = element("tbody", "", element("table", "", detail));
    heads.forEach((head, i) => {
      const text = row.cells[i].textContent;
      if (i === 0 || !text) return;
      const line = element("tr", "", body);
      element("th", head.textContent, line);
      element("td", text, line);
    });
  }

  function onPress(target, act) {
    target.addEventListener("click", act);
    target.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      act();
    });
  }

  function mark(cell) {
    const group = cell.dataset.cases.split(" ");
    for (const other of cells) other.classList.toggle("chosen", other === cell);
    for (const [number, row] of rows) row.classList.toggle("chosen", group.includes(number));
  }

  for (const cell of cells) {
    const group = cell.dataset.cases.split(" ").filter(Boolean);
    if (!group.length) continue;
    const pin = () => {
      pinned = pinned === cell ? null : cell;
      mark(cell);
      showCase(group[0], group);
    };
    onPress(cell, pin);
    for (const kind of ["mouseenter", "focus"]) cell.addEventListener(kind, () => pinned || showCase(group[0], group));
  }

  const first = cells.map((cell) => cell.dataset.cases.split(" ").filter(Boolean)).find(([number]) => number && rows.get(number).querySelector("img"));
  if (first) showCase(first[0], first);

  document.getElementById("measure").addEventListener("change", (event) => showMeasure(event.target.value));
  for (const axis of data.axes ? ["x", "y"] : []) {
    const chooser = document.getElementById(`choose-${axis}`);
    if (chooser) chooser.addEventListener("change", (event) => place(axis, event.target.value));
  }

  function sort(column) {
    const head = heads[column];
    const sign = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
    const keyed = [...rows.values()].map((row) => [row.cells[column].textContent, row]);
    const numbers = keyed.every(([text]) => text === "" || !Number.isNaN(toNumber(text)));
    keyed.sort(([a], [b]) => {
      if (a === "" || b === "") return (a === "") - (b === "");
      return sign * (numbers ? toNumber(a) - toNumber(b) : a.localeCompare(b));
    });
    table.tBodies[0].append(...keyed.map(([, row]) => row));
  }

  heads.forEach((head, column) => head.classList.contains("sortable") && onPress(head, () => sort(column)));

  function toNumber(text) {
    return text === "inf" ? Infinity : text === "-inf" ? -Infinity : Number(text);
  }
}
