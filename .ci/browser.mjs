// Checks the HTML report in headless Chromium, and makes its pictures and PDF files.
// Usage: node browser.mjs MODULES CALHIVE HIVE_FORGE HIVES SCRATCH
//   MODULES  folder with playwright-core and axe-core
//   HIVES    folder of the scenarios
//   SCRATCH  folder for reports, pictures and PDF files
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [modules, calhive, forge, hives, scratch] = process.argv.slice(2);
const require = createRequire(join(modules, "/"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const CASE = 'K-2024/17 "</style>';
const EXHIBIT = "HDD 3";
const HOSTILE_NAME = "</script><img src=x onerror=alert(1)>";
const VIEW = { width: 1280, height: 1400 };
const MINUTES = 60_000;

// Writes the report of a folder of hives. Exit code 3: a scenario has damaged logs.
function report(name, folder) {
    const file = join(scratch, `${name}.html`);
    const args = ["scan", "-q", "--format", "html", "--case", CASE, "--evidence-id", EXHIBIT, folder];
    const began = Date.now();
    const run = spawnSync(calhive, args, { stdio: ["ignore", openSync(file, "w"), "inherit"] });
    assert.ok([0, 3].includes(run.status), `${name}: exit code ${run.status}`);
    const content = readFileSync(file, "utf8");
    const [, json] = content.match(/<script type="application\/json" id="report">\n(.*)\n<\/script>/);
    console.log(`${name}: ${Math.round(content.length / 1024)} KB, written in ${Date.now() - began} ms`);
    return { name, file, url: `file://${file}`, report: JSON.parse(json) };
}

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });

// Opens a report offline. Nothing but the file may be requested, and nothing may be reported as an error.
async function open({ url, name }, options = {}) {
    const context = await browser.newContext({ offline: true, viewport: VIEW, ...options });
    const page = await context.newPage();
    const bad = [];
    page.setDefaultTimeout(3 * MINUTES);
    page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) bad.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => bad.push(`error: ${error.message}`));
    page.on("dialog", (dialog) => bad.push(`dialog: ${dialog.message()}`));
    page.on("request", (request) => {
        if (request.url().split("#")[0] !== url) bad.push(`request: ${request.url()}`);
    });
    await page.goto(url);
    const close = async () => {
        assert.deepEqual(bad, [], name);
        await context.close();
    };
    return { page, close };
}

const tokenCodes = ["token.valid_from", "token.expires"];

async function checkTimeline({ report }, page) {
    const dated = report.events.filter((event) => event.time);
    const stored = new Set(
        report.tokens.filter((token) => token.kind === "stored_license").map((token) => token.id),
    );
    const withBar = dated.filter((event) => tokenCodes.includes(event.code));
    const bars = new Set(withBar.flatMap((event) => event.tokens).filter((id) => stored.has(id)));
    const others = dated.filter((event) => !tokenCodes.includes(event.code));
    const drawn = await page.evaluate(() => ({
        lanes: document.querySelectorAll(".lane").length,
        bars: document.querySelectorAll(".lane .bar").length,
        events: [...document.querySelectorAll(".mark[data-events]")]
            .reduce((sum, mark) => sum + Number(mark.dataset.events), 0),
        references: document.querySelectorAll(".lane .reference").length,
    }));
    const lanes = new Set(dated.map((event) => event.host)).size;
    assert.ok(lanes > 0 && others.length > 0);
    assert.deepEqual(drawn, { lanes, bars: bars.size, events: others.length, references: lanes });
}

// Above 200 hosts, a lane is a license server, and columns count licenses.
async function checkMonths({ report }, page) {
    const drawn = await page.evaluate(() => ({
        lanes: [...document.querySelectorAll(".lane")].map((lane) => lane.dataset.server),
        licenses: [...document.querySelectorAll(".lane .bar")]
            .reduce((sum, bar) => sum + Number(bar.dataset.licenses), 0),
    }));
    assert.deepEqual(drawn, { lanes: ["RDLIC01", "RDLIC02"], licenses: report.tokens.length });
}

const shownRows = (page) => page.evaluate(() =>
    [...document.querySelectorAll("table[data-filter=facts] tbody tr")]
        .filter((row) => getComputedStyle(row).display !== "none").map((row) => row.id));

async function checkTables({ report }, page) {
    const all = await shownRows(page);
    const [word] = report.facts.find((fact) => all.includes(fact.id)).code.split(".");
    await page.fill("#filter-facts", word.toUpperCase());
    const shown = await shownRows(page);
    assert.ok(shown.length > 0 && shown.length < all.length, `${shown.length} of ${all.length}`);
    assert.equal(await page.textContent(".filter:has(#filter-facts) output"),
        `${shown.length} of ${all.length} rows`);
    // A link to a row that the filter hides shows the row.
    const hidden = all.find((id) => !shown.includes(id));
    await page.evaluate((id) => { location.hash = id; }, hidden);
    await page.waitForFunction((id) => document.getElementById(id).offsetHeight > 0, hidden);
    assert.deepEqual(await shownRows(page), all);
    const offsets = () => page.$$eval("table[data-filter=facts] tbody tr td:nth-child(6)",
        (cells) => cells.map((cell) => Number(cell.textContent || -1)));
    const before = await offsets();
    const ascending = [...before].sort((one, other) => one - other);
    const head = "table[data-filter=facts] thead th:nth-child(6)";
    for (const [direction, expected] of [["ascending", ascending], ["descending", ascending.toReversed()]]) {
        await page.click(`${head} button`);
        assert.equal(await page.getAttribute(head, "aria-sort"), direction);
        assert.deepEqual(await offsets(), expected);
    }
    assert.notDeepEqual(before, ascending);
}

// No cell is wider than its column, neither on a screen nor on paper.
async function checkWidths({ name }, page) {
    const tooWide = () => page.evaluate(() => [...document.querySelectorAll("td")]
        .filter((cell) => cell.scrollWidth > cell.clientWidth + 1).map((cell) => cell.textContent.slice(0, 60)));
    assert.ok(await page.locator("td").count() > 100, name);
    assert.deepEqual((await tooWide()).slice(0, 3), [], `${name}, on a screen`);
    const isCut = await page.evaluate(() => [...document.querySelectorAll(".wide")]
        .filter((part) => part.scrollWidth > part.clientWidth).map((part) => part.getAttribute("aria-label")));
    assert.deepEqual(isCut, [], `${name}, on a screen`);
    // The width of A4 landscape between its margins.
    await page.setViewportSize({ width: 1032, height: 700 });
    await page.emulateMedia({ media: "print" });
    assert.deepEqual((await tooWide()).slice(0, 3), [], `${name}, on paper`);
    await page.emulateMedia({ media: null });
    await page.setViewportSize(VIEW);
}

// Every page carries case, exhibit, program, report id and its number, and nothing is folded.
async function checkPrint({ name, report }, page) {
    const pdf = join(scratch, `${name}.pdf`);
    await page.pdf({ path: pdf, preferCSSPageSize: true });
    const text = execFileSync("pdftotext", ["-layout", pdf, "-"], { encoding: "utf8", maxBuffer: 1 << 28 });
    const pages = text.split("\f").slice(0, -1);
    const short = (await page.textContent(".report-id")).slice(0, 16);
    assert.ok(pages.length > 1);
    pages.forEach((content, index) => {
        const margins = [`Case: ${CASE}`, `Exhibit: ${EXHIBIT}`, `${report.tool.name} ${report.tool.version}`,
            `report id ${short}`, `Page ${index + 1} of ${pages.length}`];
        for (const margin of margins) assert.ok(content.includes(margin), `${name}, page ${index + 1}: ${margin}`);
    });
    // A table repeats its heads on each of its pages.
    const heads = pages.filter((content) => /Fact +Host +What +Value/.test(content)).length;
    assert.ok(heads > 1, `heads on ${heads} pages`);
    const explained = text.match(/Innocent explanations/g)?.length ?? 0;
    assert.ok(explained >= report.findings.length, `${explained} explanations printed`);
    // The ids of the first and last fact and of the last place without a result are on paper.
    const place = report.searched.at(-1).keys.at(-1).places.at(-1).id;
    for (const row of [report.facts[0].id, report.facts.at(-1).id, place]) assert.ok(text.includes(row), row);
    console.log(`${name}: ${pages.length} pages`);
}

async function checkAccessibility(made, options) {
    const { page, close } = await open(made, { bypassCSP: true, ...options });
    await page.evaluate(axe);
    const { violations, passes } = await page.evaluate(() => globalThis.axe.run());
    const grave = violations.filter((it) => ["serious", "critical"].includes(it.impact));
    const shown = grave.map((it) => `${it.id}: ${it.nodes.slice(0, 3).map((node) => node.html).join("; ")}`);
    assert.deepEqual(shown, [], made.name);
    assert.ok(passes.length > 10);
    await close();
}

// Without scripts, every id is in the text, folded parts open, and no control is without effect.
async function checkWithoutScripts(made) {
    const { page, close } = await open(made, { javaScriptEnabled: false });
    const text = await page.locator("main").textContent();
    for (const part of ["facts", "findings", "tokens", "events", "sources"]) {
        for (const { id } of made.report[part]) assert.ok(text.includes(id), `${made.name}: ${id}`);
    }
    const keys = made.report.searched.flatMap((source) => source.keys);
    for (const { id } of keys.flatMap((key) => key.places)) assert.ok(text.includes(id), `${made.name}: ${id}`);
    assert.equal(await page.locator("button, input").count(), 0);
    const folded = page.locator("#hosts details").first();
    await folded.locator("summary").click();
    assert.ok(await folded.locator("p").first().isVisible());
    await close();
}

// The policy blocks a script and a picture that hostile text would add.
async function checkPolicy({ url }) {
    const page = await browser.newPage();
    const blocked = [];
    page.on("console", (message) => blocked.push(message.text()));
    await page.goto(url);
    await page.evaluate(() => {
        const script = document.createElement("script");
        script.textContent = "document.title = 'ran'";
        const image = document.createElement("img");
        image.src = "https://example.invalid/x.png";
        document.body.append(script, image);
    });
    await page.waitForTimeout(500);
    assert.notEqual(await page.title(), "ran");
    assert.equal(blocked.filter((text) => text.includes("Content Security Policy")).length, 2, blocked.join());
    await page.close();
}

async function checkHostileName({ report }, page) {
    const name = report.hosts[0].system.computer_name;
    assert.equal(name.text, HOSTILE_NAME);
    assert.equal(await page.locator("img").count(), 0);
    assert.ok((await page.locator("#host-1 h3").textContent()).includes(HOSTILE_NAME));
    assert.ok((await page.locator(".lane title").first().textContent()).includes(HOSTILE_NAME));
}

async function pictures(made, names) {
    for (const scheme of ["light", "dark"]) {
        const { page, close } = await open(made, { colorScheme: scheme });
        for (const [name, anchor] of Object.entries(names)) {
            if (anchor) await page.evaluate((id) => document.querySelector(id).scrollIntoView(), anchor);
            await page.screenshot({ path: join(scratch, `${made.name}-${name}-${scheme}.png`) });
        }
        await close();
    }
}

rmSync(scratch, { recursive: true, force: true });
mkdirSync(scratch, { recursive: true });
const fleet = (machines) => {
    const folder = join(scratch, `fleet-${machines}`);
    execFileSync(forge, ["fleet", "--machines", String(machines), "-o", folder], { stdio: "ignore" });
    return folder;
};

for (const name of ["office-network", "client-licenses-removed", "windows-server-2019-settings-in-logs"]) {
    const made = report(name, join(hives, name));
    const { page, close } = await open(made);
    await checkTimeline(made, page);
    await checkTables(made, page);
    await checkWidths(made, page);
    await checkPrint(made, page);
    await close();
    for (const colorScheme of ["light", "dark"]) await checkAccessibility(made, { colorScheme });
    await checkWithoutScripts(made);
}

const hostile = report("hostile-name", fleet(2));
const { page, close } = await open(hostile);
await checkTimeline(hostile, page);
await checkHostileName(hostile, page);
await checkPrint(hostile, page);
await close();
await checkPolicy(hostile);

const many = report("many-hosts", fleet(500));
const began = Date.now();
const opened = await open(many);
console.log(`many-hosts: opened in ${Date.now() - began} ms`);
await checkMonths(many, opened.page);
assert.equal((await shownRows(opened.page)).length,
    await opened.page.evaluate(() => document.querySelectorAll("#facts tbody tr").length));
await opened.page.fill("#filter-facts", "pc-0042 clienthwid");
assert.equal((await shownRows(opened.page)).length, 1);
await opened.close();
await pictures(many, { top: null, timeline: "#timeline" });
// The pictures of the documentation: gallery-top-light.png and its neighbors.
await pictures(report("gallery", join(hives, "office-network")),
    { top: null, hosts: "#hosts", timeline: "#timeline", facts: "#facts" });

await browser.close();
console.log("the HTML report passes every check in Chromium");
