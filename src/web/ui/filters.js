
// What the reports leave out: chips to take filters away, a line to type new ones, menus for
// labels and granularity, and a menu at the pointer.
const Filters = (() => {
	const KINDS = { f: ["focus", "keep stacks through"], i: ["ignore", "drop stacks through"], h: ["hide", "remove frames of"],
		s: ["show", "keep frames of only"], sf: ["show_from", "start at"], tf: ["tagfocus", "keep labels"],
		ti: ["tagignore", "drop labels"], tr: ["tagroot", "group by label"], g: ["granularity", "one box a"] };
	const TYPED = ["f", "i", "h", "s", "sf"];
	const GRANULARITIES = { "": "function", filefunctions: "file and function", files: "file", lines: "line", addresses: "address" };

	function active(state) {
		const all = Server.params(), found = [];
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
		remove.addEventListener("click", () => Server.go(without(state, key), name()));
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
				Server.go(added(state, kind.value, input.value.trim()), name());
		});
		return form;
	}

	function granularity(name) {
		const select = make("select", { id: "granularity", title: "What one box stands for" },
			...Object.entries(GRANULARITIES).map(([value, words]) => new Option(words, value)));
		select.value = Server.params().get("g") || "";
		select.addEventListener("change", () => Server.go({ g: select.value || null }, name()));
		return make("label", { className: "field" }, make("span", {}, "One box a"), select);
	}

	function unit(types, name) {
		const names = [...new Set(types.flatMap(type => Format.unitsFor(type.unit)))];
		const select = make("select", { id: "unit", title: "Unit of all values" }, new Option("as it fits", ""),
			...names.map(one => new Option(one, one)));
		select.value = Server.params().get("unit") || "";
		select.addEventListener("change", () => Server.go({ unit: select.value || null }, name()));
		return names.length === 0 ? "" : make("label", { className: "field" }, make("span", {}, "Unit"), select);
	}

	// Asked for when first opened: a profile may have very many labels.
	function labels(state, name) {
		const box = make("details", { id: "labels", className: "menu" }, make("summary", {}, "Labels"));
		const list = make("div", { className: "list" });
		box.append(list);
		box.addEventListener("toggle", async () => {
			if (!box.open || list.childElementCount > 0)
				return;
			try {
				const found = await Server.json("/api/labels");
				list.replaceChildren(...labelItems(found, state, name));
			} catch (error) {
				list.textContent = error.message;
			}
		});
		return box;
	}

	function labelItems(found, state, name) {
		if (found.labels.length === 0)
			return [make("p", { className: "note" }, "The samples of this profile have no labels.")];
		return found.labels.map(label => {
			const group = make("button", { title: "One tree for each value of this label" }, "Group by");
			group.addEventListener("click", () => Server.go({ tr: label.key }, name()));
			const values = make("ul", {}, ...label.values.slice(0, 40).map(value => {
				const pick = make("button", { title: "Keep only samples with this label" },
					make("bdi", {}, Format.text(value.text) || "(empty)"), " ", make("small", {}, Format.percent(value.value, found.total)));
				pick.addEventListener("click", () => Server.go({ tf: labelFilter(label.key, value.text) }, name()));
				return make("li", {}, pick);
			}));
			return make("section", {}, make("h3", {}, make("bdi", {}, Format.text(label.key)), group), values);
		});
	}

	const labelFilter = (key, text) => `${key}=${/^-?\d[\d.]*\w*$/.test(text) ? text : exactly(text)}`;

	function row(state, name, types = []) {
		const chips = make("ul", { id: "chips", ariaLabel: "Filters" }, ...active(state).map(one => chip(state, one, name)));
		const share = make("a", { id: "share", className: "button", href: Server.url("/share"), download: "",
			title: "Save this as one HTML file that needs no server (S)" }, "Share");
		const download = make("a", { className: "button", href: Server.url("/download"), download: "",
			title: "Save the profile, filtered as shown (profile.pb.gz)" }, "Download");
		return make("div", { id: "filters", role: "toolbar", ariaLabel: "Filters" }, typing(state, name), labels(state, name),
			granularity(name), unit(types, name), chips, make("span", { className: "group end" }, share, download));
	}

	// ---- the menu at the pointer

	function items(app, state, frame) {
		const name = app.profile.frames.name[frame], pattern = exactly(name);
		const filter = (words, key, value = pattern) => [words, () => Server.go(added(state, key, value), key === "i" || key === "h" ? "" : name)];
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

	return { row, menu, open };
})();
