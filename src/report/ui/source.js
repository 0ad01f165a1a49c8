
// Source with what each line weighs, and beside it the instructions made from the line that
// is chosen.
const Source = (() => {
	function heat(cell, weight, most) {
		if (weight && most > 0)
			cell.style.setProperty("--heat", (8 + 55 * Math.min(1, Math.abs(weight) / most)).toFixed(1) + "%");
	}

	function values(row, of, most) {
		const flat = make("span", { className: "heat" }, of.flat || ""), cum = make("span", { className: "heat" }, of.cum || "");
		heat(flat, of.own, most);
		heat(cum, of.weight, most);
		row.append(flat, cum);
	}

	function codeRow(code, most) {
		const row = make("div", { className: "coderow" });
		values(row, code, most);
		row.append(make("span", { className: "address" }, code.address),
			make("span", {}, "  ".repeat(code.depth) + (code.text || "(no code at hand)")), make("span", { className: "address" }, code.place));
		return row;
	}

	function codes(line, most) {
		const rows = [];
		for (const code of line.code || []) {
			if (code.gap)
				rows.push(make("div", { className: "address" }, "⋮"));
			for (const call of code.calls || [])
				rows.push(make("div", { className: "call" }, "  ".repeat(call.depth) + "↳ " + Format.text(call.name) + "   " + Format.text(call.text)));
			rows.push(codeRow(code, most));
		}
		return rows.length > 0 ? rows : [make("p", { className: "note" }, "No instruction of this line is in the profile.")];
	}

	function lineRow(line, most, choose) {
		if (line.isGap)
			return make("div", { className: "address gap" }, "⋮");
		const hasCode = line.code && line.code.length > 0;
		const row = make(hasCode ? "button" : "div", { className: line.code || line.weight || line.own ? "line" : "line plain" });
		values(row, line, most);
		row.append(make("span", { className: "address" }, String(line.line)), make("span", {}, Format.text(line.text.replace(/\t/g, "        ")) || " "));
		if (hasCode)
			row.addEventListener("click", () => choose(line, row));
		return row;
	}

	function routine(one, total, most) {
		const beside = make("div", { className: "code", ariaLive: "polite" });
		let chosen = null;
		const choose = (line, row) => {
			chosen?.classList.remove("chosen");
			(chosen = row).classList.add("chosen");
			beside.replaceChildren(make("h3", {}, `Instructions of line ${line.line}`), ...codes(line, most));
		};
		const rows = one.lines.map(line => [line, lineRow(line, most, choose)]);
		const hot = rows.filter(([line]) => line.code && line.code.length > 0)
			.sort((a, b) => Math.abs(b[0].weight || 0) - Math.abs(a[0].weight || 0))[0];
		if (hot)
			choose(...hot);
		const hasCode = one.lines.some(line => line.code && line.code.length > 0);
		return make("section", { className: "routine" }, make("h2", {}, make("bdi", {}, Format.text(one.name))),
			make("p", { className: "note" }, `${one.flat} flat, ${one.cum} cum (${one.share} of ${total})  ${Format.text(one.file)}`),
			one.reason ? make("p", { className: "note warn" }, "The source is not at hand: " + one.reason) : "",
			make("div", { className: hasCode ? "sides" : "sides alone" }, make("div", { className: "lines" }, ...rows.map(([, row]) => row)), hasCode ? beside : ""));
	}

	function render(data) {
		const most = data.routines.reduce((top, one) => one.lines.reduce(
			(high, line) => Math.max(high, Math.abs(line.weight || 0)), top), 0);
		if (data.routines.length === 0)
			return make("p", { className: "note" }, "Nothing of this function is in the profile.");
		return make("div", { className: "source" }, ...data.routines.map(one => routine(one, data.total, most)));
	}

	return { render };
})();
