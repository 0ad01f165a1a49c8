
// The views that a saved page makes of its own data beside the flame graph.
const Offline = (() => {
	const STACKS_MAX = 300;
	const VIEWS = [["", "Flame graph", "1"], ["callgraph", "Call graph", "2"], ["source", "Source", "3"],
		["peek", "Peek", "4"], ["traces", "Traces", "5"], ["tags", "Labels", "6"]];
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

	function choose(now, words) {
		const flat = app.profile.frames.flat[now.type];
		const best = [...flat.keys()].sort((a, b) => Math.abs(flat[b]) - Math.abs(flat[a])).slice(0, 25);
		return make("div", {}, note(words), rows(best.map(frame => [frame, flat[frame]]), now));
	}

	function peek(now) {
		const { frame } = now, { flat, cum } = app.profile.frames;
		if (frame < 0)
			return choose(now, "Choose a function to see its callers and callees:");
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

	// ---- source: lines and weights stand in the page, as they were before its filters

	function weightsOf(routine) {
		const from = Model.reader(routine.weights), { count } = routine, { allTypes } = app.profile;
		const found = { line: new Int32Array(count), flat: Model.columns(allTypes, count), cum: Model.columns(allTypes, count) };
		for (let i = 0, line = 0; i < count; i++) {
			line += from.number();
			found.line[i] = line;
			Model.readValues(from, allTypes, found.flat, i);
			Model.readValues(from, allTypes, found.cum, i);
		}
		return found;
	}

	function linesOf(routine, now) {
		const { line, flat, cum } = weightsOf(routine), at = new Map([...line].map((number, i) => [number, i]));
		const texts = (routine.spans || []).flatMap(({ first, lines }, k) => [...k > 0 ? [{ isGap: true }] : [], ...lines.map((text, i) => ({ line: first + i, text }))]);
		const missing = [...line].filter(number => !texts.some(one => one.line === number)).map(number => ({ line: number, text: "???" }));
		return [...texts, ...missing].map(one => {
			const i = at.get(one.line);
			const part = column => i === undefined || column[now.type][i] === 0 ? {} : { text: amount(column[now.type][i], now), value: column[now.type][i] };
			const [own, all] = [part(flat), part(cum)];
			return { ...one, flat: own.text, own: own.value, cum: all.text, weight: all.value };
		});
	}

	function source(now) {
		const { sources, frames } = app.profile, { frame } = now, { whole } = app.profile.sums(now.type);
		if (!sources)
			return note("Boxes of this page are not functions, so it has no source.");
		if (frame < 0)
			return choose(now, "Choose a function to see its source:");
		const routines = sources.functions.filter(one => one.frame === frame).map(one => ({ name: frames.name[frame], file: sources.files[one.file].path,
			flat: amount(frames.flat[now.type][frame], now), cum: amount(frames.cum[now.type][frame], now), share: Format.percent(frames.cum[now.type][frame], whole),
			reason: sources.files[one.file].reason, lines: linesOf(one, now) }));
		const budget = `The page has the source of the heaviest functions, ${Format.value(sources.budget, "bytes")} in all`;
		if (routines.length === 0)
			return note(sources.left > 0 ? `${budget}; this one is not among them (${Format.count(sources.left)} are left out). The served page has it.`
				: "No source line of this function is known.");
		return make("div", {}, app.profile.isRefined ? note("What lines weigh is that of the page without its filters.") : "",
			Source.render({ routines, total: amount(whole, now) }),
			sources.left > 0 ? note(`${budget}; ${Format.count(sources.left)} lighter ones are left out.`) : "");
	}

	const nameOf = now => now.frame >= 0 ? app.profile.frames.name[now.frame] : "";
	const tags = now => Labels.page(Refine.labels(now.type), value => amount(value, now), () => nameOf(now));

	const DRAW = { callgraph: now => Calls.view(app, now), source, peek, traces, tags };

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
		const state = { defaults: {} }, name = () => app.frameInMind() >= 0 ? app.profile.frames.name[app.frameInMind()] : "";
		document.querySelector(".title").after(Tabs.make(app, VIEWS));
		Tabs.wire(app, VIEWS);
		document.querySelector(".tools").after(Filters.row(state, name, app.profile.types,
			{ labels: () => Refine.labels(app.state.now.type), isServed: false, ends: [] }));
		Filters.menu(app, state);
		Filters.keys(app, state);
	}

	return { start, apply, refine: Refine.apply };
})();
