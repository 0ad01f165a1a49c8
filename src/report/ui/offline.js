
// The views that a saved page makes of its own data beside the flame graph.
const Offline = (() => {
	const STACKS_MAX = 300;
	const VIEWS = [["", "Flame graph", "1"], ["callgraph", "Call graph", "2"], ["peek", "Peek", "4"], ["traces", "Traces", "5"]];
	let app = null, shown = "";

	const note = words => make("p", { className: "note" }, words);
	const amount = (value, now) => `${Format.value(value * app.profile.scale, app.profile.types[now.type].unit)}`;

	function link(frame) {
		const button = make("button", { className: "name", title: "Select this function" }, make("bdi", {}, Format.text(app.profile.frames.name[frame]).slice(0, 2000)));
		button.dataset.frame = frame;
		button.addEventListener("click", () => app.state.set({ frame }));
		return button;
	}

	function rows(list, now) {
		const { whole } = app.profile.sums(now.type);
		return make("table", {}, make("tbody", {}, ...list.map(([frame, value]) => make("tr", {}, make("td", { className: "number" }, amount(value, now)),
			make("td", { className: "number" }, Format.percent(value, whole)), make("td", {}, link(frame))))));
	}

	function choose(now) {
		const flat = app.profile.frames.flat[now.type];
		const best = [...flat.keys()].sort((a, b) => Math.abs(flat[b]) - Math.abs(flat[a])).slice(0, 25);
		return make("div", {}, note("Choose a function to see its callers and callees:"), rows(best.map(frame => [frame, flat[frame]]), now));
	}

	function peek(now) {
		const { frame } = now, { flat, cum } = app.profile.frames;
		if (frame < 0)
			return choose(now);
		const bySize = (a, b) => Math.abs(b[1]) - Math.abs(a[1]), list = Calls.edges(app.profile, now.type, () => true);
		const callers = list.filter(edge => edge.to === frame).map(edge => [edge.from, edge.value]).sort(bySize);
		const callees = list.filter(edge => edge.from === frame).map(edge => [edge.to, edge.value]).sort(bySize);
		const part = (words, found) => make("section", {}, make("h2", {}, words), found.length > 0 ? rows(found, now) : note("None."));
		return make("div", {}, part("Callers", callers), part("The function", [[frame, cum[now.type][frame]]]),
			note(`${amount(flat[now.type][frame], now)} of it in itself.`), part("Callees", callees));
	}

	// From the leaf, as a trace reads.
	function stackOf(node) {
		const { tree } = app.profile, stack = [];
		for (let i = node; i > 0; i = tree.parent[i])
			stack.push(tree.frame[i] >= 0 ? link(tree.frame[i]) : make("i", {}, "smaller frames"));
		return stack;
	}

	function isThrough(node, frame) {
		const { tree } = app.profile;
		for (let i = node; i > 0 && frame >= 0; i = tree.parent[i]) {
			if (tree.frame[i] === frame)
				return true;
		}
		return frame < 0;
	}

	function traces(now) {
		const { tree } = app.profile, { self, selfWeight } = app.profile.sums(now.type);
		const found = [...Array(tree.count).keys()].filter(i => i > 0 && selfWeight[i] > 0 && isThrough(i, now.frame)).sort((a, b) => selfWeight[b] - selfWeight[a]);
		const through = now.frame >= 0 ? ` through ${Format.text(app.profile.frames.name[now.frame])}` : "";
		return make("div", {}, note(found.length > STACKS_MAX ? `The ${STACKS_MAX} heaviest of ${Format.count(found.length)} stacks${through}.` : `${Format.count(found.length)} stacks${through}, the heaviest first.`),
			...found.slice(0, STACKS_MAX).map(i => make("section", { className: "stack" }, make("b", {}, amount(self[i], now)), make("div", {}, ...stackOf(i).flatMap(one => [one, make("br")])))));
	}

	const DRAW = { callgraph: now => Calls.view(app, now), peek, traces };

	function apply(now) {
		const pane = document.getElementById("pane"), isPane = now.pane in DRAW;
		Tabs.mark(now.pane, isPane);
		const key = [now.pane, now.type, now.isEven, now.frame].join();
		if (isPane && key !== shown)
			pane.replaceChildren(DRAW[now.pane](now));
		shown = isPane ? key : "";
	}

	function start(given) {
		app = given;
		document.querySelector(".title").after(Tabs.make(app, VIEWS));
		Tabs.wire(app, VIEWS);
	}

	return { start, apply };
})();
