// Draws a comment as GitHub does, light and dark, to be looked at: GitHub-flavoured markdown, GitHub's own style sheet,
// Mermaid, in headless Chromium.
//
//   npm install marked mermaid github-markdown-css playwright-core
//   detente demo --format markdown > comment.md
//   node tests/browser/comment.mjs comment.md OUT [--open]      writes OUT-light.png and OUT-dark.png; --open unfolds everything
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(path.join(process.cwd(), "package.json"));
const load = (name) => import(pathToFileURL(require.resolve(name)));
const { marked } = await load("marked");
const { chromium } = (await load("playwright-core")).default;
const modules = path.join(process.cwd(), "node_modules");
const [source, out, open] = process.argv.slice(2);

let body = marked.parse(fs.readFileSync(source, "utf8"), { gfm: true });
body = body.replace(/<pre><code class="language-mermaid">([\s\S]*?)<\/code><\/pre>/g, '<pre class="mermaid">$1</pre>');
if (open) body = body.replaceAll("<details>", "<details open>");

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
for (const theme of ["light", "dark"]) {
  const style = fs.readFileSync(path.join(modules, `github-markdown-css/github-markdown-${theme}.css`), "utf8");
  const background = theme === "dark" ? "#0d1117" : "#ffffff";
  // A comment on a pull request is this wide on a large screen.
  const html = `<!doctype html><meta charset="utf-8"><style>${style} body{margin:0;background:${background}} article{width:780px;padding:16px;font-size:14px}</style>
    <article class="markdown-body">${body}</article>
    <script src="${pathToFileURL(path.join(modules, "mermaid/dist/mermaid.min.js"))}"></script>
    <script>mermaid.initialize({ startOnLoad: false, theme: "${theme === "dark" ? "dark" : "default"}" });
      mermaid.run().then(() => { document.title = "drawn"; }, (error) => { document.title = "broken: " + error; });</script>`;
  const file = `${out}-${theme}.html`;
  fs.writeFileSync(file, html);
  const page = await browser.newPage({ viewport: { width: 812, height: 600 } });
  await page.goto(pathToFileURL(path.resolve(file)).href);
  await page.waitForFunction(() => document.title !== "", null, { timeout: 30_000 });
  console.log(theme, await page.title());
  await page.screenshot({ path: `${out}-${theme}.png`, fullPage: true });
  fs.unlinkSync(file);
}
await browser.close();
