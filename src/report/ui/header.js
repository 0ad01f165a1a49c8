
// What stands around the graph: where the profile comes from, the path, colours, details.
const Header = (() => {
	const $ = id => document.getElementById(id);

	function make(tag, text, properties = {}) {
		const element = Object.assign(document.createElement(tag), properties);
		element.textContent = text;
		return element;
	}

	const typeLabel = type => type.type === "cpu" ? "CPU time" : Format.text(type.type).replace(/_/g, " ");

	function factTexts(profile, type) {
		const { facts } = profile, kind = profile.types[type], texts = [];
		const { value, weight } = profile.sums(type), shown = amount => Format.value(amount * profile.scale, kind.unit);
		if (profile.isDiff)
			texts.push(`${typeLabel(kind)}: ${shown((weight[0] - value[0]) / 2)} before, ${shown((weight[0] + value[0]) / 2)} after`);
		else
			texts.push(`${shown(value[0])} ${typeLabel(kind)}`);
		if (facts.samples !== undefined && !profile.isDiff && !profile.isRefined && kind.type !== "samples")
			texts.push(`${Format.count(facts.samples)} samples`);
		if (facts.rateHz)
			texts.push(`${Format.count(facts.rateHz)} Hz`);
		else if (facts.period)
			texts.push(`one in ${Format.value(facts.period, facts.periodUnit)}`);
		if (facts.durationNs > 0)
			texts.push(`${Format.value(facts.durationNs, "nanoseconds")} recorded`);
		if (facts.timeMs > 0)
			texts.push(new Date(facts.timeMs).toLocaleString([], { dateStyle: "medium", timeStyle: "short" }));
		return texts;
	}

	function qualityTexts(profile) {
		const { facts } = profile, badges = [];
		const count = (number, whole, words) => number > 0 &&
			badges.push([`${Format.count(number)} ${words} (${Format.percent(number, whole)})`, true]);
		if (facts.isEstimated)
			badges.push(["estimated from samples", false]);
		if (facts.lost === 0 && facts.truncated === 0)
			badges.push(["nothing lost, no stack truncated", false]);
		count(facts.lost, facts.lost + facts.samples, "samples lost");
		count(facts.truncated, facts.samples, "stacks truncated");
		if (facts.unsampledNs > facts.cpuNs / 50)
			badges.push([`${Format.percent(facts.unsampledNs, facts.cpuNs)} of CPU time without samples`, true]);
		if (facts.unnamed > 0)
			badges.push([`${Format.percent(facts.unnamed, facts.frames)} of frames without a name`,
				facts.unnamed > facts.frames / 50]);
		for (const words of profile.notes)
			badges.push([Format.text(words).slice(0, 400), false]);
		for (const [name, value] of profile.hasChips ? [] : profile.filters)
			badges.push([`${name}=${Format.text(value)}`, true]);
		if (profile.heaped > 0)
			badges.push([`boxes below 1/${Format.count(profile.share)} are drawn as one`, false]);
		return badges;
	}

	function facts(profile, type) {
		const program = Format.text(profile.program) || "Profile";
		$("program").textContent = program;
		document.title = `${program} · ${typeLabel(profile.types[type])} · flame graph`;
		$("facts").textContent = factTexts(profile, type).join(" · ");
		$("badges").replaceChildren(...qualityTexts(profile).map(([text, isWarning]) =>
			make("li", text, { className: isWarning ? "warn" : "" })));
	}

	// Why there is nothing to see, and what to try.
	function empty(profile, type) {
		const box = $("empty");
		box.hidden = profile.sums(type).weight[0] > 0;
		if (box.hidden)
			return;
		const other = profile.types.filter((_, t) => profile.sums(t).weight[0] > 0);
		const tips = [];
		if (other.length > 0)
			tips.push(`Choose another value: ${other.map(typeLabel).join(", ")} has some.`);
		const isFiltered = profile.filters.length > 0 || profile.isRefined;
		if (isFiltered)
			tips.push(profile.hasChips || profile.isRefined ? "Remove a filter above." : "Make the report without the filters above.");
		if (profile.facts.lost > 0)
			tips.push(`All of ${Format.count(profile.facts.lost)} samples were lost; record at a lower rate.`);
		if (tips.length === 0)
			tips.push("The program may have been idle, or waiting rather than running: record while it works.",
				"Record for longer, or at a higher rate.");
		const list = make("ul", "");
		list.append(...tips.map(tip => make("li", tip)));
		const inner = make("div", "");
		inner.append(make("h2", isFiltered ? "The filters leave nothing" : `No ${typeLabel(profile.types[type])} in this profile`),
			make("p", isFiltered ? "No sample passes all of them, so there is nothing to draw."
				: "No sample has a value of this kind, so there is nothing to draw."), list);
		box.replaceChildren(inner);
	}

	function crumbs(steps, go) {
		const shown = steps.length > 8 ? [...steps.slice(0, 2), null, ...steps.slice(-5)] : steps;
		const parts = [];
		shown.forEach((step, k) => {
			if (k > 0)
				parts.push(make("span", "›"));
			if (step === null) {
				parts.push(make("span", ` ${steps.length - 7} more `));
				return;
			}
			const button = make("button", step.label, { title: step.title });
			button.addEventListener("click", () => go(step.node));
			parts.push(button);
		});
		$("crumbs").replaceChildren(...parts);
	}

	function legend(groups, total, active, toggle) {
		const names = groups.order.filter(name => groups.slots.get(name) !== "--other").slice(0, 12);
		const buttons = names.map(name => {
			const share = Format.percent(groups.weights.get(name), total);
			const button = make("button", "", { title: `Highlight ${Format.text(name)}: ${share} of its own` });
			const swatch = make("i", "");
			swatch.style.setProperty("--swatch", `var(${groups.slots.get(name)})`);
			button.append(swatch, `${Format.text(name).slice(0, 60)} ${share}`);
			button.setAttribute("aria-pressed", name === active);
			button.addEventListener("click", () => toggle(name === active ? "" : name));
			return button;
		});
		$("legend").replaceChildren(...buttons);
	}

	// In words, since colours alone do not say which is worse.
	function legendOfDifference() {
		const entry = (colour, words) => {
			const one = make("span", ""), swatch = make("i", "");
			swatch.style.setProperty("--swatch", `var(${colour})`);
			one.append(swatch, words);
			return one;
		};
		$("legend").replaceChildren(entry("--less", "less than before"), entry("--more", "more than before"),
			entry("--other", "no more change than chance makes"), make("span", "+ new"), make("span", "− gone"),
			make("span", "widths: before and after together; shares: of the total before"));
	}

	function numbers(pairs) {
		$("detail-numbers").replaceChildren(...pairs.map(([name, value]) => {
			const pair = make("div", "");
			pair.append(make("dt", name), make("dd", value));
			return pair;
		}));
	}

	function detail(name, place, pairs) {
		$("detail-name").textContent = name;
		$("detail-place").textContent = place;
		numbers(pairs);
	}

	function keys(list) {
		const dl = make("dl", "");
		for (const { keys: names, does } of list) {
			const dt = make("dt", "");
			names.forEach((name, k) => dt.append(k > 0 ? " " : "", make("kbd", name)));
			dl.append(dt, make("dd", does));
		}
		const close = make("button", "Close");
		close.addEventListener("click", () => $("keys").close());
		$("keys").replaceChildren(make("h2", "Keys"), dl, close);
	}

	return { facts, empty, crumbs, legend, legendOfDifference, detail, keys, typeLabel };
})();
