"use strict";

// Draws the listing. Whatever comes from the profile becomes text, never markup.
(() => {
	const data = JSON.parse(document.getElementById("profile").textContent);
	const $ = id => document.getElementById(id);
	const HOT_LINES = 5;
	const foldable = []; // { line, open(wanted) } of every line with code

	function element(name, className, text) {
		const made = document.createElement(name);
		if (className)
			made.className = className;
		if (text !== undefined)
			made.textContent = text;
		return made;
	}

	function heat(cell, weight, most) {
		if (weight && most > 0)
			cell.style.background =
				`rgba(var(--heat), ${(0.08 + 0.55 * Math.min(1, Math.abs(weight) / most)).toFixed(3)})`;
	}

	function values(row, of, most) {
		const flat = element("span", "flat", of.flat || ""), cum = element("span", "cum", of.cum || "");
		heat(flat, of.own, most);
		heat(cum, of.weight, most);
		row.append(flat, cum);
	}

	function indent(text) {
		let column = 0;
		for (const c of text) {
			if (c === "\t")
				column += 8 - column % 8;
			else if (c === " ")
				column++;
			else
				break;
		}
		return column;
	}

	function callRow(call, left) {
		const row = element("div", "row call");
		row.append(element("span"), element("span"), element("span"),
			element("span", "", " ".repeat(left + 4 * call.depth) + "↳ " + call.name +
				(call.text ? "   " + call.text : "")), element("span", "", call.place));
		row.title = "Inlined call of " + call.name;
		return row;
	}

	function codeRows(line, most) {
		const box = element("div", "codes"), left = indent(line.text) + 4;
		for (const code of line.code) {
			if (code.gap)
				box.append(element("div", "gap", "⋮"));
			for (const call of code.calls || [])
				box.append(callRow(call, left));
			const row = element("div", "row");
			values(row, code, most);
			row.append(element("span", "", code.address),
				element("span", "", " ".repeat(left + 4 * code.depth) + (code.text || "(no code at hand)")),
				element("span", "", code.place));
			box.append(row);
		}
		return box;
	}

	// A line and, once it was asked for, its instructions below it.
	function lineRow(line, most, into) {
		const hasCode = line.code && line.code.length > 0;
		const row = element(hasCode ? "button" : "div", line.code ? "row" : "row plain");
		const sign = element("span", "sign", hasCode ? "▸" : "");
		values(row, line, most);
		row.append(element("span", "number", line.line), sign, element("span", "", line.text || " "));
		into.append(row);
		if (!hasCode)
			return;
		let box = null;
		const open = wanted => {
			if (box === null && wanted) {
				box = codeRows(line, most);
				row.after(box);
			}
			if (box !== null)
				box.hidden = !wanted;
			sign.textContent = wanted ? "▾" : "▸";
			row.setAttribute("aria-expanded", wanted);
		};
		row.setAttribute("aria-expanded", "false");
		row.addEventListener("click", () => open(row.getAttribute("aria-expanded") !== "true"));
		foldable.push({ weight: Math.abs(line.weight || 0), open });
	}

	function routine(one, index, most) {
		const section = element("section"), head = element("div", "head"), listing = element("div", "listing");
		section.id = "f" + index;
		head.append(element("h2", "", one.name), element("p", "", one.file));
		head.append(element("p", "", `${one.flat} flat, ${one.cum} cum (${one.share} of ${data.total})`));
		if (one.reason)
			head.append(element("p", "warn", "The source is not at hand: " + one.reason));
		for (const line of one.lines)
			lineRow(line, most, listing);
		section.append(head, listing);
		$("routines").append(section);
	}

	function contents() {
		data.routines.map((one, index) => ({ one, index }))
			.sort((a, b) => Math.abs(b.one.weight || 0) - Math.abs(a.one.weight || 0))
			.forEach(({ one, index }) => {
				const link = element("a");
				link.href = "#f" + index;
				for (const text of [one.flat, one.cum, one.share, one.name])
					link.append(element("span", "", text));
				$("contents").append(link);
			});
	}

	function header() {
		const name = data.title || "Profile";
		document.title = data.pattern + " in " + name;
		$("title").textContent = name + ": " + data.pattern;
		$("facts").textContent = data.legend.concat("Total: " + data.total).join("\n");
		if (data.cut)
			$("facts").after(element("p", "warn", "Very much matches: only the heaviest functions show " +
				"their instructions; the values of all lines are complete."));
	}

	let areOpen = false;
	function toggleAll() {
		areOpen = !areOpen;
		foldable.forEach(line => line.open(areOpen));
		$("all").textContent = areOpen ? "Fold all" : "Unfold all";
	}

	function openHot() {
		const hot = [...foldable].sort((a, b) => b.weight - a.weight).slice(0, HOT_LINES);
		hot.filter(line => line.weight > 0).forEach(line => line.open(true));
	}

	const stored = {
		get() { try { return localStorage.getItem("goprof-theme"); } catch { return null; } },
		set(theme) { try { localStorage.setItem("goprof-theme", theme); } catch { /* not kept then */ } },
	};
	const system = matchMedia("(prefers-color-scheme: dark)");
	let chosen = stored.get();
	function applyTheme() {
		const theme = chosen || (system.matches ? "dark" : "light");
		document.documentElement.dataset.theme = theme;
		$("theme").textContent = theme === "dark" ? "Light" : "Dark";
	}
	function toggleTheme() {
		chosen = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
		stored.set(chosen);
		applyTheme();
	}

	// Colours compare lines of all functions shown, so that the hottest stands out.
	const most = data.routines.reduce((top, one) => one.lines.reduce(
		(high, line) => Math.max(high, Math.abs(line.weight || 0)), top), 0);
	header();
	contents();
	data.routines.forEach((one, index) => routine(one, index, most));
	applyTheme();
	system.addEventListener("change", applyTheme);
	const acts = { hot: [openHot, "h"], all: [toggleAll, "a"], theme: [toggleTheme, "d"] };
	for (const [id, [act]] of Object.entries(acts))
		$(id).addEventListener("click", act);
	document.addEventListener("keydown", event => {
		const found = Object.values(acts).find(([, key]) => key === event.key);
		if (found && !event.ctrlKey && !event.metaKey && !event.altKey)
			found[0]();
	});
})();
