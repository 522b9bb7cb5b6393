// What a reader does with the pages: open, filter, sort, use the keyboard, print. Times are printed, not asserted.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";
import { hostileReport } from "./hostile.mjs";
import { quarter } from "./quarter.mjs";

const [program, executablePath] = process.argv.slice(2);
const quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const browser = await chromium.launch({ executablePath, args: quiet });

function detente(...args) {
  return detenteIn(".", ...args);
}

function detenteIn(cwd, ...args) {
  try {
    return execFileSync(program, args, { cwd, encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "ignore"] });
  } catch (error) {
    // A gate that needs a decision ends with 1, and has still written its page.
    assert.ok(error.status === 1 || error.status === 3, `detente ${args.join(" ")} ended with ${error.status}`);
    return error.stdout;
  }
}

function saved(name, text) {
  writeFileSync(name, text);
  return pathToFileURL(name).href;
}

/** Opens a page, and fails on any console error, dialog or request but for the page itself. */
async function opened(url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.problems = [];
  page.on("console", message => ["error", "warning"].includes(message.type()) && page.problems.push(message.text()));
  page.on("pageerror", error => page.problems.push(String(error)));
  page.on("dialog", dialog => { page.problems.push("dialog: " + dialog.message()); dialog.dismiss(); });
  page.on("request", request => request.url().split("#")[0] !== url && page.problems.push("request: " + request.url()));
  await page.goto(url);
  return page;
}

async function closed(page) {
  assert.deepEqual(page.problems, []);
  await page.context().close();
}

async function check(name, run) {
  if (process.env.ONLY && !name.includes(process.env.ONLY)) return;
  await run();
  console.log("ok  ", name);
}

const count = page => page.locator("#count").textContent();
const column = (page, number) => page.locator(`#list tbody tr td:nth-child(${number})`).allTextContents();
const settled = page => page.waitForTimeout(200);

const demo = saved("demo.html", detente("demo", "--format", "html"));
writeFileSync("hostile.sarif", JSON.stringify(hostileReport()));
const hostile = saved("hostile.html", detente("gate", "hostile.sarif", "--now", "2026-11-24T09:30:00Z", "--format", "html"));
const appetite = fileURLToPath(new URL("../../src/commands/demo/appetite.yml", import.meta.url));
const explained = saved("explained.html", detente("appetite", "explain", appetite, "--for", "board", "--format", "html", "--now", "2026-11-24T09:30:00Z"));
// Two drafts over the demo's run: half of its time limits, and one category taken lightly.
writeFileSync("run.json", detente("demo", "--format", "json"));
const simulated = saved("simulated.html", detente("appetite", "simulate", "run.json", "--draft", appetite, "--what-if", "half-deadlines", "--what-if", "cautious=open", "--format", "html"));
const shop = quarter(program, path.resolve("quarter"));
const quarterly = reader => detenteIn(shop, "review", "--since", "2026-10-01", "--now", "2026-12-16T12:00:00Z", "--for", reader, "--format", "html");
const reviews = ["cio", "ciso", "board"].map(reader => saved(`review-${reader}.html`, quarterly(reader)));
// A period in which nothing was recorded.
const nothing = saved("review-of-nothing.html", detenteIn(shop, "review", "--since", "2026-09-01", "--now", "2026-09-30T12:00:00Z", "--format", "html"));
const documents = [explained, simulated, ...reviews, nothing];

await check("opens from a file without a console error or a request", async () => {
  for (const url of [demo, hostile, ...documents]) await closed(await opened(url));
});

await check("search, filter and reset", async () => {
  const page = await opened(demo);
  assert.equal(await count(page), "12 findings.");
  await page.fill("#search", "SnakeYAML nesting");
  await settled(page);
  assert.equal(await count(page), "1 of 12 findings.");
  await page.click("button[type=reset]");
  await settled(page);
  assert.equal(await count(page), "12 findings.");
  await page.selectOption("#by-severity", { label: "critical" });
  assert.deepEqual(await column(page, 1), ["critical"]);
  await page.selectOption("#by-severity", "");
  await page.selectOption("#by-origin", { label: "older" });
  assert.deepEqual(new Set(await column(page, 4)), new Set(["older"]));
  await page.click("button[type=reset]");
  await page.click("#option-fastest .fact:has-text('Open at ship') summary");
  await page.click("#option-fastest a[data-open]");
  await settled(page);
  assert.equal(await count(page), "10 of 12 findings.", "as many as the card says: 6 of the change, 4 older");
  await closed(page);
});

await check("sort by every column, both ways", async () => {
  const page = await opened(demo);
  const sort = async name => {
    await page.click(`#list th:has-text("${name}") button`);
    return page.locator(`#list th:has-text("${name}")`).getAttribute("aria-sort");
  };
  assert.equal(await sort("Due"), "ascending");
  const due = (await column(page, 5)).map(text => text.slice(-10)).filter(Boolean);
  assert.deepEqual(due, [...due].sort());
  assert.equal(await sort("Due"), "descending");
  assert.equal(await sort("Severity"), "descending");
  assert.equal((await column(page, 1))[0], "critical");
  assert.equal(await sort("Finding"), "ascending");
  const titles = await page.locator("#list tbody summary").allTextContents();
  assert.deepEqual(titles, [...titles].sort(new Intl.Collator("en", { numeric: true }).compare));
  assert.equal(await sort("Points a day"), "descending");
  const rates = (await column(page, 6)).map(Number);
  assert.deepEqual(rates, [...rates].sort((a, b) => b - a));
  assert.equal(await page.locator("#list th[aria-sort]").count(), 1);
  await closed(page);
});

await check("everything by keyboard", async () => {
  const page = await opened(demo);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "SUMMARY");
  await page.keyboard.press("Enter");
  assert.ok(await page.locator("#option-fastest .fact .basis").first().isVisible(), "the basis is one key away");
  const reached = new Set();
  for (let step = 0; step < 120; step++) {
    await page.keyboard.press("Tab");
    reached.add(await page.evaluate(() => document.activeElement.id || document.activeElement.getAttribute("class") || document.activeElement.tagName));
  }
  for (const target of ["dot", "dot preferred", "search", "by-severity", "sort"]) assert.ok(reached.has(target), `reaches ${target}`);
  await page.locator("a.dot").nth(1).focus();
  assert.ok(await page.locator("a.dot .tip").nth(1).isVisible(), "focus tells the plan");
  assert.ok(!await page.locator("a.dot .tip").nth(0).isVisible());
  await closed(page);
});

await check("no violation of accessibility rules, light and dark, wide and narrow, closed and open", async () => {
  for (const url of [demo, hostile, ...documents]) {
    for (const colorScheme of ["light", "dark"]) {
      for (const width of [1280, 360]) {
        const page = await opened(url, { colorScheme, viewport: { width, height: 900 } });
        await page.evaluate(() => document.querySelectorAll("details").forEach(details => { details.open = true; }));
        // The tool's own script is the only one that the page's policy has to let in.
        const { violations } = await new AxeBuilder({ page }).analyze();
        assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.length, nodes[0].html.slice(0, 200)]), []);
        await page.context().close();
      }
    }
  }
});

await check("no sideways scrolling from 320 pixels to 4K, in both directions of writing", async () => {
  for (const url of [demo, hostile, ...documents]) {
    for (const width of [320, 360, 768, 1280, 3840]) {
      const page = await opened(url, { viewport: { width, height: 900 } });
      for (const dir of ["ltr", "rtl"]) {
        await page.evaluate(dir => { document.documentElement.dir = dir; }, dir);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.ok(wide <= 0, `${url} at ${width} ${dir}: ${wide} pixels too wide`);
      }
      await closed(page);
    }
  }
});

await check("hostile text stays text", async () => {
  const page = await opened(hostile);
  await settled(page);
  const total = Number((await count(page)).match(/^\d+/)[0]);
  assert.ok(total >= 15, `${total} findings`);
  await page.click("#list th:has-text('Finding') button");
  await page.evaluate(() => document.querySelectorAll("#list details").forEach(details => { details.open = true; }));
  await settled(page);
  assert.equal(await page.locator("script").count(), 2);
  assert.equal(await page.locator("img, iframe, object, embed, base, style:not(head style)").count(), 0);
  assert.ok((await page.locator("#list").textContent()).includes("<script>alert(1)</script>"), "shown as it was written");
  await closed(page);
});

await check("without script the first findings are listed", async () => {
  const page = await opened(demo, { javaScriptEnabled: false });
  assert.equal(await page.locator("#list tbody tr").count(), 12);
  assert.ok(!await page.locator("#controls").isVisible());
  await closed(page);
});

/** The demo's page with as many findings as a large monorepo has; what the browser does with them is the same. */
function stretched() {
  const text = readFileSync("demo.html", "utf8");
  const [, before, json, after] = text.match(/^([\s\S]*id="data">)([\s\S]*?)(<\/script>[\s\S]*)$/);
  const data = JSON.parse(json);
  const rows = data.rows;
  data.rows = Array.from({ length: 50_000 }, (_, number) => {
    const row = [...rows[number % rows.length]];
    row[3] = data.texts.push(`Finding ${number} of service part ${number % 40}`) - 1;
    row[4] = data.texts.push(`services/part${number % 40}/src/File${number % 5003}.java:${number % 1500}`) - 1;
    row[12] = 50_000 - number;
    return row;
  });
  return saved("many.html", before + JSON.stringify(data).replaceAll("<", "\\u003c") + after);
}

await check("50,000 findings", async () => {
  // MANY: a page that the program wrote about a real report with many findings.
  const many = process.env.MANY ? pathToFileURL(process.env.MANY).href : stretched();
  const page = await opened(many);
  const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0].startTime);
  const all = (await count(page)).match(/^[\d,]+ findings/)[0];
  assert.equal(await count(page), `${all}, 1 to 50 listed.`);
  // The last of them by its whole title, and a word that it shares with others.
  const title = await page.evaluate(() => { const { texts, rows } = JSON.parse(document.getElementById("data").textContent); return texts[rows.at(-1)[3]]; });
  // From the key or click to the new text on the page, the driver's own way there and back included.
  const measure = async (what, act, selector, hasText) => {
    const start = Date.now();
    await act();
    await page.locator(selector, hasText ? { hasText } : {}).waitFor();
    return `${what} ${Date.now() - start} ms`;
  };
  const some = new RegExp(`^[\\d,]+ of ${all}`);
  const times = [
    await measure("search", () => page.fill("#search", title), "#count", some),
    await measure("another search", () => page.fill("#search", title.split(" ")[0]), "#count", new RegExp(`of ${all}|^${all}`)),
    await measure("reset", () => page.click("button[type=reset]"), "#count", `${all}, 1 to 50 listed`),
    await measure("filter", () => page.selectOption("#by-severity", { index: 1 }), "#count", some),
    await measure("filter off", () => page.selectOption("#by-severity", ""), "#count", `${all}, 1 to 50 listed`),
    await measure("sort by title", () => page.click("#list th:has-text('Finding') button"), "th[data-sort=title][aria-sort=ascending]"),
    await measure("next page", () => page.click("#on"), "#page", /^Page 2 of/),
  ];
  console.log(`      ${all}, ${Math.round(statSync(fileURLToPath(many)).size / 1e5) / 10} MB; first paint ${Math.round(paint)} ms; ${times.join(", ")}`);
  await closed(page);
});

await check("documents need no script", async () => {
  for (const [url, sections] of [[explained, 5], [simulated, 2], ...reviews.map(url => [url, 5]), [nothing, 5]]) {
    const page = await opened(url);
    assert.ok(await page.locator("h1").isVisible());
    assert.ok(await page.locator("section").count() >= sections, url);
    assert.equal(await page.locator("script").count(), 0);
    await closed(page);
  }
});

await check("the review says the same to every reader, each in the order of what they answer for", async () => {
  const said = [];
  for (const url of reviews) {
    const page = await opened(url);
    const panels = await page.locator(".panel").allInnerTexts();
    said.push([(await page.locator("h2").first().textContent()), panels.toSorted().join("\n")]);
    await closed(page);
  }
  assert.deepEqual(said.map(([first]) => first), ["Delivery", "Exposure", "The agreement"]);
  assert.equal(new Set(said.map(([, panels]) => panels)).size, 1);
  const page = await opened(nothing);
  assert.equal(await page.locator(".panel svg").count(), 0, "nothing is drawn of what nobody knows");
  assert.ok(await page.locator(".absent").count() >= 6);
  await closed(page);
});

await check("the review prints to one sheet of A4, however much is overdue and however long its words are", async () => {
  const sheets = pdf => Number(pdf.toString("latin1").match(/\/Type \/Pages[^>]*?\/Count (\d+)|\/Count (\d+)/).slice(1).find(Boolean));
  for (const url of [...reviews, nothing]) {
    const page = await opened(url);
    const name = fileURLToPath(url).replace(/\.html$/, "");
    assert.equal(sheets(await page.pdf({ path: `${name}.pdf`, preferCSSPageSize: true })), 1, url);
    // As much as the page ever lists: every text of a commitment at its longest, and all of it in words without a blank.
    await page.evaluate(() => {
      const list = document.querySelector(".overdue");
      document.querySelector("h1 span").firstChild.textContent = "Review of " + "Zahlungsverkehrsabwicklungsplattform ".repeat(2);
      if (!list) return;
      const long = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverleihungsurkunde".repeat(4);
      const line = list.querySelector("li");
      line.querySelectorAll("span").forEach((span, place) => { span.textContent = long.slice(0, [84, 90, 60][place] ?? 200); });
      while (list.children.length < 4) list.append(line.cloneNode(true));
      for (const child of [...list.children]) child.replaceWith(line.cloneNode(true));
    });
    assert.equal(sheets(await page.pdf({ preferCSSPageSize: true })), 1, `${url}, at its fullest`);
    await closed(page);
  }
});

await check("pictures of every size, and print", async () => {
  const views = { light: [1280, 900, "light"], dark: [1280, 900, "dark"], phone: [360, 740, "light"], wall: [3840, 2160, "light"] };
  for (const [name, [width, height, colorScheme]] of Object.entries(views)) {
    const page = await opened(demo, { viewport: { width, height }, colorScheme });
    await page.screenshot({ path: `demo-${name}.png`, fullPage: name !== "phone" });
    await closed(page);
  }
  for (const url of [explained, simulated, reviews[2], nothing]) {
    for (const [name, [width, height, colorScheme]] of Object.entries(views)) {
      const page = await opened(url, { viewport: { width, height }, colorScheme });
      await page.screenshot({ path: `${path.basename(url, ".html")}-${name}.png`, fullPage: true });
      await closed(page);
    }
  }
  // As in a language that is written from right to left, and with the longest words there are.
  for (const url of [demo, ...documents.slice(0, 5)]) {
    const page = await opened(url);
    await page.evaluate(() => { document.documentElement.dir = "rtl"; });
    await page.screenshot({ path: `${path.basename(url, ".html")}-rtl.png`, fullPage: true });
    await closed(page);
  }
  const page = await opened(demo);
  await page.pdf({ path: "demo.pdf", preferCSSPageSize: true });
  await closed(page);
});

await browser.close();
