// What a user does with the flame graph page, and what must come of it.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { launch, openTab } from "./chromium.mjs";
import { addServedTests } from "./served.mjs";

const [path, folder, goprof] = process.argv.slice(2);
const browser = await launch(path), tab = await openTab(browser);
const tests = [];
const test = (name, run) => tests.push({ name, run });
const url = name => pathToFileURL(resolve(folder, name + ".html")).href;
const text = id => tab.evaluate(`document.getElementById("${id}").textContent`);
const press = selector => tab.evaluate(`document.querySelector('${selector}').click()`).then(tab.settle);

function equal(actual, expected, what) {
	const [a, e] = [JSON.stringify(actual), JSON.stringify(expected)];
	if (a !== e)
		throw new Error(`${what}: ${a}, not ${e}`);
}

function ok(condition, what) {
	if (!condition)
		throw new Error(what);
}

// The folded stacks, as C wrote them: the numbers to compare with.
function folded(name) {
	return readFileSync(resolve(folder, name + ".folded"), "utf8").split("\n").filter(Boolean).map(line => {
		const cut = line.lastIndexOf(" ");
		return { frames: line.slice(0, cut).split(";"), value: Number(line.slice(cut + 1)) };
	});
}

const sum = stacks => stacks.reduce((total, stack) => total + stack.value, 0);
const percent = (part, whole) => part === 0 ? "0%" : part === whole ? "100%" : (100 * part / whole).toFixed(2) + "%";

// Where the graph stands: the middle of the box at a share of the width, in a row.
async function at(share, row) {
	const box = await tab.evaluate(`(() => { const b = document.getElementById("canvas").getBoundingClientRect();
		return { x: b.left, y: b.top, width: b.width }; })()`);
	return [box.x + share * box.width, box.y + row * 20 + 10];
}

async function nameAt(share, row) {
	await tab.hover(...await at(share, row));
	return text("detail-name");
}

const numbers = () => tab.evaluate(`Object.fromEntries([...document.querySelectorAll("#detail-numbers div")]
	.map(pair => [pair.children[0].textContent, pair.children[1].textContent]))`);
const rows = () => tab.evaluate(`[...document.querySelectorAll("#rows tr")].map(row => [...row.cells].map(cell => cell.textContent))`);

test("opens from disk without errors and fetches nothing", async () => {
	await tab.open(url("shares"));
	equal(tab.errors, [], "errors");
	equal(tab.requests.filter(request => !request.startsWith("about:")), [url("shares")], "requests");
	equal(await text("program"), "shares", "program");
	ok((await text("facts")).includes("1.00 s CPU time") || (await text("facts")).includes("1 s CPU time"), "facts: " + await text("facts"));
	ok((await text("badges")).includes("estimated from samples"), "badges: " + await text("badges"));
});

test("tells at once what is under the mouse", async () => {
	equal(await nameAt(0.1, 0), "all", "row 0");
	equal(await nameAt(0.9, 1), "main", "row 1");
	equal(await nameAt(0.2, 2), "parse", "left of row 2");
	equal((await numbers())["of all"], "50%".replace("50%", "50.00%"), "share of parse");
	equal(await nameAt(0.6, 2), "write", "middle of row 2");
	equal((await numbers()).self, "100 ms (10.00%)", "self of write");
	ok((await text("detail-place")).startsWith("shares.c:"), "place: " + await text("detail-place"));
});

test("zooms by click, keeps ancestors, and goes back", async () => {
	await tab.click(...await at(0.6, 2));
	ok((await tab.evaluate("location.hash")).includes("z="), "hash after the click");
	equal(await nameAt(0.02, 2), "write", "zoomed box");
	equal(await nameAt(0.02, 1), "main", "ancestor");
	equal(await nameAt(0.3, 3), "sys_write", "child");
	equal((await numbers())["of view"], "66.67%", "share of the view");
	ok((await text("crumbs")).includes("write"), "breadcrumb");
	await tab.evaluate("history.back()");
	await tab.settle();
	equal(await nameAt(0.02, 2), "parse", "after going back");
	await tab.click(...await at(0.6, 2));
	await tab.key("Escape");
	equal(await nameAt(0.02, 2), "parse", "after Escape");
});

test("search totals are those of the folded stacks", async () => {
	await tab.open(url("mixed"));
	const stacks = folded("mixed"), whole = sum(stacks);
	for (const [query, isRegexp] of [["pkg1", false], ["f3", false], ["main", false], ["^pkg[02]\\.f[1-4]$", true], [".", false], ["nowhere", false]]) {
		await tab.evaluate(`location.hash = "#q=${encodeURIComponent(query)}${isRegexp ? "&r=1" : ""}"`);
		await tab.settle();
		const matches = name => isRegexp ? new RegExp(query).test(name) : name.includes(query);
		const total = sum(stacks.filter(stack => stack.frames.some(matches)));
		const own = sum(stacks.filter(stack => matches(stack.frames.at(-1))));
		equal(await text("matched"), `matched ${percent(total, whole)} (self ${percent(own, whole)})`, query);
	}
});

test("the table holds the same numbers, and sorts", async () => {
	await tab.open(url("mixed") + "#p=table");
	const stacks = folded("mixed"), whole = sum(stacks), expected = new Map();
	for (const name of new Set(stacks.flatMap(stack => stack.frames)))
		expected.set(name, [percent(sum(stacks.filter(stack => stack.frames.at(-1) === name)), whole),
			percent(sum(stacks.filter(stack => stack.frames.includes(name))), whole)]);
	const shown = await rows();
	equal(shown.length, expected.size, "rows");
	for (const [, flat, , cum, name] of shown)
		equal([flat, cum], expected.get(name), name);
	const isFalling = (list, column) => list.every((row, i) => i === 0 || parseFloat(list[i - 1][column]) >= parseFloat(row[column]));
	ok(isFalling(shown, 1), "sorted by flat");
	await press('[data-sort="cum"]');
	ok(isFalling(await rows(), 3), "sorted by cum");
	equal((await rows())[0][4], "main", "first by cum");
	await press('[data-sort="name"]');
	const names = (await rows()).map(row => row[4]);
	equal(names, [...names].sort(), "sorted by name");
	equal(await tab.evaluate(`document.querySelectorAll("th[aria-sort]").length`), 1, "columns marked as sorted");
});

test("inverted: leaves first, callers below", async () => {
	await tab.open(url("shares"));
	await tab.key("i");
	equal(await nameAt(0.2, 1), "lex", "largest leaf");
	equal((await numbers())["of all"], "50.00%", "share of lex");
	equal(await nameAt(0.2, 2), "parse", "its caller");
	await tab.key("i");
	equal(await nameAt(0.2, 1), "main", "back to top-down");
});

test("sandwich: callers above, callees below, recursion once", async () => {
	await tab.click(...await at(0.2, 2));
	await tab.key("s");
	ok((await tab.evaluate("location.hash")).includes("v=sandwich"), "hash");
	equal(await nameAt(0.5, 0), "main", "caller");
	equal(await nameAt(0.5, 1), "parse", "the function");
	equal((await numbers())["of all"], "50.00%", "its share");
	equal(await nameAt(0.1, 2), "lex", "callee");
});

test("a saved page has call graph, peek and traces of its own", async () => {
	await tab.open(url("shares"));
	await tab.key("2");
	const boxes = await tab.evaluate(`[...document.querySelectorAll("svg.calls .node")].map(node => node.querySelector("text").textContent)`);
	equal(boxes.sort(), ["lex", "main", "parse", "std::vector::grow", "sys_write", "write"], "functions drawn");
	await tab.key("4");
	await tab.evaluate(`[...document.querySelectorAll("#pane button.name")].find(one => one.textContent === "lex").click()`);
	await tab.settle();
	ok(/Callers500 ms50.00%parse/.test(await text("pane")), "callers of lex: " + await text("pane"));
	await tab.key("5");
	const stacks = await tab.evaluate(`[...document.querySelectorAll("#pane .stack")].map(one => one.innerText.replace(/\\s+/g, " ").trim())`);
	const { data } = await tab.send("Page.captureScreenshot", { format: "png" });
	writeFileSync(resolve(folder, "saved-traces.png"), Buffer.from(data, "base64"));
	equal(stacks.sort(), ["200 ms lex parse parse main", "300 ms lex parse main"], "stacks through lex");
	await tab.key("1");
	equal(await nameAt(0.2, 2), "parse", "the graph is back");
	equal(tab.errors, [], "errors");
});

// The folded stacks of a saved page as its filters leave them.
const refined = () => tab.evaluate(`(() => { const { tree, frames, sums } = Model.decode(JSON.parse(document.getElementById("profile").textContent), Refine.apply), { self } = sums(0), out = [];
	for (let i = 1; i < tree.count; i++) {
		const stack = [];
		for (let up = i; up > 0; up = tree.parent[up])
			stack.unshift(frames.name[tree.frame[up]]);
		if (self[i] !== 0)
			out.push(stack.join(";") + " " + self[i]);
	}
	return out.sort(); })()`);

test("a saved page filters as the reports do", async () => {
	const flags = { f: "focus", i: "ignore", h: "hide", s: "show", sf: "show_from", tf: "tagfocus", ti: "tagignore", tr: "tagroot" };
	const check = async (name, options) => {
		await tab.open(url(name) + "?" + new URLSearchParams(options));
		equal(tab.errors, [], "errors");
		const given = Object.entries(options).map(([key, value]) => `-${flags[key]}=${value}`);
		const lines = execFileSync(goprof, ["-folded", "-sample_index=0", ...given, resolve(folder, name + ".pb")], { stdio: ["ignore", "pipe", "ignore"] }).toString();
		equal(await refined(), lines.split("\n").filter(Boolean).sort(), `${name} ${given}`);
	};
	for (const options of [{ f: "pkg1" }, { i: "pkg1\\.f3|f5" }, { h: "pkg0" }, { s: "f[24]$" }, { sf: "pkg2" }, { f: "pkg1", h: "f3", sf: "pkg" }, { f: "pkg0", i: "f6", s: "pkg" }])
		await check("mixed", options);
	for (const options of [{ tf: "tenant=^ant$" }, { ti: "tenant=bee" }, { tr: "tenant" }, { tr: "tenant", f: "serve" }, { tf: "tenant:bee,.", h: "main" }, { tr: "tenant", sf: "^ant$" }])
		await check("labelled", options);
});

test("a saved page has chips, labels and the menu at the pointer", async () => {
	await tab.open(url("labelled"));
	await tab.key("6");
	equal(await tab.evaluate(`[...document.querySelectorAll("#pane .tags tr")].map(row => [...row.cells].map(cell => cell.textContent))`),
		[["600 ms", "60.00%", "ant"], ["300 ms", "30.00%", "bee <b>"]], "labels");
	await tab.navigates(`[...document.querySelectorAll("#pane .tags button.name")].find(one => one.textContent === "ant").click()`);
	equal(await text("chips"), "tagfocus tenant=^ant$×", "chip");
	equal((await text("facts")).split(" · ")[0], "600 ms CPU time", "what is left");
	await tab.navigates(`document.querySelector(".chip .remove").click()`);
	equal((await text("facts")).split(" · ")[0], "1 s CPU time", "without the chip");
	await tab.key("1");
	await tab.evaluate(`document.getElementById("canvas").dispatchEvent(new MouseEvent("contextmenu", { bubbles: true, cancelable: true,
		...(([x, y]) => ({ clientX: x, clientY: y }))(${JSON.stringify(await at(0.2, 2))}) }))`);
	equal(await tab.evaluate(`[...document.querySelectorAll("#menu button")].map(one => one.textContent).length`), 8, "what the menu offers");
	await tab.navigates(`document.querySelector("#menu button:nth-of-type(2)").click()`);
	equal((await text("facts")).split(" · ")[0], "100 ms CPU time", "without serve");
	equal(await nameAt(0.5, 2), "idle", "what is left of it");
	await tab.open(url("labelled") + "?f=nowhere");
	ok((await text("empty")).startsWith("The filters leave nothing"), "words: " + await text("empty"));
	await tab.open(url("labelled") + "?f=(");
	ok((await text("badges")).includes("focus is not a pattern"), "badges: " + await text("badges"));
	equal(tab.errors, [], "errors");
});

test("a saved page shows source with what lines weigh", async () => {
	mkdirSync(resolve(folder, "src"), { recursive: true });
	writeFileSync(resolve(folder, "src/shares.c"), Array.from({ length: 200 }, (_, i) => `int line_${i + 1};\n`).join(""));
	execFileSync(goprof, ["-flamegraph", `-source_path=${resolve(folder, "src")}`, `-output=${resolve(folder, "sourced.html")}`, resolve(folder, "shares.pb")], { stdio: "ignore" });
	const choose = name => tab.evaluate(`[...document.querySelectorAll("#pane button.name")].find(one => one.textContent === "${name}").click()`).then(tab.settle);
	await tab.open(url("sourced"));
	await tab.key("3");
	await choose("lex");
	const lines = await tab.evaluate(`[...document.querySelectorAll("#pane .line")].map(row => [...row.children].map(cell => cell.textContent.trim()))`);
	const heavy = lines.filter(([flat, cum]) => flat !== "" || cum !== "");
	equal(heavy, [["500 ms", "500 ms", heavy[0][2], `int line_${heavy[0][2]};`]], "lines that weigh something");
	equal(lines.length, 11, "lines around it");
	ok(lines.every(([, , number, words]) => words === `int line_${number};`), "texts beside their numbers");
	const { data } = await tab.send("Page.captureScreenshot", { format: "png" });
	writeFileSync(resolve(folder, "saved-source.png"), Buffer.from(data, "base64"));
	await tab.navigates(`location.search = "?i=parse"`);
	ok((await text("pane")).includes("without its filters"), "words about filters: " + await text("pane"));
	equal(tab.errors, [], "errors");
	await tab.open(url("shares"));
	await tab.key("3");
	await choose("lex");
	ok((await text("pane")).includes("The source is not at hand: could not find file shares.c"), "a file that is missing: " + await text("pane"));
});

test("switches the value", async () => {
	await tab.open(url("shares"));
	equal((await numbers()).total, "1 s", "of CPU time");
	await tab.key("v");
	equal((await numbers()).total, "100", "of samples");
	equal(await tab.evaluate(`document.getElementById("type").value`), "0", "menu");
});

test("works by keyboard alone", async () => {
	await tab.open(url("shares"));
	await tab.key("ArrowDown");
	await tab.key("ArrowDown");
	await tab.key("ArrowRight");
	equal(await text("detail-name"), "write", "after three arrows");
	await tab.key("Enter");
	equal(await nameAt(0.02, 2), "write", "after Enter");
	await tab.key("Backspace");
	await tab.key("Escape");
	await tab.key("/");
	await tab.type("lex");
	await tab.key("Enter");
	equal(await text("matched"), "matched 50.00% (self 50.00%)", "totals");
	equal(await text("detail-name"), "lex", "first match");
	await tab.key("?");
	equal(await tab.evaluate(`document.getElementById("keys").open`), true, "help");
	await tab.key("Escape");
	await tab.key("t");
	equal(await tab.evaluate(`getComputedStyle(document.getElementById("graph-pane")).display`), "none", "table alone");
});

test("follows the system's dark mode, and the button", async () => {
	const theme = () => tab.evaluate("document.documentElement.dataset.theme");
	const emulate = value => tab.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value }] });
	await tab.evaluate("localStorage.clear()");
	await emulate("dark");
	await tab.open(url("shares"));
	equal(await theme(), "dark", "system");
	await tab.key("d");
	equal(await theme(), "light", "after d");
	await tab.open(url("shares"));
	equal(await theme(), "light", "remembered");
	await tab.evaluate("localStorage.clear()");
	await emulate("light");
});

test("hostile names are only text", async () => {
	await tab.open(url("hostile") + "#p=both");
	equal(tab.errors, [], "errors");
	equal(await tab.evaluate("typeof window.pwned"), "undefined", "script of a name");
	equal(await tab.evaluate("document.images.length"), 0, "images");
	const names = (await rows()).map(row => row[4]).join("\n");
	ok(names.includes("</script><script>window.pwned=1</script>"), "name shown as it is");
	ok(!/[\u202a-\u202e]/.test(names), "no direction marks left");
	equal((await rows()).length, 9, "rows");
	for (let i = 0; i < 7; i++)
		await nameAt((i + 0.5) / 7, 1);
	equal(tab.errors, [], "errors after hovering");
});

test("an empty profile says why, and one frame is enough", async () => {
	await tab.open(url("empty"));
	equal(tab.errors, [], "errors");
	ok((await text("empty")).startsWith("No CPU time in this profile"), "words: " + await text("empty"));
	await tab.open(url("one"));
	equal(await nameAt(0.5, 1), "main", "one frame");
});

test("3000 frames deep: scrolls, and the canvas stays small", async () => {
	await tab.open(url("deep"));
	ok(await tab.evaluate("canvas.height < 2000 && scroller.scrollHeight > 3000 * 20"), "sizes");
	await tab.evaluate("scroller.scrollTop = 1e9");
	await tab.settle();
	ok((await nameAt(0.5, 3)).startsWith("f"), "deepest rows");
	equal(tab.errors, [], "errors");
});

test("shrugs off addresses that mean nothing here", async () => {
	for (const hash of ["#v=sandwich", "#t=99", "#f=zap", "#z=9.9.9", "#z=::", "#p=x&v=y&s=z&o=w", "#q=[&r=1", "#%%%"]) {
		await tab.open(url("shares") + hash);
		equal(tab.errors, [], "errors with " + hash);
		equal(await nameAt(0.05, 1), "main", "graph with " + hash);
	}
});

test("fits a narrow window", async () => {
	await tab.size(360, 640);
	await tab.open(url("mixed") + "#p=both");
	ok(await tab.evaluate("document.documentElement.scrollWidth <= 360"), "no sideways scrolling");
	await tab.open(url("mixed"));
	const share = () => tab.evaluate(`document.getElementById("graph-pane").offsetHeight / innerHeight`);
	ok(await share() > 0.52, `the graph has most of the window: ${await share()}`);
	const { data } = await tab.send("Page.captureScreenshot", { format: "png" });
	writeFileSync(resolve(folder, "narrow.png"), Buffer.from(data, "base64"));
	const isThere = id => tab.evaluate(`document.getElementById("${id}").offsetHeight > 0`);
	equal(await isThere("search"), false, "search folded away");
	await press("#controls");
	equal([await isThere("search"), await isThere("filter")], [true, true], "unfolded by the button");
	await press("#controls");
	await tab.key("/");
	equal(await tab.evaluate("document.activeElement.id"), "search", "unfolded by the key");
	await tab.size(1280, 800);
});

const stopServers = addServedTests({ test, tab, text, press, equal, ok, at, nameAt, numbers, folder, goprof });

let failed = 0;
await tab.size(1280, 800);
for (const { name, run } of tests) {
	try {
		await run();
	} catch (error) {
		failed++;
		console.log(`FAIL ${name}: ${error.message}`);
	}
}
stopServers();
await browser.close();
console.log(`browser: ${tests.length - failed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
