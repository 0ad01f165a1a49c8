
// The views beside the flame graph, asked for when they are looked at. The function that is
// selected in one is selected in all.
const Panes = (() => {
	const TRACES_MAX = 2 ** 21;
	const PANES = [["", "Flame graph", "1"], ["callgraph", "Call graph", "2"], ["source", "Source", "3"], ["peek", "Peek", "4"],
		["traces", "Traces", "5"], ["tags", "Labels", "6"]];
	let app = null, names = null, shown = "", drawn = 0;

	const selected = now => now.frame >= 0 ? app.profile.frames.name[now.frame] : "";
	const options = now => ({ si: app.profile.types[now.type].type, ...(now.isEven ? { even: "1" } : {}) });

	function link(name, words = name) {
		const frame = names.get(name);
		if (frame === undefined)
			return make("bdi", {}, Format.text(words));
		const button = make("button", { className: "name", title: "Select this function; right-click for more" }, make("bdi", {}, Format.text(words)));
		button.dataset.frame = frame;
		button.addEventListener("click", () => app.state.set({ frame }));
		return button;
	}

	// A report's text, its functions to be clicked.
	function listing(text) {
		const pre = make("pre", { className: "text" });
		for (const line of text.split("\n")) {
			const parts = /^(.*\| {1,3}|\s*[\d.]\S*\s+|\s{4,})(\S.*?)( \((?:partial-)?inline\))?$/.exec(line);
			if (parts && names.has(parts[2]))
				pre.append(parts[1], link(parts[2]), parts[3] || "", "\n");
			else
				pre.append(Format.text(line), "\n");
		}
		return pre;
	}

	const note = words => make("p", { className: "note" }, words);

	async function peek(now) {
		const name = selected(now);
		if (name === "")
			return choose("Choose a function to see its callers and callees:", now);
		return listing(await Server.text("/api/peek", { ...options(now), symbol: exactly(name) }));
	}

	async function traces(now) {
		const name = selected(now), more = name === "" ? {} : { f: exactly(name) };
		const text = await Server.text("/api/traces", { ...options(now), ...more });
		return make("div", {}, note(name === "" ? "All samples with their stacks; select a function to see only those through it."
			: `The samples through ${Format.text(name)}.`),
			text.length >= TRACES_MAX * 0.99 ? note("Only the first 2 MiB are shown: select a function or filter for less.") : "", listing(text));
	}

	async function tags(now) {
		const found = await Server.json("/api/labels", options(now)), { unit } = app.profile.types[now.type];
		return Labels.page(found, value => Format.value(value, unit), () => selected(now));
	}

	// ---- call graph: graphviz lays it out; only its shapes and texts are taken over

	function cleaned(svg) {
		for (const element of [...svg.querySelectorAll("*")]) {
			if (element.localName === "script" || element.localName === "foreignObject") {
				element.remove();
				continue;
			}
			for (const { name } of [...element.attributes])
				if (/^on|href$/i.test(name))
					element.removeAttribute(name);
		}
		return svg;
	}

	function wire(svg, now) {
		const name = selected(now);
		for (const node of svg.querySelectorAll("g.node")) {
			const tip = node.querySelector("a")?.getAttribute("xlink:title") || "";
			const frame = names.get(tip.replace(/ \([^()]*\)$/, ""));
			if (frame === undefined)
				continue;
			node.dataset.frame = frame;
			node.setAttribute("tabindex", "0");
			node.classList.toggle("chosen", app.profile.frames.name[frame] === name);
			node.addEventListener("click", () => app.state.set({ frame }));
			node.addEventListener("keydown", event => event.key === "Enter" && app.state.set({ frame }));
		}
	}

	async function callgraph(now) {
		const name = selected(now), more = name === "" ? {} : { f: exactly(name) };
		let text;
		try {
			text = await Server.text("/api/graph", { ...options(now), ...more });
		} catch (error) {
			return Calls.view(app, now, error.message);
		}
		const parsed = new DOMParser().parseFromString(text, "image/svg+xml");
		if (parsed.documentElement.localName !== "svg" || parsed.querySelector("parsererror"))
			return Calls.view(app, now, "The drawing cannot be read.");
		const svg = document.importNode(cleaned(parsed.documentElement), true);
		wire(svg, now);
		return make("div", {}, Calls.zoomBar(svg), note(name === "" ? "Click a box to select a function and see its part of the graph."
			: `The part of the graph around ${Format.text(name)}; Escape shows all.`), make("div", { className: "drawing" }, svg));
	}

	// ---- choosing a function where none is selected

	function choose(words, now) {
		const { flat } = app.profile.frames, total = app.profile.sums(now.type).value[0] || 1;
		const best = [...flat[now.type].keys()].sort((a, b) => Math.abs(flat[now.type][b]) - Math.abs(flat[now.type][a])).slice(0, 25);
		return make("div", {}, note(words), make("table", { className: "choice" }, make("tbody", {}, ...best.map(frame =>
			make("tr", {}, make("td", { className: "number" }, Format.percent(flat[now.type][frame], total)),
				make("td", {}, link(app.profile.frames.name[frame])))))));
	}

	const source = async now => {
		const name = selected(now);
		if (name === "")
			return choose("Choose a function to see its source and instructions:", now);
		return Source.render(await Server.json("/api/source", { ...options(now), symbol: exactly(name) }));
	};

	const DRAW = { callgraph, source, peek, traces, tags };

	async function draw(now) {
		const pane = document.getElementById("pane"), mine = ++drawn;
		const waiting = setTimeout(() => pane.replaceChildren(note("The server is computing this view …")), 150);
		let made;
		try {
			made = await DRAW[now.pane](now);
		} catch (error) {
			made = make("p", { className: "note warn" }, error.message);
		}
		clearTimeout(waiting);
		if (mine === drawn)
			pane.replaceChildren(made);
	}

	function apply(now) {
		const isPane = now.pane in DRAW;
		Tabs.mark(now.pane, isPane);
		const key = [now.pane, now.type, now.isEven, selected(now)].join("\n");
		if (isPane && key !== shown)
			draw(now);
		shown = isPane ? key : "";
	}

	const tabs = () => Tabs.make(app, PANES);

	function start(given) {
		app = given;
		names = new Map(app.profile.frames.name.map((name, frame) => [name, frame]));
		Tabs.wire(app, PANES);
	}

	return { start, tabs, apply, make: link };
})();
