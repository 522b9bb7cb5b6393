"use strict";
// Searches, sorts, filters and pages the list of findings. The page says the same without it; nothing is ever written as
// markup, only as text.
(() => {
  const source = document.getElementById("data");
  const controls = document.getElementById("controls");
  if (!source || !controls) return;
  const data = JSON.parse(source.textContent);
  const text = place => data.texts[place];
  // Columns of a row, as they are written.
  const RANK = 0, BARS = 1, SEVERITY = 2, TITLE = 3, PLACE = 4, KNOWN = 5, SERVICE = 6, CATEGORY = 7, ORIGIN = 8;
  const DUE = 9, DUE_DAY = 10, RATE = 11, POINTS = 12, MORE = 13;
  const facets = { severity: SEVERITY, origin: ORIGIN, category: CATEGORY, service: SERVICE };
  const body = document.querySelector("#list tbody");
  const search = document.getElementById("search");
  const open = document.getElementById("by-open");
  const choices = [...controls.querySelectorAll("select[data-facet]")];
  const headers = [...document.querySelectorAll("#list th[data-sort]")];
  const state = { sort: "rate", descending: true, page: 0 };
  let found = data.rows;
  let haystacks = null;

  // Texts occur many times: the list of texts is put in order once, and rows compare by place in it.
  let ranks = null;
  function rank(place) {
    if (!ranks) {
      const collator = new Intl.Collator("en", { numeric: true });
      const places = [...data.texts.keys()].sort((a, b) => collator.compare(data.texts[a], data.texts[b]));
      ranks = new Uint32Array(places.length);
      places.forEach((place, at) => { ranks[place] = at; });
    }
    return ranks[place];
  }
  const ones = bits => bits.toString(2).replaceAll("0", "").length;
  const keys = {
    severity: row => row[RANK],
    title: row => rank(row[TITLE]),
    service: row => rank(row[SERVICE]) * data.texts.length + rank(row[CATEGORY]),
    origin: row => rank(row[ORIGIN]),
    due: row => row[DUE_DAY] ?? Number.MAX_VALUE,
    rate: row => row[POINTS],
    open: row => ones(row[MORE][0]),
  };

  function matches() {
    const wanted = choices.filter(choice => choice.value !== "").map(choice => [facets[choice.dataset.facet], Number(choice.value)]);
    const bit = open && open.value !== "" ? 1 << Number(open.value) : 0;
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length && !haystacks) {
      const lower = data.texts.map(entry => entry.toLowerCase());
      haystacks = new Map(data.rows.map(row => [row, [TITLE, PLACE, KNOWN, SERVICE, CATEGORY, SEVERITY].map(column => lower[row[column]]).join("\n")]));
    }
    return data.rows.filter(row =>
      wanted.every(([column, value]) => row[column] === value) &&
      (!bit || row[MORE][0] & bit) &&
      (!words.length || words.every(word => haystacks.get(row).includes(word))));
  }

  function update() {
    found = matches();
    // The rows come with the highest rate first, and sorting keeps the order of equals.
    if (state.sort !== "rate" || !state.descending) {
      const key = keys[state.sort];
      const sign = state.descending ? -1 : 1;
      found.sort((a, b) => sign * (key(a) - key(b)));
    }
    state.page = 0;
    show();
  }

  function element(name, className, content) {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (content !== undefined) made.textContent = content;
    return made;
  }
  function auto(made) { made.dir = "auto"; return made; }
  function mark(id) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    for (const [name, value] of Object.entries({ class: "mark option-mark", width: 18, height: 18, viewBox: "-9 -9 18 18", "aria-hidden": "true" })) svg.setAttribute(name, value);
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", "#mark-" + id);
    svg.append(use);
    return svg;
  }
  function cell(label, className, ...content) {
    const made = element("td", className);
    made.dataset.label = label;
    made.append(...content);
    return made;
  }
  function line(row) {
    const made = element("tr");
    const finding = element("td", "finding");
    const details = element("details");
    const basis = element("ul", "basis");
    details.append(auto(element("summary", "", text(row[TITLE]))), basis);
    details.addEventListener("toggle", () => {
      if (!basis.firstChild) for (const place of row[MORE][1]) basis.append(element("li", "", text(place)));
    });
    finding.append(details);
    if (text(row[PLACE])) finding.append(auto(element("div", "place", text(row[PLACE]))));
    if (text(row[KNOWN])) finding.append(auto(element("div", "known", text(row[KNOWN]))));
    made.append(
      cell("Severity", "", element("span", "severity bars-" + row[BARS], text(row[SEVERITY]))),
      finding,
      cell("Service", "", auto(element("span", "", text(row[SERVICE]))), " ", element("span", "beside", text(row[CATEGORY]))),
      cell("Origin", "origin", text(row[ORIGIN])),
      cell("Due", "due", text(row[DUE])),
      cell("Points a day", "number", text(row[RATE])));
    if (data.options.length) {
      const options = data.options.filter((_, place) => row[MORE][0] & (1 << place)).map(([id, name]) => {
        const named = element("span", "in");
        named.append(mark(id), name);
        return named;
      });
      made.append(cell("Open at ship in", "", ...(options.length ? options : ["none"])));
    }
    return made;
  }

  const grouped = new Intl.NumberFormat("en");
  function show() {
    const pages = Math.max(1, Math.ceil(found.length / data.page));
    state.page = Math.min(state.page, pages - 1);
    const first = state.page * data.page;
    const shown = found.slice(first, first + data.page);
    body.replaceChildren(...shown.map(line));
    const of = found.length === data.rows.length ? "" : " of " + grouped.format(data.rows.length);
    const range = found.length > data.page ? ", " + grouped.format(first + 1) + " to " + grouped.format(first + shown.length) + " listed" : "";
    document.getElementById("count").textContent = grouped.format(found.length) + of + (found.length === 1 && !of ? " finding" : " findings") + range + ".";
    document.getElementById("pages").hidden = pages === 1;
    document.getElementById("page").textContent = "Page " + grouped.format(state.page + 1) + " of " + grouped.format(pages);
    document.getElementById("back").disabled = state.page === 0;
    document.getElementById("on").disabled = state.page === pages - 1;
    for (const header of headers) {
      if (header.dataset.sort === state.sort) header.setAttribute("aria-sort", state.descending ? "descending" : "ascending");
      else header.removeAttribute("aria-sort");
    }
  }

  for (const header of headers) {
    const button = element("button", "sort", header.textContent);
    button.type = "button";
    button.addEventListener("click", () => {
      const same = state.sort === header.dataset.sort;
      state.descending = same ? !state.descending : ["severity", "rate", "open"].includes(header.dataset.sort);
      state.sort = header.dataset.sort;
      update();
    });
    header.replaceChildren(button);
  }
  let waiting = 0;
  search.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(update, 80); });
  for (const choice of [...choices, open]) if (choice) choice.addEventListener("change", () => update());
  controls.addEventListener("submit", event => { event.preventDefault(); update(); });
  controls.addEventListener("reset", () => setTimeout(() => { state.sort = "rate"; state.descending = true; update(); }));
  function turn(by) { state.page += by; show(); document.getElementById("findings").scrollIntoView(); }
  document.getElementById("back").addEventListener("click", () => turn(-1));
  document.getElementById("on").addEventListener("click", () => turn(1));
  for (const link of document.querySelectorAll("a[data-open]")) {
    link.addEventListener("click", () => {
      const wanted = [...open.options].find(option => option.dataset.id === link.dataset.open);
      if (wanted) { controls.reset(); setTimeout(() => { open.value = wanted.value; update(); }); }
    });
  }
  controls.hidden = false;
  if (data.rows.length > data.page) show();
})();
