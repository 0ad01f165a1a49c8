
// The functions of the profile as a sortable table; its numbers are exact, boxes merged in
// the graph included.
const Table = (() => {
	const PAGE = 200;

	function create(parts, profile, hooks) {
		const { pane, rows, note, heads } = parts;
		let frames = [], shown = 0, type = 0, groups = null, selected = -1;

		function cell(row, kind, text) {
			const td = row.insertCell();
			td.className = kind;
			td.textContent = text;
			return td;
		}

		function addNumbers(row, value, total, unit) {
			cell(row, "number", Format.value(value * profile.scale, unit));
			const share = cell(row, "number share", Format.percent(value, total));
			share.style.setProperty("--part", total === 0 ? "0%" : Math.min(100, Math.abs(100 * value / total)) + "%");
		}

		// A long one loses its path or parameters, not its end.
		function nameToShow(name) {
			const forms = name.length > 40 ? Format.shorter(name) : [Format.text(name)];
			return forms[Math.min(1, forms.length - 1)].slice(0, 500);
		}

		function addRow(frame) {
			const { flat, cum, name } = profile.frames, total = profile.sums(type).whole;
			const row = rows.insertRow(), unit = profile.types[type].unit;
			row.tabIndex = 0;
			row.dataset.frame = frame;
			row.setAttribute("aria-selected", frame === selected);
			addNumbers(row, flat[type][frame], total, unit);
			addNumbers(row, cum[type][frame], total, unit);
			const who = cell(row, "name", nameToShow(name[frame]));
			who.style.setProperty("--swatch", `var(${groups.slots.get(groups.groups[frame])})`);
			who.title = Format.text(name[frame]).slice(0, 2000);
		}

		function more() {
			const end = Math.min(frames.length, shown + PAGE);
			for (; shown < end; shown++)
				addRow(frames[shown]);
		}

		function compare(sort) {
			const { flat, cum, name } = profile.frames, key = sort.key;
			const byName = (a, b) => name[a] < name[b] ? -1 : name[a] > name[b] ? 1 : 0;
			const column = key === "flat" ? flat[type] : cum[type], other = key === "flat" ? cum[type] : flat[type];
			const order = key === "name" ? byName
				: (a, b) => Math.abs(column[b]) - Math.abs(column[a]) || Math.abs(other[b]) - Math.abs(other[a]) || byName(a, b);
			return sort.isReversed ? (a, b) => order(b, a) : order;
		}

		function markHeads(sort) {
			const falling = sort.key !== "name";
			for (const head of heads) {
				const button = head.querySelector("button");
				if (button.dataset.sort === sort.key && button.tabIndex === 0)
					head.setAttribute("aria-sort", falling !== sort.isReversed ? "descending" : "ascending");
				else
					head.removeAttribute("aria-sort");
			}
		}

		// matches: frames to show, or null for all.
		function show(options) {
			({ type, groups } = options);
			const { flat, cum } = profile.frames;
			frames = [...Array(profile.frames.count).keys()].filter(frame =>
				(cum[type][frame] !== 0 || flat[type][frame] !== 0) &&
				(options.matches === null || options.matches[frame] === 1));
			frames.sort(compare(options.sort));
			markHeads(options.sort);
			rows.textContent = "";
			shown = 0;
			more();
			const left = profile.framesLeftOut;
			note.textContent = frames.length === 0 ? "No function matches."
				: left > 0 ? `${Format.count(left)} more functions, each below 1/${Format.count(profile.share)} of the total, are not listed.` : "";
			pane.scrollTop = 0;
		}

		function select(frame) {
			selected = frame;
			for (const row of rows.rows)
				row.setAttribute("aria-selected", Number(row.dataset.frame) === frame);
		}

		function hover(frame) {
			for (const row of rows.rows)
				row.classList.toggle("same", Number(row.dataset.frame) === frame);
		}

		const frameOf = event => {
			const row = event.target.closest("tr");
			return row === null ? -1 : Number(row.dataset.frame);
		};
		rows.addEventListener("mouseover", event => hooks.hover(frameOf(event)));
		rows.addEventListener("mouseleave", () => hooks.hover(-1));
		rows.addEventListener("focusin", event => hooks.hover(frameOf(event)));
		rows.addEventListener("click", event => hooks.pick(frameOf(event)));
		rows.addEventListener("dblclick", event => hooks.open(frameOf(event)));
		rows.addEventListener("keydown", event => {
			const row = event.target.closest("tr");
			const next = { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling }[event.key];
			if (next)
				next.focus();
			else if (event.key === "Enter")
				hooks.open(frameOf(event));
			else if (event.key === " ")
				hooks.pick(frameOf(event));
			else
				return;
			event.preventDefault();
			event.stopPropagation();
		});
		pane.addEventListener("scroll", () => {
			if (pane.scrollTop + pane.clientHeight > pane.scrollHeight - 400)
				more();
		}, { passive: true });
		return { show, select, hover };
	}

	return { create };
})();
