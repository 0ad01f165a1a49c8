// The pages that goprof serves: views, filters, menus, sharing, live processes.
import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

export function addServedTests({ test, tab, text, press, equal, ok, at, nameAt, numbers, folder, goprof }) {
	const children = [];
	const hasDot = (process.env.PATH || "").split(":").some(bin => existsSync(resolve(bin, "dot")));

	// Starts a server; resolves to the address it prints.
	const serve = (...words) => serveWith({}, ...words);

	function serveWith(environment, ...words) {
		const child = spawn(goprof, ["web", "--no-browser", ...words], { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, TMPDIR: resolve(folder), ...environment } });
		children.push(child);
		let said = "";
		return new Promise((done, fail) => {
			child.stderr.setEncoding("utf8").on("data", piece => {
				const address = /Serving web UI on (\S+)/.exec(said += piece);
				if (address)
					done(address[1]);
			});
			child.on("exit", () => fail(new Error(said)));
		});
	}

	const of = name => resolve(folder, name + ".pb");

	async function until(expression, what) {
		for (let i = 0; i < 400; i++) {
			if (await tab.evaluate(expression).catch(() => false))
				return tab.settle();
			await new Promise(next => setTimeout(next, 50));
		}
		throw new Error(`${what} never came; ${await tab.evaluate("location.href + \" says: \" + document.body.innerText.slice(0, 300)")}`);
	}

	// Before it is complete, going elsewhere replaces a page rather than adding one.
	const isDrawn = `document.readyState === "complete" && document.getElementById("rows") && document.querySelector("#tabs") && document.getElementById("detail-name").textContent !== ""`;

	async function open(address) {
		// A history that has reached its limit forgets pages while it grows.
		await tab.send("Page.resetNavigationHistory");
		await tab.open(address);
		await until(isDrawn, "the flame graph");
	}

	async function screenshot(name) {
		const { data } = await tab.send("Page.captureScreenshot", { format: "png" });
		writeFileSync(resolve(folder, name + ".png"), Buffer.from(data, "base64"));
	}

	const chips = () => tab.evaluate(`[...document.querySelectorAll("#chips .chip")].map(chip => chip.title)`);
	const pane = () => text("pane");
	const navigated = async (act, what) => {
		const before = await tab.evaluate("performance.timeOrigin");
		await act().catch(() => {}); // the page it was said in may go before it answers
		await until(`performance.timeOrigin !== ${before} && ${isDrawn}`, what);
	};
	const filter = (kind, words) => navigated(() => tab.evaluate(`document.getElementById("filter-kind").value = "${kind}";
		document.getElementById("filter").value = "${words}"; document.querySelector("#filters form").requestSubmit(); 0`), "the filtered page");
	const follow = (selector, what) => navigated(() => tab.evaluate(`document.querySelector('${selector}').click(); 0`), what);
	const back = () => navigated(() => tab.evaluate("history.back(); 0"), "the page before");
	const showPane = async (key, what) => {
		await tab.key(key);
		await until(what, "the view of key " + key);
	};

	let shares;
	test("served: draws the profile and asks nobody else", async () => {
		await open(shares = await serve(of("shares")));
		equal(tab.errors, [], "errors");
		const strangers = tab.requests.filter(one => !one.startsWith(shares) && !/^(about|data):/.test(one));
		equal(strangers, [], "requests to others");
		equal(await text("program"), "shares", "program");
		equal(await nameAt(0.25, 2), "parse", "hover");
		await screenshot("served-flame");
	});

	test("served: filters are chips, in the address, and go back", async () => {
		await open(shares);
		await filter("f", "write");
		equal(await chips(), ["write"], "chips");
		ok((await text("facts")).startsWith("300 ms"), "facts: " + await text("facts"));
		ok(await tab.evaluate(`location.search === "?f=write"`), "address");
		await filter("i", "sys_");
		equal(await chips(), ["write", "sys_"], "two chips");
		ok((await text("facts")).startsWith("100 ms"), "facts: " + await text("facts"));
		await screenshot("served-chips");
		await follow("#chips .chip .remove", "the page without the chip");
		equal(await chips(), ["sys_"], "chips after removing one");
		await back();
		equal(await chips(), ["write", "sys_"], "back");
		await back();
		await back();
		equal(await chips(), [], "back to the start");
	});

	test("served: a filter of the command line is a chip that can be removed", async () => {
		await open(await serve("-focus=parse", of("shares")));
		equal(await chips(), ["parse"], "chips");
		await follow("#chips .chip .remove", "the page without it");
		equal(await chips(), [], "chips");
		ok((await text("facts")).startsWith("1"), "facts: " + await text("facts"));
	});

	test("served: a wrong pattern is said, not drawn", async () => {
		await tab.open(shares + "?f=%5B");
		await until(`document.querySelector("#pane .warn")`, "the sentence");
		ok((await pane()).length > 10, "sentence: " + await pane());
		ok((await chips()).length === 1, "its chip is there to remove");
		await tab.open(shares + "?f=nothing_has_this_name");
		await until(`document.querySelector("#empty h2")`, "the explanation");
		ok((await text("empty")).includes("filters leave nothing"), await text("empty"));
	});

	test("served: the menu at the pointer", async () => {
		await open(shares);
		const [x, y] = await at(0.25, 2);
		await tab.hover(x, y);
		for (const type of ["mousePressed", "mouseReleased"])
			await tab.mouse(type, x, y, { button: "right", clickCount: 1 });
		await until(`document.getElementById("menu").open`, "the menu");
		equal(await tab.evaluate(`document.querySelector("#menu h2").textContent`), "parse", "its title");
		await screenshot("served-menu");
		await navigated(() => tab.evaluate(`[...document.querySelectorAll("#menu button")].find(one => one.textContent.startsWith("Ignore")).click(); 0`), "the page without parse");
		equal(await chips(), ["^parse$"], "chips");
		ok((await text("facts")).startsWith("500 ms"), "facts: " + await text("facts"));
	});

	test("served: the same function is selected from view to view", async () => {
		await open(shares);
		await tab.evaluate(`document.querySelector("[data-show=both]").click()`);
		await tab.evaluate(`[...document.querySelectorAll("#rows tr")].find(row => row.cells[4].textContent === "lex").click()`);
		await showPane("4", `document.getElementById("pane").textContent.includes("calls%")`);
		ok(/parse\n[^]*\| lex/.test(await pane()), "peek of lex: " + await pane());
		await screenshot("served-peek");
		await showPane("5", `document.querySelector("#pane pre")`);
		ok((await pane()).includes("through lex") && !(await pane()).includes("write"), "traces of lex: " + await pane());
		await showPane("2", `document.querySelector("#pane svg, #pane pre")`);
		if (await tab.evaluate(`document.querySelector("#pane svg") !== null`))
			ok(await tab.evaluate(`document.querySelector("#pane .chosen") !== null`), "lex is marked in the call graph");
		await screenshot("served-callgraph");
		await showPane("3", `document.querySelector("#pane .source, #pane .warn")`);
		ok(/lex|no source|not/.test(await pane()), "source of lex: " + await pane());
		await showPane("1", `document.getElementById("pane").hidden`);
		equal(await tab.evaluate(`document.querySelector("#rows [aria-selected=true]").cells[4].textContent`), "lex", "selection");
		equal(tab.errors.filter(one => !one.includes("422")), [], "errors");
	});

	test("served: a call graph without graphviz", async () => {
		await open(await serveWith({ PATH: "/nonexistent" }, of("shares")) + "#w=callgraph");
		await until(`document.querySelector("#pane svg.calls")`, "the page's own drawing");
		ok((await pane()).includes("graphviz"), "says why: " + await pane());
		const boxes = () => tab.evaluate(`[...document.querySelectorAll("svg.calls .node")].map(node => [...node.querySelectorAll("text")].map(one => one.textContent))`);
		ok((await boxes()).some(([name, flat, cum]) => name === "parse" && flat === "0 (0%)" && cum === "of 500 ms (50.00%)"), "parse: " + JSON.stringify(await boxes()));
		const calls = () => tab.evaluate(`[...document.querySelectorAll("svg.calls path.call title")].map(one => one.textContent)`);
		ok((await calls()).includes("main → parse: 500 ms") && (await calls()).includes("parse → lex: 500 ms"), "calls: " + await calls());
		await screenshot("served-own-graph");
		await tab.evaluate(`[...document.querySelectorAll("svg.calls .node")].find(node => node.textContent.includes("sys_write")).dispatchEvent(new Event("click", { bubbles: true }))`);
		await until(`document.querySelector("svg.calls .chosen")`, "the selected one");
		equal((await boxes()).length, 3, "only what leads to it");
		await open(await serveWith({ PATH: "/nonexistent" }, resolve(folder, "../../tests/golden/profiles/go_cpu.pb.gz")) + "#w=callgraph");
		await until(`document.querySelector("#pane svg.calls")`, "a larger one");
		await screenshot("served-own-graph-large");
		equal(tab.errors.filter(one => !one.includes("422")), [], "errors");
	});

	test("served: a click in peek moves the selection", async () => {
		await open(shares + "#w=peek");
		await until(`document.querySelector("#pane .choice")`, "functions to choose from");
		await press("#pane .choice button.name");
		await until(`document.getElementById("pane").textContent.includes("calls%")`, "peek");
		await tab.evaluate(`[...document.querySelectorAll("#pane pre .name")].find(one => one.textContent === "parse").click()`);
		await until(`/\\| parse\\n/.test(document.getElementById("pane").textContent)`, "peek of parse");
		await tab.evaluate("history.back(); 0");
		await until(`!/\\| parse\\n/.test(document.getElementById("pane").textContent)`, "the one before");
	});

	test("served: labels filter and group", async () => {
		const address = await serve(of("labelled"));
		await open(address + "#w=tags");
		await until(`document.querySelector("#pane .tags")`, "labels");
		ok((await pane()).includes("bee <b>"), "labels: " + await pane());
		await screenshot("served-labels");
		await tab.evaluate(`location.hash = ""`);
		await tab.settle();
		await press("#labels summary");
		await until(`document.querySelector("#labels li")`, "the menu of labels");
		await navigated(() => tab.evaluate(`[...document.querySelectorAll("#labels li button")].find(one => one.textContent.startsWith("bee")).click(); 0`), "one label");
		ok((await text("facts")).startsWith("300 ms"), "facts: " + await text("facts"));
		await back();
		await press("#labels summary");
		await until(`document.querySelector("#labels h3 button")`, "the menu of labels");
		await follow("#labels h3 button", "groups");
		equal(await nameAt(0.2, 1), "ant", "group by label");
	});

	test("served: one box a line, an address, a file", async () => {
		await open(shares);
		await navigated(() => tab.evaluate(`(() => { const menu = document.getElementById("granularity"); menu.value = "files";
			menu.dispatchEvent(new Event("change")); return 0; })()`), "files");
		equal(await nameAt(0.25, 1), "shares.c", "file");
	});

	test("served: values in a chosen unit, in every view", async () => {
		await open(shares);
		await navigated(() => tab.evaluate(`(() => { const menu = document.getElementById("unit"); menu.value = "ms";
			menu.dispatchEvent(new Event("change")); return 0; })()`), "milliseconds");
		ok((await text("facts")).startsWith("1,000 ms"), "facts: " + await text("facts"));
		await tab.evaluate(`location.hash = "#w=peek&f=0"`);
		await until(`document.getElementById("pane").textContent.includes("calls%")`, "peek");
		ok(/\d+ms/.test(await pane()) && !/\ds /.test(await pane()), "peek: " + await pane());
	});

	test("served: by keyboard alone", async () => {
		await open(shares);
		await tab.key("?");
		const keys = await text("keys");
		for (const words of ["type a filter", "call graph", "labels", "save as one file", "menu of the function"])
			ok(keys.includes(words), `${words} in ${keys}`);
		await tab.key("Escape");
		await tab.key("x");
		await tab.type("parse");
		await navigated(() => tab.key("Enter"), "the filtered page");
		equal(await chips(), ["parse"], "chips");
		await tab.evaluate(`document.getElementById("canvas").focus()`);
		await tab.key("ArrowDown");
		await tab.key("ArrowDown");
		await tab.key("m");
		await until(`document.getElementById("menu").open`, "the menu");
		await tab.key("Escape");
		equal(await tab.evaluate(`document.getElementById("menu").open`), false, "the menu closes");
		const order = await tab.evaluate(`[...document.querySelectorAll("button, input, select, summary, a.button")]
			.filter(one => one.offsetParent !== null && one.tabIndex < 0 && !one.closest("thead")).length`);
		equal(order, 0, "controls out of the keyboard's reach");
	});

	test("served: dark, narrow, and at 200%", async () => {
		await tab.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: "dark" }] });
		await open(shares);
		equal(await tab.evaluate("document.documentElement.dataset.theme"), "dark", "theme");
		await screenshot("served-dark");
		await tab.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: "light" }] });
		for (const [width, height] of [[640, 400], [360, 640]]) {
			await tab.size(width, height);
			for (const hash of ["", "#w=peek", "#w=tags"]) {
				await tab.open(shares + hash);
				await until(isDrawn, "the page");
				ok(await tab.evaluate(`document.documentElement.scrollWidth <= ${width}`), `no sideways scrolling at ${width}${hash}`);
			}
		}
		await tab.open(shares);
		await until(isDrawn, "the page");
		await screenshot("served-narrow");
		await tab.size(1280, 800);
	});

	test("served: hostile names stay text in every view", async () => {
		const address = await serve(of("hostile"));
		for (const hash of ["", "#w=callgraph", "#w=traces", "#w=tags", "#w=peek&f=0", "#w=source&f=1", "#w=peek&f=4", "#f=5&p=both"]) {
			await tab.open(address + hash);
			await until(isDrawn, "the page");
			await tab.settle();
			equal(await tab.evaluate("window.pwned"), undefined, "script of a name with " + hash);
			equal(tab.errors.filter(one => !/42[0-9]/.test(one)), [], "errors with " + hash);
			if (hash === "#w=callgraph" && hasDot)
				equal(await tab.evaluate(`document.querySelectorAll("#pane .drawing:not(.own) g.node").length`), 10, "boxes that graphviz drew, and its legend");
			equal(await tab.evaluate(`document.querySelectorAll("img, #pane script").length`), 0, "elements of a name with " + hash);
		}
	});

	test("served: shared as one file that needs no server", async () => {
		await open(shares + "?f=parse");
		const saved = await tab.evaluate(`fetch(document.getElementById("share").href).then(answer => answer.text())`);
		writeFileSync(resolve(folder, "shared.html"), saved);
		await tab.open(pathToFileURL(resolve(folder, "shared.html")).href);
		equal(tab.errors, [], "errors");
		equal(tab.requests.filter(one => !/^(about|data):/.test(one)).length, 1, "requests");
		ok((await text("badges")).includes("focus=parse"), "badges: " + await text("badges"));
		equal(await nameAt(0.25, 2), "parse", "the same graph");
	});

	test("served: a difference of two profiles", async () => {
		await open(await serve("-diff_base=" + of("shares"), of("changed")) + "#p=both&s=cum");
		equal(tab.errors, [], "errors");
		ok((await text("facts")).startsWith("CPU time: 1 s before, 1.75 s after"), "facts: " + await text("facts"));
		ok(/less than before.*more than before.*chance.*new.*gone/.test(await text("legend")), "legend: " + await text("legend"));
		const change = name => tab.evaluate(`(() => { const row = [...document.querySelectorAll("#rows tr")].find(one => one.cells[4].textContent === "${name}");
			row.dispatchEvent(new Event("mouseover", { bubbles: true })); return [row.cells[2].textContent, row.cells[3].textContent]; })()`);
		equal(await change("lex"), ["620 ms", "62.00%"], "lex");
		equal(await change("sys_write"), ["-200 ms", "-20.00%"], "sys_write, of the total before");
		await screenshot("served-diff");
		await tab.key("e");
		ok((await text("facts")).startsWith("CPU time: 1.75 s before, 1.75 s after"), "normalised facts: " + await text("facts"));
		equal(await change("sys_write"), ["-350 ms", "-20.00%"], "sys_write, normalised");
		ok(await tab.evaluate(`location.hash.includes("e=1")`), "in the address");
		await tab.evaluate(`[...document.querySelectorAll("#rows tr")].find(one => one.cells[4].textContent === "sys_write").click()`);
		await showPane("4", `document.getElementById("pane").textContent.includes("calls%")`);
		ok(/-350ms 20/.test(await pane()), "peek knows it: " + await pane());
		await tab.key("1");
		await tab.key("e");
		await tab.evaluate(`location.hash = "#v=inverted"`);
		await tab.settle();
		const seen = [];
		for (let share = 0.01; share < 1; share += 0.02)
			seen.push(await nameAt(share, 1) + " " + (await numbers()).change);
		ok(seen.includes("flush new") && seen.includes("sys_write gone"), "new and gone: " + [...new Set(seen)]);
		await screenshot("served-diff-inverted");
	});

	test("served: a live process is measured at a click", async () => {
		const busy = spawn("sh", ["-c", "while :; do :; done"], { stdio: "ignore" });
		children.push(busy);
		await tab.open(await serve(String(busy.pid)));
		await until(`document.querySelector("[data-kind]")`, "what it can give");
		await screenshot("served-live");
		await tab.evaluate(`document.querySelector(".seconds").value = 1; document.querySelector("[data-kind=cpu]").click(); 0`);
		await until(`(${isDrawn}) || document.querySelector(".warn")?.textContent`, "a profile or why there is none");
		const why = await tab.evaluate(`document.querySelector("#pane .warn")?.textContent || ""`);
		if (why === "") {
			ok((await text("facts")).includes("recorded"), "facts: " + await text("facts"));
			await follow("#refresh", "the refreshing page");
			await until(`new URLSearchParams(location.search).get("p") === "2"`, "the next profile");
			await follow("#refresh", "the page that stays");
			await compares();
		} else
			ok(/perf|permi|kernel|no process/.test(why), "why not: " + why);
		busy.kill("SIGKILL");
	});

	test("served: numbers, lines and a heap dump of a live Go program", async () => {
		const program = resolve(folder, "collector");
		if (!existsSync(program))
			return;
		const go = spawn(program, [], { stdio: "ignore" });
		children.push(go);
		await tab.open(await serve(String(go.pid)));
		await until(`document.querySelector("[data-read=memory]")`, "what it can give");
		await press("[data-read=memory]");
		await until(`document.querySelector(".reading pre").textContent.includes("live heap")`, "its memory");
		await press("[data-read=gctrace]");
		await until(`/^gc \\d+ @/m.test(document.querySelector(".reading pre").textContent)`, "a collection");
		await dumps("main.node");
		await screenshot("served-dump");
		go.kill("SIGKILL");
	});

	test("served: why there is no heap dump", async () => {
		const keeps = spawn(resolve(folder, "keeps"), [], { stdio: ["pipe", "pipe", "ignore"], env: { ...process.env, GOPROF: "cpu=1" } });
		children.push(keeps);
		await new Promise(done => keeps.stdout.once("data", done));
		await tab.open(await serve(String(keeps.pid)));
		await until(`document.querySelector("[data-dump]")`, "the button");
		await press("[data-dump]");
		await until(`document.querySelector(".recordings").textContent.includes("GOPROF=heap=1")`, "what to do");
		keeps.kill("SIGKILL");
	});

	test("served: progress in percent, and cancel", async () => {
		const keeps = spawn(resolve(folder, "keeps"), [], { stdio: ["pipe", "pipe", "ignore"], env: { ...process.env, GOPROF: "heap=1" } });
		children.push(keeps);
		await new Promise(done => keeps.stdout.once("data", done));
		await tab.open(await serve(String(keeps.pid)));
		await until(`document.querySelector("[data-kind=heap]")`, "the kinds");
		await tab.evaluate(`(() => { document.querySelector("#change").checked = true; document.querySelector(".take .seconds").value = "60"; document.querySelector("[data-kind=heap]").click(); })()`);
		await until(`/heap of process \\d+: [1-9]\\d*% \\(\\d+ of 60 s\\)/.test(document.querySelector(".recordings").textContent)`, "its progress");
		await tab.evaluate(`[...document.querySelectorAll(".recordings button")].find(one => one.textContent === "Cancel").click(); 0`);
		await until(`document.querySelectorAll(".recordings li").length === 0`, "the end of it");
		equal(tab.errors, [], "errors");
		keeps.kill("SIGKILL");
	});

	test("served: source with its instructions, of a live Go program's allocations", async () => {
		const program = resolve(folder, "profiles");
		if (!existsSync(program))
			return;
		const go = spawn(program, [resolve(folder, "said")], { stdio: ["ignore", "pipe", "ignore"] });
		children.push(go);
		await new Promise(done => go.stdout.once("data", done));
		await tab.open(await serve(String(go.pid)));
		await until(`document.querySelector("[data-kind=allocs]")`, "what it can give");
		await navigated(() => tab.evaluate(`document.querySelector("[data-kind=allocs]").click(); 0`), "its allocations");
		await tab.evaluate(`document.querySelector("[data-show=both]").click()`);
		await tab.evaluate(`[...document.querySelectorAll("#rows tr")].find(row => row.cells[4].textContent === "main.allocate").click()`);
		await showPane("3", `document.querySelector("#pane .source")`);
		const lines = await tab.evaluate(`[...document.querySelectorAll("#pane .line")].map(one => one.textContent)`);
		ok(lines.some(line => line.includes("chain = &node{next: chain}")), "its lines: " + (await pane()).slice(0, 300));
		ok(await tab.evaluate(`[...document.querySelectorAll("#pane .line .heat")].some(one => one.style.getPropertyValue("--heat") !== "")`), "heat");
		const code = await tab.evaluate(`document.querySelector("#pane .code").textContent`);
		ok(/^Instructions of line \d+/.test(code) && /CALL|call/.test(code), "its instructions: " + code.slice(0, 300));
		await screenshot("served-source");
		await tab.size(640, 400); // what a window of 1280 pixels has at 200%
		ok(await tab.evaluate(`document.documentElement.scrollWidth <= 640`), "no sideways scrolling at 200%");
		await tab.size(1280, 800);
		equal(tab.errors, [], "errors");
		go.kill("SIGKILL");
	});

	test("served: a heap dump of a recorded C program", async () => {
		const keeps = spawn(resolve(folder, "keeps"), [], { stdio: ["pipe", "pipe", "ignore"],
			env: { ...process.env, GOPROF: "heap=1" } });
		children.push(keeps);
		await new Promise(done => keeps.stdout.once("data", done));
		await tab.open(await serve(String(keeps.pid)));
		await until(`document.querySelector("[data-dump]")`, "what it can give");
		await dumps("32 bytes");
		ok(/1000\s+32000\s+32000\s+32 bytes/.test(await tab.evaluate("document.body.innerText")), "the blocks of its list");
		await screenshot("served-dump-c");
		keeps.kill("SIGKILL");
	});

	// Takes a heap dump of the process whose page is open, and looks for a type or site in its pages.
	async function dumps(name) {
		const find = `[...document.querySelectorAll(".recordings button")].find(one => one.textContent === "Look into it")`;
		await press("[data-dump]");
		await until(find, "the dump");
		await tab.evaluate(`${find}.click(); 0`);
		await until(`document.querySelector(".recordings a[target]")`, "the link to its pages");
		await screenshot("served-live-dump");
		equal(tab.errors, [], "errors");
		await tab.open(await tab.evaluate(`document.querySelector(".recordings a[target]").href`));
		await until(`document.body.textContent.includes("${name}")`, "the pages on the dump");
	}

	// Two profiles taken one after the other, the second less the first.
	async function compares() {
		await navigated(() => tab.evaluate(`(() => { const menu = document.getElementById("base"); menu.selectedIndex = 1;
			menu.dispatchEvent(new Event("change")); return 0; })()`), "the difference");
		ok(/before, .* after/.test(await text("facts")), "facts: " + await text("facts"));
		ok((await text("legend")).includes("less than before"), "legend: " + await text("legend"));
		await screenshot("served-live-diff");
		await tab.key("e");
		ok(/CPU time: (\S+ \S+) before, \1 after/.test(await text("facts")), "normalised: " + await text("facts"));
		await showPane("5", `document.querySelector("#pane pre")`);
		await tab.key("1");
		await navigated(() => tab.evaluate(`(() => { const menu = document.getElementById("base"); menu.value = "";
			menu.dispatchEvent(new Event("change")); return 0; })()`), "one profile again");
		ok(!/before/.test(await text("facts")), "facts: " + await text("facts"));
	}

	return () => children.forEach(child => child.kill("SIGKILL"));
}
