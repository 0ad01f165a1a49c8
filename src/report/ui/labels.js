
// The labels of samples, as a menu and as a page. `found` is what /api/labels answers:
// {total, labels: [{key, count, values: [{text, value}]}]}.
const Labels = (() => {
	const MENU_VALUES = 40;

	const filter = (key, text) => `${key}=${/^-?\d[\d.]*\w*$/.test(text) ? text : exactly(text)}`;
	const shown = text => make("bdi", {}, Format.text(text) || "(empty)");

	function groupButton(words, key, name) {
		const group = make("button", { title: "One tree for each value of this label" }, words);
		group.addEventListener("click", () => Address.go({ tr: key }, name()));
		return group;
	}

	function pickButton(key, text, name, ...content) {
		const pick = make("button", { title: "Keep only samples with this label" }, ...content);
		pick.addEventListener("click", () => Address.go({ tf: filter(key, text) }, name()));
		return pick;
	}

	const notes = found => (found.notes || []).map(words => make("p", { className: "note" }, words));

	function menu(found, name) {
		if (found.labels.length === 0)
			return [make("p", { className: "note" }, "The samples of this profile have no labels."), ...notes(found)];
		return [...found.labels.map(label => make("section", {},
			make("h3", {}, shown(label.key), groupButton("Group by", label.key, name)),
			make("ul", {}, ...label.values.slice(0, MENU_VALUES).map(value => make("li", {}, pickButton(label.key, value.text, name,
				shown(value.text), " ", make("small", {}, Format.percent(value.value, found.total))))),
				label.count > MENU_VALUES ? make("li", { className: "note" }, `${Format.count(label.count - MENU_VALUES)} lighter ones: see Labels (6)`) : ""))),
			...notes(found)];
	}

	// `amount` makes a value readable.
	function page(found, amount, name) {
		if (found.labels.length === 0)
			return make("div", {}, make("p", { className: "note" },
				"The samples of this profile have no labels. Go programs set them by pprof.Do; goprof adds process and thread names."), ...notes(found));
		return make("div", {}, make("div", { className: "tags" }, ...found.labels.map(label => {
			const rows = label.values.map(value => {
				const pick = pickButton(label.key, value.text, name, shown(value.text)), share = make("td", { className: "number share" }, Format.percent(value.value, found.total));
				pick.className = "name";
				share.style.setProperty("--part", Math.min(100, Math.abs(100 * value.value / (found.total || 1))) + "%");
				return make("tr", {}, make("td", { className: "number" }, amount(value.value)), share, make("td", {}, pick));
			});
			const more = label.count - label.values.length;
			return make("section", {}, make("h2", {}, shown(label.key), " ", groupButton("Group by this label", label.key, name)),
				make("table", {}, make("tbody", {}, ...rows)),
				more > 0 ? make("p", { className: "note" }, `${Format.count(more)} lighter values are not listed.`) : "");
		})), ...notes(found));
	}

	return { menu, page };
})();
