// A quarter of a shop with a real ledger: people with keys, changes judged, chosen, merged, promises kept, late and overdue.
// Everything is done with the program itself, at moments that are given to it.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const samples = fileURLToPath(new URL("../../src/commands/demo", import.meta.url));
const read = name => JSON.parse(readFileSync(path.join(samples, name), "utf8"));

/** Builds the quarter in `folder`; the clone in which `detente review` tells of it. */
export function quarter(program, folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const at = (...names) => path.join(folder, ...names);
  const env = { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: "1", DETENTE_ALLOWED_SIGNERS: at("signers") };
  const run = (cwd, name, ...args) => execFileSync(name, args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  const git = (...args) => run(at("work"), "git", ...args).trim();
  const detente = (codes, ...args) => {
    const done = spawnSync(program, args, { cwd: at("work"), env, encoding: "utf8", maxBuffer: 1 << 28 });
    assert.ok(codes.includes(done.status), `detente ${args.join(" ")} ended with ${done.status}: ${done.stderr}${done.stdout}`);
    return done.stdout;
  };
  const key = name => at(`${name}.key`);
  const publicKey = name => readFileSync(`${key(name)}.pub`, "utf8").trim();

  for (const name of ["cio", "ciso", "lead", "delivery", "security", "dev"]) {
    run(folder, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", key(name));
  }
  writeFileSync(at("signers"), ["cio", "ciso"].map(name => `${name} ${publicKey(name)}\n`).join(""));
  run(folder, "git", "init", "-q", "--bare", "-b", "main", "origin.git");
  run(folder, "git", "clone", "-q", "origin.git", "work");
  const as = name => { git("config", "user.name", name); git("config", "user.email", `${name}@example.com`); };
  as("dev");
  mkdirSync(at("work", ".detente"));
  let appetite = readFileSync(path.join(samples, "appetite.yml"), "utf8").split("\nroles:")[0].replace("effective: 2026-11-01", "effective: 2026-09-15");
  for (const role of ["cio", "ciso"]) appetite = appetite.replace(new RegExp(`(${role}: .*keys: \\[)[^\\]]*`), `$1"${publicKey(role)}"`);
  const roles = { "tech-lead": "lead", "delivery-delegate": "delivery", "security-delegate": "security" };
  appetite += "\nroles:\n" + Object.entries(roles).map(([role, name]) => `  ${role}: { keys: ["${publicKey(name)}"] }\n`).join("");
  const file = at("work", ".detente", "appetite.yml");
  writeFileSync(file, appetite.replace("budget: { exposure: 100", "budget: { exposure: 25"));
  for (const role of ["cio", "ciso"]) {
    run(folder, "ssh-keygen", "-q", "-Y", "sign", "-n", "detente-appetite", "-f", key(role), file);
    renameSync(`${file}.sig`, `${file}.${role}.sig`);
  }
  git("add", "-A");
  git("commit", "-q", "-m", "Agree the appetite");
  git("push", "-q", "origin", "HEAD:main");

  /** What the scanners find: everything of the base, and of the change what is named. */
  const reports = (now, { files = [], without = [] }) => {
    const to = at("reports");
    rmSync(to, { recursive: true, force: true });
    mkdirSync(to);
    const trivy = read("change/trivy.json"), semgrep = read("change/semgrep.json");
    const base = { trivy: read("base/trivy.json"), semgrep: read("base/semgrep.json") };
    const there = new Set(base.trivy.Results.flatMap(result => (result.Vulnerabilities ?? []).map(found => found.VulnerabilityID)));
    trivy.CreatedAt = now;
    for (const result of trivy.Results) {
      result.Vulnerabilities = (result.Vulnerabilities ?? []).filter(found => there.has(found.VulnerabilityID) && !without.some(name => found.PkgName.includes(name)));
    }
    const old = new Set(base.semgrep.results.map(result => result.path));
    const injection = semgrep.results.find(result => !old.has(result.path));
    semgrep.results = semgrep.results.filter(result => old.has(result.path));
    for (const name of files) {
      semgrep.results.push({ ...injection, path: `services/checkout/src/main/java/shop/${name}.java`, extra: { ...injection.extra, lines: injection.extra.lines.replace("orders", name.toLowerCase()) } });
    }
    writeFileSync(path.join(to, "trivy.json"), JSON.stringify(trivy));
    writeFileSync(path.join(to, "semgrep.json"), JSON.stringify(semgrep));
    writeFileSync(path.join(to, "gitleaks.sarif"), readFileSync(path.join(samples, "base/gitleaks.sarif")));
    return to;
  };
  const feeds = [`--kev=${path.join(samples, "kev.json")}`, `--epss=${path.join(samples, "epss.csv")}`];
  const onMain = (now, found) => {
    git("checkout", "-q", "main");
    detente([0, 1], "gate", reports(now, found), "--record", "--change", "branch/main", ...feeds, "--now", now);
  };
  const judge = (name, now, found, more = []) => {
    const text = detente([0, 1], "gate", reports(now, found), "--base", "origin/main", "--record", "--change", `branch/${name}`, "--format", "json", ...feeds, "--now", now, ...more);
    writeFileSync(at("brief.json"), text);
    return JSON.parse(text);
  };
  const begin = name => {
    git("checkout", "-q", "-B", name, "main");
    as("dev");
    writeFileSync(at("work", `${name}.txt`), `${name}\n`);
    git("add", "-A");
    git("commit", "-q", "-m", `Work on ${name}`);
  };
  const merge = name => {
    git("checkout", "-q", "main");
    as("dev");
    git("merge", "-q", "--no-ff", "-m", `Merge ${name}`, name);
    git("push", "-q", "origin", "main");
  };
  const choose = (who, option, now) => {
    as(who);
    detente([0, 1], "choose", option, "--reason", "as discussed", "--brief", at("brief.json"), "--key", key(who), "--now", now);
  };
  const open = now => {
    const events = detente([0], "ledger", "export", "--now", now).trim().split("\n").map(line => JSON.parse(line)).filter(record => record.commitment);
    const ended = new Set(events.filter(({ event }) => ["closed", "withdrawn"].includes(event.what)).map(record => record.commitment));
    return events.filter(({ event, commitment }) => event.what === "made" && !ended.has(commitment)).map(({ commitment, event }) => ({ id: commitment, due: event.promise.due, hours: event.promise.hours })).sort((a, b) => a.due.localeCompare(b.due));
  };
  /** Hours of work, as so many times what was estimated, on the first of what is promised. */
  const worked = (now, times) => {
    as("lead");
    const promises = open(now);
    times.forEach((share, number) => detente([0], "ledger", "worked", promises[number].id, (promises[number].hours * share).toFixed(1), "--key", key("lead"), "--now", now));
  };

  const small = (number, day) => { begin(`small-${number}`); judge(`small-${number}`, `${day}T09:00:00Z`, {}); };
  onMain("2026-10-05T08:00:00Z", {});
  small(1, "2026-10-06");
  small(2, "2026-10-08");
  // The fastest way, by two people; one of its promises is kept late.
  begin("search");
  judge("search", "2026-10-12T08:00:00Z", { files: ["Search", "Cart", "Wishlist"] });
  choose("security", "fastest", "2026-10-12T09:00:00Z");
  choose("delivery", "fastest", "2026-10-12T11:30:00Z");
  merge("search");
  onMain("2026-10-12T12:00:00Z", { files: ["Search", "Cart", "Wishlist"] });
  worked("2026-10-12T18:00:00Z", [1.3, 0.9]);
  onMain("2026-10-13T10:00:00Z", { files: ["Cart", "Wishlist"] });
  onMain("2026-10-14T09:00:00Z", { files: ["Wishlist"] });
  small(3, "2026-10-15");
  onMain("2026-10-26T09:00:00Z", {});
  // Balanced, by one; its promises are kept.
  begin("invoices");
  judge("invoices", "2026-11-03T08:00:00Z", { files: ["Invoices", "Refunds", "Vouchers"] });
  choose("security", "balanced", "2026-11-03T15:00:00Z");
  merge("invoices");
  onMain("2026-11-03T16:00:00Z", { files: ["Invoices", "Vouchers"] });
  worked("2026-11-03T18:00:00Z", [1.6, 1.1]);
  onMain("2026-11-04T12:00:00Z", { files: ["Invoices"] });
  onMain("2026-11-05T09:00:00Z", {});
  onMain("2026-11-12T09:00:00Z", { without: ["snakeyaml"] });
  // Nobody chose: the agreed default took effect; one of its promises is still open.
  begin("reports");
  judge("reports", "2026-11-17T08:00:00Z", { without: ["snakeyaml"], files: ["Reports", "Exports", "Archive"] });
  judge("reports", "2026-11-18T12:00:00Z", { without: ["snakeyaml"], files: ["Reports", "Exports", "Archive"] });
  merge("reports");
  onMain("2026-11-18T13:00:00Z", { without: ["snakeyaml"], files: ["Reports", "Exports"] });
  onMain("2026-11-19T09:00:00Z", { without: ["snakeyaml"], files: ["Exports"] });
  small(4, "2026-11-25");
  small(5, "2026-12-02");
  // The most secure way, by whoever leads the team.
  begin("login");
  judge("login", "2026-12-08T08:00:00Z", { without: ["snakeyaml"], files: ["Exports", "Login", "Session", "Tokens"] });
  choose("lead", "most-secure", "2026-12-08T08:40:00Z");
  merge("login");
  onMain("2026-12-11T12:00:00Z", { without: ["snakeyaml"], files: ["Exports"] });
  return at("work");
}
