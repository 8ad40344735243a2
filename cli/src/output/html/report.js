// Filters and sorts the tables of the report. The report is complete without this script.
"use strict";

const numeric = new Intl.Collator("en", { numeric: true });

// The text of a cell. An offset in hex becomes decimal, so that offsets sort as numbers.
function textOf(row, column) {
    const text = row.cells[column]?.textContent.trim() ?? "";
    return /^0x[0-9a-f]+$/.test(text) ? BigInt(text).toString() : text;
}

function sort(table, column, head) {
    const descends = head.getAttribute("aria-sort") === "ascending";
    const body = table.tBodies[0];
    const rows = Array.from(body.rows, (row) => [textOf(row, column), row]);
    rows.sort((one, other) => numeric.compare(one[0], other[0]));
    if (descends) rows.reverse();
    body.append(...rows.map((pair) => pair[1]));
    for (const cell of head.parentElement.cells) cell.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", descends ? "descending" : "ascending");
}

function addSorting(table) {
    Array.from(table.tHead.rows[0].cells).forEach((head, column) => {
        const button = document.createElement("button");
        button.type = "button";
        button.setAttribute("aria-label", `Sort by ${head.textContent}`);
        button.addEventListener("click", () => sort(table, column, head));
        // The text stays outside the button: printed pages repeat text, but no button.
        head.append(" ", button);
    });
}

const texts = new WeakMap();

// The text of a row in lower case, kept for the next letter that is typed.
function searched(row) {
    if (!texts.has(row)) texts.set(row, row.textContent.toLowerCase());
    return texts.get(row);
}

// Shows the rows that contain every word.
function filter(table, typed, count) {
    const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
    const rows = Array.from(table.tBodies[0].rows);
    let shown = 0;
    for (const row of rows) {
        const matches = words.every((word) => searched(row).includes(word));
        row.classList.toggle("filtered", !matches);
        if (matches) shown += 1;
    }
    count.textContent = `${shown} of ${rows.length} rows`;
}

function addFilter(table) {
    const name = table.dataset.filter;
    const line = document.createElement("div");
    const label = document.createElement("label");
    const input = document.createElement("input");
    const count = document.createElement("output");
    line.className = "filter";
    input.type = "search";
    input.id = `filter-${name}`;
    label.htmlFor = input.id;
    label.textContent = `Filter ${name}`;
    input.placeholder = "words that a row contains";
    input.addEventListener("input", () => filter(table, input.value, count));
    filter(table, "", count);
    line.append(label, input, count);
    table.parentElement.before(line);
    return () => {
        input.value = "";
        filter(table, "", count);
    };
}

// Unfolds and unfilters whatever a link leads to.
function reveal(clears) {
    const target = document.getElementById(location.hash.slice(1));
    if (!target) return;
    if (target.classList.contains("filtered")) clears.get(target.closest("table"))?.();
    for (let at = target; at; at = at.parentElement) {
        if (at.tagName === "DETAILS") at.open = true;
    }
    target.scrollIntoView();
}

function saveJson() {
    const text = document.getElementById("report").textContent.trim();
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = "report.json";
    link.click();
    URL.revokeObjectURL(link.href);
}

document.querySelectorAll("table.grid").forEach(addSorting);
const clears = new Map();
for (const table of document.querySelectorAll("table[data-filter]")) {
    clears.set(table, addFilter(table));
}
addEventListener("hashchange", () => reveal(clears));
if (location.hash) reveal(clears);

const save = document.createElement("button");
save.type = "button";
save.id = "save";
save.textContent = "Save the JSON report";
save.addEventListener("click", saveJson);
document.querySelector("nav").append(save);
