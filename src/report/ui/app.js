
// Ties the parts together: state in, pictures out; every action has a key and a button.
// `site` is what a server behind the page, or its own data, add: panes beside the graph,
// menus, filters.
const runApp = (data, site = {}) => {
	const $ = id => document.getElementById(id);
	const all = selector => [...document.querySelectorAll(selector)];
	const profile = Model.decode(data, site.refine);
	Address.findSelection(profile.frames.name);
	const graph = Graph.create({ canvas: $("canvas"), scroller: $("scroller"), spacer: $("spacer") }, profile);
	const table = Table.create({ pane: $("table-pane"), rows: $("rows"), note: $("table-note"), heads: all("thead th") },
		profile, { hover: hoverFrame, pick: frame => frame >= 0 && pickFrame(frame), open: openFrame });
	const state = State.create({ view: "top", show: "graph", type: profile.type, zoom: "", frame: -1, query: "",
		isRegexp: false, group: "", isFlipped: false, order: "value", sort: "flat", pane: "", isEven: false }, apply);
	const views = new Map();
	const groupsByType = [], palettes = new Map();
	let groups = null, tableKey = "", matches = null, typing = 0;

	// ---- what the state means

	function viewOf(now) {
		const key = [now.view, now.type, now.order, now.isEven, now.view === "sandwich" ? now.frame : ""].join();
		if (!views.has(key)) {
			if (views.size > 5)
				views.delete(views.keys().next().value);
			views.set(key, buildView(now));
		}
		return { key, layers: views.get(key) };
	}

	function buildView(now) {
		const layer = (view, direction) => ({ view, direction, focus: 0 });
		if (now.view === "inverted")
			return [layer(View.inverted(profile, now.type, now.order), 1)];
		if (now.view === "top")
			return [layer(View.topDown(profile, now.type, now.order), 1)];
		const both = View.sandwich(profile, now.type, now.order, now.frame);
		return [layer(both.callees, 1), layer(both.callers, -1)];
	}

	// A zoom is "3.17.4", the frames from the root, with "1:" before those of layer 1.
	function zoomOf(layers, zoom) {
		const parts = /^(?:(\d):)?([\d.]+)$/.exec(zoom), which = parts && layers[Number(parts[1] || 0)];
		if (!which)
			return { which: 0, node: 0 };
		let node = 0;
		for (const frame of parts[2].split(".").map(Number)) {
			const child = childWith(which.view, node, frame);
			if (child < 0)
				break;
			node = child;
		}
		return { which: layers.indexOf(which), node };
	}

	function childWith(view, parent, frame) {
		for (let i = parent + 1; i < view.end[parent]; i = view.end[i]) {
			if (view.frame[i] === frame)
				return i;
		}
		return -1;
	}

	function zoomText({ layer, node }) {
		const path = [], { view } = layer, which = graph.scene.layers.indexOf(layer);
		for (let i = node; i > 0; i = view.parent[i])
			path.unshift(view.frame[i]);
		return path.length === 0 ? "" : (which > 0 ? which + ":" : "") + path.join(".");
	}

	function pattern(now) {
		const flags = now.query === now.query.toLowerCase() ? "iu" : "u";
		try {
			return new RegExp(now.isRegexp ? now.query : now.query.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"), flags);
		} catch {
			return null;
		}
	}

	function matchesOf(now) {
		const { count, name } = profile.frames, found = new Uint8Array(count);
		if (now.query === "" && now.group === "")
			return null;
		const wanted = now.query === "" ? null : pattern(now);
		for (let i = 0; i < count; i++)
			found[i] = now.query === "" ? groups.groups[i] === now.group : wanted !== null && wanted.test(name[i]);
		return found;
	}

	// Addresses are typed, and kept from pages of other profiles.
	function isPossible(now) {
		return now.type in profile.types && (now.frame === -1 || now.frame in profile.frames.name) &&
			["top", "inverted", "sandwich"].includes(now.view) && !(now.view === "sandwich" && now.frame < 0) &&
			["graph", "both", "table"].includes(now.show) && /^-?(flat|cum|name)$/.test(now.sort);
	}

	// ---- showing it

	function apply(now) {
		if (!isPossible(now))
			return state.set({ type: profile.type, frame: -1, view: "top", show: "graph", sort: "flat" }, "replace");
		if (profile.normalise(now.isEven)) {
			views.clear();
			tableKey = "";
		}
		groups = groupsByType[now.type] = groupsByType[now.type] || Colors.assign(profile, now.type);
		matches = matchesOf(now);
		Header.facts(profile, now.type);
		Header.empty(profile, now.type);
		if (profile.isDiff)
			Header.legendOfDifference();
		else
			Header.legend(groups, profile.sums(now.type).weight[0], now.group, group => state.set({ group, query: "" }));
		$("main").dataset.show = now.show;
		showScene(now);
		showTable(now);
		showSearch(now);
		showControls(now);
		paint();
		showDetail(graph.marks.selected);
		site.apply?.(now);
	}

	function showScene(now) {
		const { key, layers } = viewOf(now), zoom = zoomOf(layers, now.zoom);
		const total = profile.sums(now.type).weight[0];
		const scene = { key, total, isDiff: profile.isDiff || profile.sums(now.type).self.some(value => value < 0),
			isMarked: profile.isDiff, noise: noiseOf(now),
			isFlipped: now.isFlipped && layers.length === 1, layers: layers.map((layer, k) => ({ ...layer,
				direction: now.isFlipped ? -layer.direction : layer.direction, focus: k === zoom.which ? zoom.node : 0 })) };
		const before = graph.marks.selected, isSame = graph.scene.key === key;
		const selected = isSame && before !== null
			? { layer: scene.layers[graph.scene.layers.indexOf(before.layer)], node: before.node } : null;
		graph.mark({ hover: null, selected, matches, isSearch: now.query !== "", frame: now.frame >= 0 ? now.frame : null });
		graph.show(scene);
		const focus = { layer: scene.layers[zoom.which], node: zoom.node };
		if (zoom.node > 0)
			graph.scrollTo(focus);
		Header.crumbs(stepsTo(focus), node => zoomTo({ layer: focus.layer, node }));
	}

	// Counts of samples scatter by their root: a change below twice that may be chance.
	function noiseOf(now) {
		const counted = profile.types.findIndex(type => type.type === "samples");
		if (!profile.isDiff || counted < 0 || profile.sums(counted).weight[0] === 0)
			return () => 0;
		const one = profile.sums(now.type).weight[0] / profile.sums(counted).weight[0];
		return weight => 2 * Math.sqrt(weight / one) * one;
	}

	function stepsTo({ layer, node }) {
		const steps = [], { view } = layer;
		for (let i = node; i >= 0; i = view.parent[i]) {
			const name = nameOf(view, i), forms = view.frame[i] >= 0 ? Format.shorter(name) : [name];
			const label = forms.find(form => form.length <= 28) || forms[forms.length - 1].slice(0, 120);
			steps.unshift({ label, title: name.slice(0, 2000), node: i });
		}
		return steps;
	}

	function showTable(now) {
		const key = [now.type, now.sort, now.query, now.isRegexp, now.group, now.show === "graph"].join("\n");
		if (key !== tableKey && now.show !== "graph") {
			const isReversed = now.sort.startsWith("-"), sort = { key: now.sort.slice(isReversed ? 1 : 0), isReversed };
			table.show({ type: now.type, groups, matches, sort });
			tableKey = key;
		}
		table.select(now.frame);
	}

	function showSearch(now) {
		const input = $("search"), isBad = now.query !== "" && pattern(now) === null;
		if (document.activeElement !== input || input.value !== now.query && typing === 0)
			input.value = now.query;
		input.classList.toggle("bad", isBad);
		$("matched").textContent = isBad ? "not a valid pattern" : now.query === "" ? "" : totalsText(now);
		$("matched").title = now.query === "" ? "" : "Share of the whole in matching functions with all they call, recursion counted once; and in themselves alone";
		$("next").disabled = $("previous").disabled = matches === null;
	}

	function totalsText(now) {
		const { total, own, boxes } = Model.matchTotals(profile, now.type, matches);
		const { whole } = profile.sums(now.type);
		const least = profile.heaped > 0 && boxes > 0 ? "≥ " : "";
		return `matched ${least}${Format.percent(total, whole)} (self ${least}${Format.percent(own, whole)})`;
	}

	function showControls(now) {
		const press = (element, isOn) => element.setAttribute("aria-pressed", isOn);
		all("[data-view]").forEach(button => press(button, button.dataset.view === now.view));
		all("[data-show]").forEach(button => button.tagName === "BUTTON" && press(button, button.dataset.show === now.show));
		press($("flip"), now.isFlipped);
		press($("regexp"), now.isRegexp);
		press($("even"), now.isEven);
		$("flip").textContent = now.isFlipped ? "Flame ▲" : "Icicle ▼";
		$("order").textContent = now.order === "name" ? "By name" : "By value";
		$("reset").disabled = now.zoom === "" && now.query === "" && now.group === "" && now.view === "top" && now.frame < 0;
		$("type").value = now.type;
		$("canvas").setAttribute("aria-label", `Flame graph of ${Header.typeLabel(profile.types[now.type])}. ` +
			"Arrow keys move, Enter zooms; the table holds the same numbers as text.");
	}

	function paint() {
		const key = document.documentElement.dataset.theme + state.now.type;
		if (!palettes.has(key))
			palettes.set(key, Colors.palette(profile, groups));
		graph.paint(palettes.get(key));
	}

	// ---- details of a box

	function nameOf(view, node) {
		const frame = view.frame[node];
		if (frame === Model.ROOT)
			return "all";
		return frame >= 0 ? Format.text(profile.frames.name[frame]) : `${Format.count(view.small[node])} smaller frames`;
	}

	function placeOf(view, node) {
		const { frames } = profile, frame = view.frame[node];
		if (frame === Model.ROOT)
			return `${Format.count(profile.facts.rows)} rows of samples; point at a box for its numbers`;
		if (frame === Model.SMALL)
			return `each below 1/${Format.count(profile.share)} of the total, drawn as one`;
		const parts = [], file = Format.text(frames.file[frame]), { first, last } = frames;
		if (file !== "")
			parts.push(file + (first[frame] > 0 ? `:${first[frame]}` : "") + (last[frame] > first[frame] ? `–${last[frame]}` : ""));
		if (frames.module[frame] !== "")
			parts.push(Format.text(Format.base(frames.module[frame])));
		parts.push(["", "", "inlined", "partly inlined"][view.inlining[node]],
			frames.kind[frame] === Model.KIND_KERNEL ? "kernel" : "");
		return parts.filter(Boolean).join(" · ");
	}

	function numbersOf({ layer, node }) {
		const { view } = layer, now = state.now, { unit } = profile.types[now.type];
		const { whole } = profile.sums(now.type), inView = view.value[layer.focus];
		const show = value => Format.value(value * profile.scale, unit);
		if (profile.isDiff)
			return changeOf(view.value[node], view.weight[node], whole, show);
		const hasSelf = (now.view === "top" || layer === graph.scene.layers[0] && now.view === "sandwich") && view.frame[node] !== Model.SMALL;
		const pairs = hasSelf ? [["self", `${show(view.self[node])} (${Format.percent(view.self[node], whole)})`]] : [];
		pairs.push([hasSelf ? "total" : "value", show(view.value[node])], ["of all", Format.percent(view.value[node], whole)]);
		if (layer.focus > 0 || now.view === "sandwich")
			pairs.push(["of view", Format.percent(view.value[node], inView)]);
		return pairs;
	}

	function changeOf(value, weight, whole, show) {
		const before = (weight - value) / 2, after = (weight + value) / 2;
		const sign = value > 0 ? "+" : "";
		return [["before", show(before)], ["after", show(after)],
			["change", before === 0 ? "new" : after === 0 ? "gone" : `${sign}${show(value)} (${sign}${Format.percent(value, before)})`],
			["of all before", sign + Format.percent(value, whole)]];
	}

	function showDetail(mark) {
		const layer = graph.scene.layers[0], what = mark || { layer, node: layer.focus };
		const { view } = what.layer;
		Header.detail(nameOf(view, what.node).slice(0, 12000), placeOf(view, what.node), numbersOf(what));
		$("copy").disabled = view.frame[what.node] < 0;
	}

	function showFrameDetail(frame) {
		const { flat, cum, file } = profile.frames, { type } = state.now, { unit } = profile.types[type];
		const { whole } = profile.sums(type), number = value =>
			`${Format.value(value * profile.scale, unit)} (${Format.percent(value, whole)})`;
		Header.detail(Format.text(profile.frames.name[frame]), Format.text(file[frame] || Format.base(profile.frames.module[frame])),
			[["flat", number(flat[type][frame])], ["cum", number(cum[type][frame])]]);
	}

	function hoverFrame(frame) {
		graph.mark({ frame: frame >= 0 ? frame : state.now.frame >= 0 ? state.now.frame : null });
		if (frame >= 0)
			showFrameDetail(frame);
		else
			showDetail(graph.marks.selected);
	}

	function hover(mark) {
		const before = graph.marks.hover;
		if (mark?.node === before?.node && mark?.layer === before?.layer)
			return;
		const frame = mark === null ? -1 : mark.layer.view.frame[mark.node];
		graph.mark({ hover: mark, frame: frame >= 0 ? frame : state.now.frame >= 0 ? state.now.frame : null });
		$("canvas").style.cursor = mark === null ? "default" : "pointer";
		showDetail(mark || graph.marks.selected);
		if (state.now.show === "both")
			table.hover(frame);
	}

	// ---- actions

	function zoomTo(mark) {
		const { view } = mark.layer;
		const node = view.frame[mark.node] === Model.SMALL ? view.parent[mark.node] : mark.node;
		graph.mark({ selected: { layer: mark.layer, node } });
		state.set({ zoom: zoomText({ layer: mark.layer, node }) });
	}

	function zoomOut() {
		const layer = graph.scene.layers.find(one => one.focus > 0);
		if (layer)
			zoomTo({ layer, node: layer.view.parent[layer.focus] });
	}

	function reset() {
		const now = state.now;
		graph.mark({ selected: null });
		if (now.zoom !== "")
			state.set({ zoom: "" });
		else
			state.set({ query: "", group: "", frame: -1, view: "top" });
	}

	function frameInMind() {
		const { marks } = graph, mark = marks.hover || marks.selected;
		const frame = mark === null ? state.now.frame : mark.layer.view.frame[mark.node];
		return frame >= 0 ? frame : state.now.frame;
	}

	function busiest() {
		const { flat, count } = profile.frames, own = flat[state.now.type];
		let best = -1;
		for (let i = 0; i < count; i++)
			best = best < 0 || own[i] > own[best] ? i : best;
		return best;
	}

	function pickFrame(frame) {
		const isSame = frame === state.now.frame && state.now.view !== "sandwich";
		state.set({ frame: isSame ? -1 : frame, zoom: state.now.view === "sandwich" ? "" : state.now.zoom });
	}

	function openFrame(frame) {
		if (frame >= 0)
			state.set({ view: "sandwich", frame, zoom: "", show: state.now.show === "table" ? "both" : state.now.show });
	}

	function setView(view) {
		if (view !== "sandwich")
			return state.set({ view, zoom: "", frame: -1 });
		const frame = frameInMind();
		openFrame(frame >= 0 ? frame : busiest());
	}

	const move = {
		ArrowUp: (view, i) => view.parent[i],
		ArrowDown: (view, i) => widest(view, i),
		ArrowLeft: (view, i) => sibling(view, i, -1),
		ArrowRight: (view, i) => sibling(view, i, 1),
	};

	function widest(view, parent) {
		let best = -1;
		for (let i = parent + 1; i < view.end[parent]; i = view.end[i])
			best = best < 0 || view.weight[i] > view.weight[best] ? i : best;
		return best;
	}

	function sibling(view, node, step) {
		const parent = view.parent[node];
		let before = -1;
		for (let i = parent < 0 ? node : parent + 1; parent >= 0 && i < view.end[parent]; i = view.end[i]) {
			if (step > 0 && before === node || step < 0 && i === node)
				return step > 0 ? i : before;
			before = i;
		}
		return -1;
	}

	// Arrow keys point where the eye goes, whichever way the layer grows.
	function moveSelection(key) {
		const layers = graph.scene.layers, zoomed = layers.find(layer => layer.focus > 0) || layers[0];
		const now = graph.marks.selected || { layer: zoomed, node: zoomed.focus };
		let { layer, node } = now;
		const isVertical = key === "ArrowUp" || key === "ArrowDown";
		const flipped = { ArrowUp: "ArrowDown", ArrowDown: "ArrowUp" };
		let next = move[isVertical && layer.direction < 0 ? flipped[key] : key](layer.view, node);
		const other = layers.find(one => one !== layer);
		if (next < 0 && node === 0 && other && isVertical)
			next = widest((layer = other).view, 0);
		if (graph.marks.selected === null && !isVertical || next < 0)
			next = node;
		select({ layer, node: next });
	}

	function select(mark) {
		graph.mark({ selected: mark, hover: null });
		graph.scrollTo(mark);
		showDetail(mark);
	}

	// Goes round the matching boxes; zooms out or in where one could not be seen.
	function nextMatch(step) {
		const layer = graph.scene.layers[0], { view } = layer, now = graph.marks.selected;
		if (matches === null)
			return;
		let i = now !== null && now.layer === layer ? now.node : step > 0 ? 0 : view.count;
		for (let tried = 0; tried <= view.count; tried++) {
			i = (i + step + view.count) % view.count;
			if (view.frame[i] >= 0 && matches[view.frame[i]] === 1)
				return reveal({ layer, node: i });
		}
	}

	function reveal(mark) {
		const { left, width } = graph.place(mark), { view, focus } = mark.layer;
		const isInside = mark.node >= focus && mark.node < view.end[focus];
		if (isInside && width >= 4 && left >= -1)
			return select(mark);
		let up = mark.node;
		const room = view.weight[mark.node] * 40;
		while (up > 0 && view.weight[up] < room)
			up = view.parent[up];
		state.set({ zoom: zoomText({ layer: mark.layer, node: up }) }, "replace");
		select({ layer: graph.scene.layers[0], node: mark.node });
	}

	async function copyName() {
		const frame = frameInMind();
		if (frame < 0)
			return;
		const name = profile.frames.name[frame];
		try {
			await navigator.clipboard.writeText(name);
		} catch {
			const area = document.createElement("textarea");
			area.value = name;
			document.body.append(area);
			area.select();
			document.execCommand("copy");
			area.remove();
		}
		$("copy").textContent = "Copied";
		setTimeout(() => { $("copy").textContent = "Copy name"; }, 1200);
	}

	// ---- light and dark

	const stored = {
		get() { try { return localStorage.getItem("goprof-theme"); } catch { return null; } },
		set(theme) { try { localStorage.setItem("goprof-theme", theme); } catch { /* not kept then */ } },
	};
	const system = matchMedia("(prefers-color-scheme: dark)");

	function showTheme() {
		const theme = stored.get() || document.documentElement.dataset.chosen || (system.matches ? "dark" : "light");
		document.documentElement.dataset.theme = theme;
		$("theme").textContent = theme === "dark" ? "Light" : "Dark";
	}

	function toggleTheme() {
		const theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
		stored.set(theme);
		document.documentElement.dataset.chosen = theme;
		showTheme();
		paint();
	}

	// ---- keys and buttons

	const now = () => state.now;
	const KEYS = [
		{ keys: ["/"], does: "search", run: () => { $("search").focus(); $("search").select(); } },
		{ keys: ["n"], does: "next match", run: () => nextMatch(1) },
		{ keys: ["N"], does: "previous match", run: () => nextMatch(-1) },
		{ keys: ["r"], does: "search by regular expression", run: () => state.set({ isRegexp: !now().isRegexp }, "replace") },
		{ keys: ["←", "→", "↑", "↓"], does: "move over boxes" },
		{ keys: ["Enter"], does: "zoom to the box", run: () => graph.marks.selected && zoomTo(graph.marks.selected) },
		{ keys: ["Backspace"], does: "zoom out one box", run: zoomOut },
		{ keys: ["Escape"], does: "show everything again", run: reset },
		{ keys: ["i"], does: "inverted: from leaves to callers", run: () => setView(now().view === "inverted" ? "top" : "inverted") },
		{ keys: ["s"], does: "sandwich: callers and callees", run: () => setView(now().view === "sandwich" ? "top" : "sandwich") },
		{ keys: ["g"], does: "graph alone", run: () => state.set({ show: "graph" }) },
		{ keys: ["b"], does: "table and graph", run: () => state.set({ show: "both" }) },
		{ keys: ["t"], does: "table alone", run: () => state.set({ show: "table" }) },
		{ keys: ["f"], does: "flip: root below or above", run: () => state.set({ isFlipped: !now().isFlipped }) },
		{ keys: ["o"], does: "order by value or name", run: () => state.set({ order: now().order === "name" ? "value" : "name" }) },
		...profile.isDiff ? [{ keys: ["e"], does: "compare shares: scale both to the same total", run: () => state.set({ isEven: !now().isEven }) }] : [],
		{ keys: ["v"], does: "next value", run: () => state.set({ type: (now().type + 1) % profile.types.length }) },
		{ keys: ["c"], does: "copy the name", run: copyName },
		{ keys: ["d"], does: "light or dark", run: toggleTheme },
		{ keys: ["?"], does: "these keys", run: () => $("keys").showModal() },
	];

	// On a narrow window they are folded away.
	const NEED_CONTROLS = ["/", "x", "l"];
	function openControls(isOpen) {
		document.body.classList.toggle("controls", isOpen);
		$("controls").setAttribute("aria-expanded", isOpen);
	}
	$("controls").addEventListener("click", () => openControls(!document.body.classList.contains("controls")));

	document.addEventListener("keydown", event => {
		const { target, key } = event;
		if (event.ctrlKey || event.metaKey || event.altKey || $("keys").open)
			return;
		if (target.matches("input, select")) {
			const isSearched = key === "Enter" && target.id === "search";
			if (key === "Escape" || isSearched)
				$("canvas").focus();
			if (isSearched)
				nextMatch(event.shiftKey ? -1 : 1);
			return;
		}
		if (key.startsWith("Arrow") && now().show !== "table" && now().pane === "") {
			moveSelection(key);
			event.preventDefault();
			return;
		}
		const entry = KEYS.find(one => one.run && one.keys.includes(key));
		if (!entry || target.matches("button") && key === "Enter")
			return;
		event.preventDefault();
		if (NEED_CONTROLS.includes(key))
			openControls(true);
		entry.run();
	});

	function search(query) {
		clearTimeout(typing);
		typing = setTimeout(() => {
			typing = 0;
			state.set({ query, group: "" }, now().query === "" ? "push" : "replace");
		}, 30);
	}

	const point = event => {
		const box = $("canvas").getBoundingClientRect();
		return graph.hit(event.clientX - box.left, event.clientY - box.top);
	};
	const canvas = $("canvas");
	canvas.addEventListener("mousemove", event => hover(point(event)));
	canvas.addEventListener("mouseleave", () => hover(null));
	canvas.addEventListener("click", event => { const mark = point(event); if (mark) zoomTo(mark); });
	canvas.addEventListener("dblclick", () => state.set({ zoom: "" }));
	$("search").addEventListener("input", event => search(event.target.value));
	$("type").append(...profile.types.map((type, t) => new Option(Header.typeLabel(type), t)));
	$("type-field").hidden = profile.types.length < 2;
	$("type").addEventListener("change", event => state.set({ type: Number(event.target.value) }));
	all("[data-view]").forEach(button => button.addEventListener("click", () => setView(button.dataset.view)));
	all("button[data-show]").forEach(button => button.addEventListener("click", () => state.set({ show: button.dataset.show })));
	all("[data-sort]").forEach(button => button.addEventListener("click", () => {
		const { sort } = button.dataset;
		state.set({ sort: now().sort === sort ? "-" + sort : sort });
	}));
	$("even-group").hidden = !profile.isDiff;
	$("even").addEventListener("click", () => state.set({ isEven: !now().isEven }));
	const press = (id, key) => $(id).addEventListener("click", KEYS.find(one => one.keys[0] === key).run);
	[["flip", "f"], ["order", "o"], ["reset", "Escape"], ["regexp", "r"], ["previous", "N"], ["next", "n"],
		["theme", "d"], ["help", "?"], ["copy", "c"]].forEach(([id, key]) => press(id, key));
	system.addEventListener("change", () => { showTheme(); paint(); });
	if (site.start)
		site.start({ profile, state, keys: KEYS, frameInMind, openFrame, reset,
			hit: event => { const mark = point(event); return mark && mark.layer.view.frame[mark.node]; } });
	Header.keys(KEYS);
	showTheme();
	apply(state.now);
};
