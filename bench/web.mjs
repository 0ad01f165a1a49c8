// node bench/web.mjs CHROMIUM URL [URL...]: opens each page and prints, as JSON, milliseconds
// from the request to the first picture, and of zoom, search and pivot: from the key to the
// frame that shows it, by the page's own clock.
import { launch, openTab } from "../tests/browser/chromium.mjs";

const [path, ...urls] = process.argv.slice(2);
const ROUNDS = 9;
const median = list => [...list].sort((a, b) => a - b)[list.length >> 1];

// What the page does between an act and the second frame after it: the first has drawn it.
const timed = act => `new Promise(done => { const begun = performance.now(); ${act};
	requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun))); })`;

const browser = await launch(path), tab = await openTab(browser);
await tab.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-reduced-motion", value: "reduce" }] });
await tab.size(1280, 800);
const wait = ms => new Promise(done => setTimeout(done, ms));

async function shown() {
	for (let i = 0; i < 1200; i++) {
		const at = await tab.evaluate(`performance.getEntriesByName("shown")[0]?.startTime || 0`).catch(() => 0);
		if (at > 0)
			return at;
		await wait(25);
	}
	throw new Error("the page shows nothing");
}

async function acts(name, list) {
	const times = [];
	for (let round = 0; round < ROUNDS; round++) {
		times.push(await tab.evaluate(timed(list[round % list.length])));
		await wait(120);
	}
	return [name, Math.round(median(times) * 10) / 10];
}

const key = name => `document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "${name}", bubbles: true }))`;
const canvas = (x, y) => `(() => { const c = document.getElementById("canvas"), b = c.getBoundingClientRect();
	for (const type of ["mousemove", "click"]) c.dispatchEvent(new MouseEvent(type, { clientX: b.left + b.width * ${x}, clientY: b.top + ${y}, bubbles: true })); })()`;
const type = words => `(() => { const i = document.getElementById("search"); i.value = "${words}"; i.dispatchEvent(new Event("input")); })()`;

for (const url of urls) {
	await tab.send("Page.navigate", { url });
	const first = await shown();
	await wait(1500);
	const fetched = await tab.evaluate(`performance.getEntriesByName("fetched")[0].startTime`);
	const figures = [["firstPaintMs", Math.round(first)], ["ofThatInPageMs", Math.round(first - fetched)]];
	figures.push(await acts("zoomMs", [canvas(0.3, 90), key("Escape")]));
	await tab.evaluate(key("Escape"));
	// A pause of 30 ms in typing begins the search; it is part of the time.
	const searches = [];
	for (const words of ["a", "func", "1", "x", "server", "2", "f", "m", "9"]) {
		searches.push(await tab.evaluate(`new Promise(done => { const begun = performance.now(), out = document.getElementById("matched"), before = out.textContent;
			new MutationObserver((_, o) => { o.disconnect(); requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun))); }).observe(out, { childList: true, characterData: true, subtree: true });
			${type(words)}; setTimeout(() => done(performance.now() - begun), 5000); })`));
		await wait(150);
	}
	figures.push(["searchMs", Math.round(median(searches) * 10) / 10]);
	await tab.evaluate(key("Escape"));
	await tab.evaluate(canvas(0.3, 130));
	await wait(300);
	figures.push(await acts("pivotMs", [key("s"), key("s")]));
	figures.push(await acts("invertMs", [key("i"), key("i")]));
	console.log(JSON.stringify(Object.fromEntries(figures)));
}
await browser.close();
