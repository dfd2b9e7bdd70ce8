// Long tables: find, filter and turn pages over all rows, which the page holds as data. Without a script the first
// rows and the CSV are there.
const cell = (kind, text) => {
  const made = document.createElement("td");
  if (kind === "num") made.className = "count";
  if (kind === "code") made.append(Object.assign(document.createElement("code"), { textContent: text ?? "" }));
  else if (kind === "verdict") {
    made.className = "nowrap";
    const mark = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    mark.setAttribute("class", `mark ${text}`);
    mark.setAttribute("aria-hidden", "true");
    mark.append(Object.assign(document.createElementNS("http://www.w3.org/2000/svg", "use")));
    mark.firstChild.setAttribute("href", `#m-${text}`);
    made.append(mark, ` ${String(text).replaceAll("_", " ")}`);
  } else {
    if (kind === "choice" || kind === "brief") made.className = "nowrap";
    made.textContent = text ?? "";
  }
  return made;
};
for (const box of document.querySelectorAll(".paged")) {
  const { count, first, key, prefix, suffix, linked } = box.dataset;
  const size = Number(first);
  if (Number(count) <= size) continue;
  const columns = JSON.parse(box.dataset.columns);
  const status = box.querySelector(".shown");
  const csv = status.querySelector("a");
  const body = box.querySelector("tbody");
  const [find, choose] = [box.querySelector("input"), box.querySelector("select")];
  const [before, next] = [box.querySelector(".before"), box.querySelector(".next")];
  const verdict = columns.findIndex(([, kind]) => kind === "verdict" || kind === "choice");
  let all, found, words, at = 0;
  const load = () => {
    if (all) return;
    all = JSON.parse(box.querySelector(".all").textContent);
    found = all;
  };
  const show = () => {
    load();
    const page = found.slice(at, at + size);
    body.replaceChildren(...page.map((row) => {
      const line = document.createElement("tr");
      columns.forEach(([, kind], index) => {
        if (kind === "hidden") return;
        if (index !== Number(linked)) { line.append(cell(kind, row[index])); return; }
        const head = Object.assign(document.createElement("th"), { scope: "row" });
        if (key === "") head.textContent = row[index];
        else head.append(Object.assign(document.createElement("a"), { href: prefix + row[Number(key)] + suffix, textContent: row[index] }));
        line.append(head);
      });
      return line;
    }));
    const number = (value) => value.toLocaleString("en");
    const told = found.length ? `Rows ${number(at + 1)} to ${number(at + page.length)} of ${number(found.length)}` : "No row";
    status.replaceChildren(found.length < all.length ? `${told} found among ${number(all.length)} ` : `${told} `, csv);
    before.disabled = at === 0;
    next.disabled = at + size >= found.length;
  };
  const search = () => {
    load();
    const text = find.value.trim().toLowerCase();
    words ??= all.map((row) => row.join(" ").toLowerCase());
    found = all.filter((row, index) => (!text || words[index].includes(text)) && (!choose?.value || row[verdict] === choose.value));
    at = 0;
    show();
  };
  let waiting;
  find.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(search, 120); });
  choose?.addEventListener("change", search);
  choose?.addEventListener("focus", () => {
    load();
    if (choose.length > 1) return;
    for (const value of [...new Set(all.map((row) => row[verdict]))].sort()) choose.add(new Option(value.replaceAll("_", " "), value));
  });
  before.addEventListener("click", () => { at = Math.max(0, at - size); show(); });
  next.addEventListener("click", () => { at += size; show(); });
  before.disabled = true;
  box.querySelector(".tools").hidden = false;
}
