
// Draws views as boxes on a canvas that is as large as the window, whatever the depth: the
// scroller moves, the canvas stays. A scene is a list of layers that share the width:
// { view, direction (rows grow down: 1, up: -1), focus (the box that fills the width) }.
const Graph = (() => {
	const ROW = 20, GAP = 1, PAD = 5, THIN = 0.7, ZOOM_MS = 170;
	const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif';

	function create(parts, profile) {
		const { canvas, scroller, spacer } = parts;
		const pen = canvas.getContext("2d");
		const labels = [];
		const marks = { matches: null, hover: null, selected: null, frame: null };
		let scene = { layers: [], rows: 0, isFlipped: false, total: 0 };
		let palette = null, width = 0, height = 0, scheduled = 0, animation = null;
		let scrolled = 0; // asking the scroller for each box would lay out the page each time

		function measure(frame) {
			if (labels[frame] === undefined) {
				labels[frame] = Format.shorter(profile.frames.name[frame])
					.map(text => ({ text, width: pen.measureText(text).width }));
			}
			return labels[frame];
		}

		// The longest form of the name that fits; else the end of the shortest, which
		// tells names apart better than their start.
		function label(frame, room) {
			const forms = measure(frame);
			const form = forms.find(one => one.width <= room);
			if (form)
				return form.text;
			const { text, width: full } = forms[forms.length - 1];
			for (let keep = Math.floor(text.length * room / full); keep >= 3; keep--) {
				const cut = "…" + text.slice(text.length - keep);
				if (pen.measureText(cut).width <= room)
					return cut;
			}
			return "";
		}

		// Of a difference: + was not there before, − is not there any more.
		function marked(view, i, room) {
			const sign = view.value[i] === view.weight[i] ? "+ " : view.value[i] === -view.weight[i] ? "− " : "";
			const rest = sign === "" ? room : room - pen.measureText(sign).width, text = label(view.frame[i], rest);
			return text === "" ? "" : sign + text;
		}

		function caption(view, i, room) {
			const frame = view.frame[i];
			if (frame >= 0)
				return scene.isMarked ? marked(view, i, room) : label(frame, room);
			const text = frame === Model.ROOT ? "all" : `${Format.count(view.small[i])} smaller frames`;
			return pen.measureText(text).width <= room ? text : "";
		}

		// Stronger the more of the box has changed; what chance may explain is grey.
		function change(value, weight) {
			if (Math.abs(value) <= scene.noise(weight))
				return palette.other;
			const shades = value < 0 ? palette.lessShades : palette.moreShades;
			return shades[Math.min(shades.length - 1, Math.floor(Math.abs(value) / weight * shades.length))];
		}

		function fill(view, i) {
			const frame = view.frame[i];
			if (frame === Model.ROOT)
				return palette.other;
			if (frame === Model.SMALL)
				return palette.small;
			if (scene.isDiff)
				return change(view.value[i], view.weight[i]);
			return palette.fills[frame];
		}

		function top(layer, depth) {
			const shift = scene.isFlipped ? Math.max(0, height - scene.rows * ROW) : 0;
			return (layer.origin + layer.direction * depth) * ROW - scrolled + shift;
		}

		function drawBox(layer, i, left, right, y) {
			const { view } = layer, frame = view.frame[i], boxWidth = Math.max(right - left - (right - left > 4 ? GAP : 0.3), THIN);
			const isMatch = marks.matches !== null && frame >= 0 && marks.matches[frame] === 1;
			const isAbove = view.depth[i] < view.depth[layer.focus];
			pen.globalAlpha = marks.matches !== null && !isMatch ? 0.28 : isAbove ? 0.6 : 1;
			pen.fillStyle = marks.isSearch && isMatch ? palette.mark : fill(view, i);
			pen.beginPath();
			if (boxWidth > 8)
				pen.roundRect(left, y, boxWidth, ROW - GAP, 2);
			else
				pen.rect(left, y, boxWidth, ROW - GAP);
			pen.fill();
			pen.globalAlpha = marks.matches !== null && !isMatch ? 0.6 : 1;
			outline(layer, i, left, boxWidth, y);
			if (boxWidth > 22)
				drawText(layer, i, left, boxWidth, y, marks.isSearch && isMatch);
			pen.globalAlpha = 1;
		}

		function outline(layer, i, left, boxWidth, y) {
			const is = mark => mark !== null && mark.layer === layer && mark.node === i;
			const isSame = marks.frame !== null && layer.view.frame[i] === marks.frame;
			if (!is(marks.hover) && !is(marks.selected) && !isSame)
				return;
			pen.lineWidth = is(marks.selected) ? 2.5 : is(marks.hover) ? 2 : 1;
			pen.strokeStyle = is(marks.selected) || isSame && !is(marks.hover) ? palette.accent : palette.text;
			pen.strokeRect(left + 1, y + 1, Math.max(boxWidth - 2, 1), ROW - GAP - 2);
		}

		function drawText(layer, i, left, boxWidth, y, isMarked) {
			const { view } = layer, frame = view.frame[i];
			pen.font = view.inlining[i] === 2 ? "italic " + FONT : FONT;
			const text = caption(view, i, boxWidth - 2 * PAD);
			if (text === "")
				return;
			const isFaded = marks.matches !== null && !isMarked && (frame < 0 || marks.matches[frame] !== 1);
			pen.fillStyle = isMarked ? palette["mark-text"]
				: scene.isDiff || frame < 0 || isFaded ? palette.text : palette.inks[frame];
			pen.fillText(text, left + PAD, y + ROW / 2);
		}

		// Boxes too narrow to draw leave a trace, so that no tower vanishes.
		function drawThin(thin, depth, left, y) {
			if (left < (thin[depth] || -1))
				return;
			thin[depth] = left + THIN;
			pen.fillStyle = palette.thin;
			pen.fillRect(left, y, THIN, ROW - GAP);
		}

		function drawLayer(layer) {
			const { view, range } = layer, scale = width / (range[1] - range[0]), thin = [];
			for (let i = layer.first; i < view.count;) {
				const y = top(layer, view.depth[i]);
				const from = (view.x[i] - range[0]) * scale, boxWidth = view.weight[i] * scale;
				const isBeyond = layer.direction > 0 ? y > height : y < -ROW;
				if (isBeyond || from + boxWidth <= 0 || from >= width) {
					i = view.end[i];
					continue;
				}
				const isSeen = y > -ROW && y < height;
				if (boxWidth < THIN) {
					if (isSeen)
						drawThin(thin, view.depth[i], from, y);
					i = view.end[i];
					continue;
				}
				if (isSeen)
					drawBox(layer, i, Math.max(from, 0), Math.min(from + boxWidth, width), y);
				i++;
			}
		}

		function draw() {
			scheduled = 0;
			scrolled = scroller.scrollTop;
			const ratio = window.devicePixelRatio || 1;
			const pixels = [Math.round(width * ratio), Math.round(height * ratio)];
			if (canvas.width !== pixels[0] || canvas.height !== pixels[1]) {
				[canvas.width, canvas.height] = pixels;
				canvas.style.width = width + "px";
				canvas.style.height = height + "px";
			}
			pen.setTransform(ratio, 0, 0, ratio, 0, 0);
			pen.clearRect(0, 0, width, height);
			pen.textBaseline = "middle";
			pen.direction = "ltr";
			pen.font = FONT;
			if (palette !== null && scene.total > 0)
				scene.layers.forEach(drawLayer);
		}

		function redraw() {
			scheduled = scheduled || requestAnimationFrame(draw);
		}

		function resize() {
			width = scroller.clientWidth;
			height = scroller.clientHeight;
			spacer.style.height = Math.max(scene.rows * ROW, height) + "px";
			draw(); // at once: a canvas of the old size must not be seen
		}

		const rangeOf = layer => {
			const { view, focus } = layer;
			return [view.x[focus], view.x[focus] + Math.max(view.weight[focus], Number.MIN_VALUE)];
		};

		function animate(starts) {
			const begin = performance.now();
			cancelAnimationFrame(animation);
			const step = now => {
				const part = Math.min(1, Math.max(0, (now - begin) / ZOOM_MS)), eased = 1 - (1 - part) ** 3;
				scene.layers.forEach((layer, k) => {
					const end = rangeOf(layer);
					layer.range = [0, 1].map(side => starts[k][side] + (end[side] - starts[k][side]) * eased);
				});
				draw();
				if (part < 1)
					animation = requestAnimationFrame(step);
			};
			animation = requestAnimationFrame(step);
		}

		// Rows from the far ends of the layers: those that grow up begin below their deepest box.
		function arrange() {
			const depth = direction => Math.max(0, ...scene.layers.filter(layer => layer.direction === direction)
				.map(layer => layer.view.deepest[layer.focus]));
			const origin = depth(-1);
			scene.layers.forEach(layer => { layer.origin = origin; });
			scene.rows = origin + depth(1) + 1;
		}

		function show(next) {
			const before = scene, fromBottom = spacer.clientHeight - scroller.scrollTop;
			const isSame = before.key === next.key && before.layers.length === next.layers.length;
			scene = next;
			scene.layers.forEach((layer, k) => { layer.first = k === 0 ? 0 : 1; layer.range = rangeOf(layer); });
			arrange();
			cancelAnimationFrame(animation);
			resize();
			if (scene.isFlipped)
				scroller.scrollTop = isSame ? spacer.clientHeight - fromBottom : spacer.clientHeight;
			else if (!isSame)
				scroller.scrollTop = scene.layers.length > 1
					? Math.max(0, scene.layers[0].origin * ROW - height / 2) : 0;
			if (isSame && !matchMedia("(prefers-reduced-motion: reduce)").matches) {
				const starts = before.layers.map(layer => layer.range);
				scene.layers.forEach((layer, k) => { layer.range = starts[k]; });
				animate(starts);
			}
		}

		function childAt(view, parent, at) {
			for (let i = parent + 1; i < view.end[parent]; i = view.end[i]) {
				if (at >= view.x[i] && at < view.x[i] + view.weight[i])
					return i;
			}
			return -1;
		}

		function hitLayer(layer, x, y) {
			const { view, range } = layer, at = range[0] + x / width * (range[1] - range[0]);
			const depth = Math.floor((y - top(layer, 0)) / ROW) * layer.direction;
			let i = at >= view.x[0] && at <= view.x[0] + view.weight[0] ? 0 : -1;
			for (let level = 0; level < depth && i >= 0; level++)
				i = childAt(view, i, at);
			return depth < layer.first || i < 0 ? null : { layer, node: i };
		}

		// The box at a point of the canvas, or null.
		function hit(x, y) {
			scrolled = scroller.scrollTop;
			if (scene.total > 0) {
				for (const layer of scene.layers) {
					const found = hitLayer(layer, x, y);
					if (found !== null)
						return found;
				}
			}
			return null;
		}

		// Pixels from the left edge and width of a box, as it stands now.
		function place(mark) {
			scrolled = scroller.scrollTop;
			const { layer, node } = mark, scale = width / (layer.range[1] - layer.range[0]);
			return { left: (layer.view.x[node] - layer.range[0]) * scale, width: layer.view.weight[node] * scale,
				top: top(layer, layer.view.depth[node]), height: ROW };
		}

		function scrollTo(mark) {
			const y = place(mark).top;
			if (y < 0)
				scroller.scrollTop += y - ROW;
			else if (y > height - ROW)
				scroller.scrollTop += y - height + 2 * ROW;
		}

		function mark(changes) {
			Object.assign(marks, changes);
			redraw();
		}

		scroller.addEventListener("scroll", redraw, { passive: true });
		new ResizeObserver(resize).observe(scroller);
		return { show, mark, hit, place, scrollTo, resize, marks, get scene() { return scene; },
			paint(next) { palette = next; redraw(); } };
	}

	return { create };
})();
