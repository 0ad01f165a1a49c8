
function make(tag, properties = {}, ...children) {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(properties)) {
		if (name in element && name !== "role")
			element[name] = value;
		else
			element.setAttribute(name, value);
	}
	element.append(...children);
	return element;
}

// Who calls whom, from the tree alone: as a drawing, and as lists of callers and callees.
// Boxes too small for the flame graph are not in them.
const Calls = (() => {
	const NODES_MAX = 40, ROW = 92, GAP = 26, SVG = "http://www.w3.org/2000/svg";

	// Each pair once a stack, however deep it recurses. Between two shown functions the
	// call skips those that are not shown.
	function edges(profile, type, isShown) {
		const { tree } = profile, { value, weight } = profile.sums(type), found = new Map();
		const active = new Map(), open = [], above = new Int32Array(tree.count).fill(-1), isDirect = new Uint8Array(tree.count);
		for (let i = 1; i < tree.count; i++) {
			while (open.length > 0 && open[open.length - 1][1] <= i)
				active.set(open[open.length - 1][0], active.get(open.pop()[0]) - 1);
			const parent = tree.parent[i], frame = tree.frame[i], isIn = frame >= 0 && isShown(frame);
			const from = above[parent], isNear = parent > 0 && tree.frame[parent] === from;
			above[i] = isIn ? frame : from;
			if (!isIn || from < 0 || from === frame)
				continue;
			const key = from + " " + frame;
			if (!(active.get(key) > 0)) {
				const edge = found.get(key) || { from, to: frame, value: 0, weight: 0, isDirect: true };
				edge.value += value[i];
				edge.weight += weight[i];
				edge.isDirect &&= isNear;
				found.set(key, edge);
			}
			active.set(key, (active.get(key) || 0) + 1);
			open.push([key, tree.end[i]]);
		}
		return [...found.values()].filter(edge => edge.weight > 0);
	}

	// The heaviest functions; of a selected one those that call it or that it calls.
	function chosen(profile, type, selected) {
		const cum = profile.frames.cum[type], heaviest = frames => frames.sort((a, b) => Math.abs(cum[b]) - Math.abs(cum[a]));
		let frames = [...cum.keys()].filter(frame => cum[frame] !== 0 || profile.frames.flat[type][frame] !== 0);
		if (selected >= 0) {
			const { tree } = profile, near = new Set([selected]);
			for (let i = 1; i < tree.count; i++) {
				if (tree.frame[i] !== selected)
					continue;
				for (let up = tree.parent[i]; up > 0; up = tree.parent[up])
					near.add(tree.frame[up]);
				for (let below = i + 1; below < tree.end[i]; below++)
					near.add(tree.frame[below]);
			}
			frames = frames.filter(frame => near.has(frame) && frame !== selected);
			return [selected, ...heaviest(frames).slice(0, NODES_MAX - 1)];
		}
		return heaviest(frames).slice(0, NODES_MAX);
	}

	// A row for each: below all its callers, calls that close a circle aside.
	function layers(frames, list) {
		const next = new Map(frames.map(frame => [frame, []])), state = new Map(), order = [], level = new Map();
		list.forEach(edge => next.get(edge.from).push(edge));
		const visit = frame => {
			state.set(frame, 1);
			for (const edge of next.get(frame)) {
				edge.isBack = state.get(edge.to) === 1;
				if (!state.has(edge.to))
					visit(edge.to);
			}
			state.set(frame, 2);
			order.unshift(frame);
		};
		const called = new Set(list.map(edge => edge.to));
		[...frames.filter(frame => !called.has(frame)), ...frames].forEach(frame => state.has(frame) || visit(frame));
		for (const frame of order) {
			level.set(frame, level.get(frame) || 0);
			for (const edge of next.get(frame).filter(one => !one.isBack))
				level.set(edge.to, Math.max(level.get(edge.to) || 0, level.get(frame) + 1));
		}
		const rows = [];
		order.forEach(frame => (rows[level.get(frame)] ||= []).push(frame));
		return rows;
	}

	// Each near the middle of those it is tied to, a few times up and down.
	function arrange(rows, list, boxes) {
		const place = row => {
			let x = -row.reduce((sum, frame) => sum + boxes.get(frame).width + GAP, -GAP) / 2;
			row.forEach(frame => { boxes.get(frame).x = x; x += boxes.get(frame).width + GAP; });
		};
		const middle = frame => boxes.get(frame).x + boxes.get(frame).width / 2;
		rows.forEach(place);
		for (let round = 0; round < 8; round++) {
			const isDown = round % 2 === 0;
			for (const row of isDown ? rows : [...rows].reverse()) {
				const wish = new Map(row.map(frame => {
					const tied = list.filter(edge => (isDown ? edge.to : edge.from) === frame);
					const sum = tied.reduce((total, edge) => total + edge.weight, 0);
					return [frame, sum > 0 ? tied.reduce((total, edge) => total + middle(isDown ? edge.from : edge.to) * edge.weight, 0) / sum : middle(frame)];
				}));
				row.sort((a, b) => wish.get(a) - wish.get(b));
				place(row);
			}
		}
		const left = Math.min(...rows.map(row => boxes.get(row[0]).x));
		boxes.forEach(box => { box.x += 10 - left; });
		return Math.max(...rows.map(row => boxes.get(row[row.length - 1]).x + boxes.get(row[row.length - 1]).width)) + 10;
	}

	function svg(tag, attributes, ...children) {
		const element = document.createElementNS(SVG, tag);
		Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
		element.append(...children);
		return element;
	}

	function boxOf(profile, type, frame) {
		const { name, flat, cum } = profile.frames, { unit } = profile.types[type], { whole } = profile.sums(type);
		const show = value => `${Format.value(value * profile.scale, unit)} (${Format.percent(value, whole)})`;
		const forms = Format.shorter(name[frame]), short = forms.find(form => form.length <= 34) || "…" + forms[forms.length - 1].slice(-33);
		const lines = [short, show(flat[type][frame]), `of ${show(cum[type][frame])}`];
		const size = 11 + Math.round(9 * Math.sqrt(Math.min(1, Math.abs(flat[type][frame] / (whole || 1)))));
		return { lines, size, heat: Math.min(1, Math.abs(cum[type][frame] / (whole || 1))), x: 0, y: 0,
			width: 18 + size * 0.64 * Math.max(...lines.map(line => line.length)), height: 14 + 3 * size * 1.25 };
	}

	function drawBox(profile, frame, box) {
		const texts = box.lines.map((line, k) => svg("text", { x: box.x + box.width / 2, y: box.y + 8 + box.size * (0.9 + 1.25 * k), "text-anchor": "middle",
			"font-size": box.size, "font-weight": k === 0 ? 600 : 400 }, line));
		const node = svg("g", { class: "node" }, svg("title", {}, Format.text(profile.frames.name[frame]).slice(0, 2000)),
			svg("rect", { x: box.x, y: box.y, width: box.width, height: box.height, rx: 5 }), ...texts);
		node.style.setProperty("--heat", (6 + 40 * box.heat).toFixed(1) + "%");
		node.dataset.frame = frame;
		return node;
	}

	function drawEdge(profile, type, edge, boxes) {
		const from = boxes.get(edge.from), to = boxes.get(edge.to), { whole } = profile.sums(type), share = Math.abs(edge.value / (whole || 1));
		const [x1, y1, x2, y2] = [from.x + from.width / 2, from.y + from.height, to.x + to.width / 2, to.y];
		const bend = Math.max(24, Math.abs(y2 - y1) / 2), words = Format.value(edge.value * profile.scale, profile.types[type].unit);
		const line = svg("path", { d: `M${x1},${y1} C${x1},${y1 + bend} ${x2},${y2 - bend} ${x2},${y2}`, class: edge.isDirect ? "call" : "call far",
			"stroke-width": (1 + 5 * Math.min(1, share)).toFixed(1), "marker-end": "url(#arrow)" },
			svg("title", {}, `${Format.text(profile.frames.name[edge.from])} → ${Format.text(profile.frames.name[edge.to])}: ${words}`));
		return [line, svg("text", { x: (x1 + x2) / 2 + 4, y: (y1 + y2) / 2, class: "weight", "font-size": 11 }, words)];
	}

	// A function's box has data-frame; a click on it is the caller's to handle.
	function draw(profile, type, selected) {
		const frames = chosen(profile, type, selected), wanted = new Set(frames);
		const least = Math.abs(profile.sums(type).weight[0]) / 500;
		const list = edges(profile, type, frame => wanted.has(frame)).filter(edge => edge.weight >= least);
		const boxes = new Map(frames.map(frame => [frame, boxOf(profile, type, frame)])), rows = layers(frames, list);
		const width = arrange(rows, list, boxes);
		let y = 10;
		for (const row of rows) {
			row.forEach(frame => { boxes.get(frame).y = y; });
			y += Math.max(...row.map(frame => boxes.get(frame).height)) + ROW - 30;
		}
		const arrow = svg("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 9, markerHeight: 9, markerUnits: "userSpaceOnUse", orient: "auto" },
			svg("path", { d: "M0,0 L8,4 L0,8 z", class: "head" }));
		const drawing = svg("svg", { class: "calls", viewBox: `0 0 ${Math.ceil(width)} ${Math.ceil(y)}`, role: "img", "aria-label": "Call graph" }, svg("defs", {}, arrow),
			...list.flatMap(edge => drawEdge(profile, type, edge, boxes)), ...frames.map(frame => drawBox(profile, frame, boxes.get(frame))));
		return { drawing, shown: frames.length };
	}

	function zoomBar(svg) {
		const box = (svg.getAttribute("viewBox") || "0 0 1000 600").split(/[\s,]+/).map(Number);
		let scale = 1;
		const apply = next => {
			scale = Math.min(4, Math.max(0.05, next));
			svg.setAttribute("width", box[2] * scale);
			svg.setAttribute("height", box[3] * scale);
		};
		const fit = () => Math.min(1.2, Math.max(0.2, (innerWidth - 60) / box[2]));
		apply(fit());
		svg.addEventListener("wheel", event => {
			if (!event.ctrlKey)
				return;
			event.preventDefault();
			apply(scale * Math.exp(-event.deltaY / 300));
		}, { passive: false });
		const button = (words, title, run) => {
			const made = make("button", { title }, words);
			made.addEventListener("click", run);
			return made;
		};
		return make("div", { className: "group" }, button("−", "Smaller", () => apply(scale / 1.25)),
			button("+", "Larger", () => apply(scale * 1.25)), button("Fit", "As wide as the window", () => apply(fit())));
	}

	// The drawing, to be clicked and zoomed; why: the reason for it, where there is a better one.
	function view(app, now, why = "") {
		const { drawing, shown } = draw(app.profile, now.type, now.frame), name = now.frame >= 0 ? app.profile.frames.name[now.frame] : "";
		for (const node of drawing.querySelectorAll(".node")) {
			const frame = Number(node.dataset.frame);
			node.setAttribute("tabindex", "0");
			node.classList.toggle("chosen", frame === now.frame);
			node.addEventListener("click", () => app.state.set({ frame }));
			node.addEventListener("keydown", event => event.key === "Enter" && app.state.set({ frame }));
		}
		return make("div", {}, zoomBar(drawing), make("p", { className: "note" }, `The ${shown} heaviest functions${name === "" ? "" : " around " + Format.text(name)}` +
			(why === "" ? ". " : `, drawn by this page (${why}). `) + "Dashed: with functions between that are not shown."), make("div", { className: "drawing own" }, drawing));
	}

	return { view, zoomBar, edges };
})();
