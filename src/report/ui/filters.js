
// What the reports leave out: chips to take filters away, a line to type new ones, menus for
// labels and granularity, and a menu at the pointer. A saved page applies them itself
// (refine.js), by the same address.
const Filters = (() => {
	const KINDS = { f: ["focus", "keep stacks through"], i: ["ignore", "drop stacks through"], h: ["hide", "remove frames of"],
		s: ["show", "keep frames of only"], sf: ["show_from", "start at"], tf: ["tagfocus", "keep labels"],
		ti: ["tagignore", "drop labels"], tr: ["tagroot", "group by label"], g: ["granularity", "one box a"] };
	const TYPED = ["f", "i", "h", "s", "sf"];
	const GRANULARITIES = { "": "function", filefunctions: "file and function", files: "file", lines: "line", addresses: "address" };

	function active(state) {
		const all = Address.params(), found = [];
		for (const key of Object.keys(KINDS)) {
			const value = all.has(key) ? all.get(key) : state.defaults[key] || "";
			if (value !== "" && key !== "g")
				found.push([key, value]);
		}
		return found;
	}

	// An empty parameter takes away what the command line set.
	const without = (state, key) => ({ [key]: key in state.defaults ? "" : null });

	// Joined by "or" where the kind is in force already.
	function added(state, key, pattern) {
		const before = active(state).find(([kind]) => kind === key);
		return { [key]: before && key !== "sf" && key !== "f" ? `${before[1]}|${pattern}` : pattern };
	}

	function chip(state, [key, value], name) {
		const words = Format.text(value), shown = words.length > 60 ? words.slice(0, 28) + "…" + words.slice(-28) : words;
		const remove = make("button", { className: "remove", ariaLabel: `Remove ${KINDS[key][0]} ${words}`, title: "Remove this filter" }, "×");
		remove.addEventListener("click", () => Address.go(without(state, key), name()));
		return make("li", { className: "chip", title: words }, make("b", {}, KINDS[key][0]), " ", make("bdi", {}, shown), remove);
	}

	function typing(state, name) {
		const kind = make("select", { id: "filter-kind", ariaLabel: "Kind of filter" },
			...TYPED.map(key => new Option(KINDS[key][1], key)));
		const input = make("input", { id: "filter", placeholder: "regular expression", spellcheck: false, autocomplete: "off",
			ariaLabel: "Filter by regular expression", title: "Filter (x)" });
		const form = make("form", { className: "typing" }, kind, input, make("button", { title: "Apply this filter" }, "Filter"));
		form.addEventListener("submit", event => {
			event.preventDefault();
			if (input.value.trim() !== "")
				Address.go(added(state, kind.value, input.value.trim()), name());
		});
		return form;
	}

	function granularity(name) {
		const select = make("select", { id: "granularity", title: "What one box stands for" },
			...Object.entries(GRANULARITIES).map(([value, words]) => new Option(words, value)));
		select.value = Address.params().get("g") || "";
		select.addEventListener("change", () => Address.go({ g: select.value || null }, name()));
		return make("label", { className: "field" }, make("span", {}, "One box a"), select);
	}

	function unit(types, name) {
		const names = [...new Set(types.flatMap(type => Format.unitsFor(type.unit)))];
		const select = make("select", { id: "unit", title: "Unit of all values" }, new Option("as it fits", ""),
			...names.map(one => new Option(one, one)));
		select.value = Address.params().get("unit") || "";
		select.addEventListener("change", () => Address.go({ unit: select.value || null }, name()));
		return names.length === 0 ? "" : make("label", { className: "field" }, make("span", {}, "Unit"), select);
	}

	// Asked for when first opened: a profile may have very many labels.
	function labels(find, name) {
		const box = make("details", { id: "labels", className: "menu" }, make("summary", {}, "Labels"));
		const list = make("div", { className: "list" });
		box.append(list);
		box.addEventListener("toggle", async () => {
			if (!box.open || list.childElementCount > 0)
				return;
			try {
				list.replaceChildren(...Labels.menu(await find(), name));
			} catch (error) {
				list.textContent = error.message;
			}
		});
		return box;
	}

	// `site`: {labels, isServed, ends}: what finds the labels, whether the server can draw
	// other boxes, what stands at the end of the row.
	function row(state, name, types, site) {
		const chips = make("ul", { id: "chips", ariaLabel: "Filters" }, ...active(state).map(one => chip(state, one, name)));
		return make("div", { id: "filters", role: "toolbar", ariaLabel: "Filters" }, typing(state, name), labels(site.labels, name),
			site.isServed ? granularity(name) : "", unit(types, name), chips, make("span", { className: "group end" }, ...site.ends));
	}

	// ---- the menu at the pointer

	function items(app, state, frame) {
		const name = app.profile.frames.name[frame], pattern = exactly(name);
		const filter = (words, key, value = pattern) => [words, () => Address.go(added(state, key, value), key === "i" || key === "h" ? "" : name)];
		const pane = (words, which) => [words, () => app.state.set({ pane: which, frame })];
		return [filter("Focus: only stacks through it", "f"), filter("Ignore: no stacks through it", "i"),
			filter("Hide its frames", "h"), filter("Show from it on", "sf"),
			["Sandwich: callers and callees", () => { app.state.set({ pane: "" }); app.openFrame(frame); }],
			pane("Source", "source"), pane("Peek: callers and callees as text", "peek"), pane("Call graph", "callgraph")];
	}

	function open(app, state, frame, x, y) {
		const menu = document.getElementById("menu"), name = Format.text(app.profile.frames.name[frame]);
		menu.replaceChildren(make("h2", {}, name.length > 80 ? "…" + name.slice(-80) : name),
			...items(app, state, frame).map(([words, run]) => {
				const button = make("button", { role: "menuitem" }, words);
				button.addEventListener("click", () => { menu.close(); run(); });
				return button;
			}));
		menu.showModal();
		menu.style.left = Math.max(4, Math.min(x, innerWidth - menu.offsetWidth - 8)) + "px";
		menu.style.top = Math.max(4, Math.min(y, innerHeight - menu.offsetHeight - 8)) + "px";
	}

	function menu(app, state) {
		const dialog = make("dialog", { id: "menu", role: "menu", ariaLabel: "What to do with this function" });
		document.body.append(dialog);
		dialog.addEventListener("click", event => event.target === dialog && dialog.close());
		dialog.addEventListener("keydown", event => {
			const buttons = [...dialog.querySelectorAll("button")], at = buttons.indexOf(document.activeElement);
			const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
			if (step)
				buttons[(at + step + buttons.length) % buttons.length].focus();
			event.stopPropagation();
		});
		document.addEventListener("contextmenu", event => {
			const row = event.target.closest("[data-frame]");
			const frame = row ? Number(row.dataset.frame) : event.target.id === "canvas" ? app.hit(event) : -1;
			if (!(frame >= 0))
				return;
			event.preventDefault();
			open(app, state, frame, event.clientX, event.clientY);
		});
	}

	// The keys of the row and the menu.
	function keys(app, state) {
		app.keys.push({ keys: ["x"], does: "type a filter", run: () => document.getElementById("filter").focus() },
			{ keys: ["l"], does: "labels: filter and group by", run: () => document.querySelector("#labels summary").click() },
			{ keys: ["m"], does: "menu of the function", run: () => app.frameInMind() >= 0 && open(app, state, app.frameInMind(), innerWidth / 3, innerHeight / 3) });
	}

	return { row, menu, keys, kinds: KINDS };
})();
