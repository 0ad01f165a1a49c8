// A headless Chromium that speaks the DevTools protocol over a pair of pipes.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
	"--disable-background-networking", "--disable-component-update", "--disable-sync",
	"--disable-dev-shm-usage", "--remote-debugging-pipe"];

export async function launch(path) {
	const folder = mkdtempSync(join(tmpdir(), "goprof-browser-"));
	const child = spawn(path, [...FLAGS, `--user-data-dir=${folder}`, "about:blank"],
		{ stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
	const waiting = new Map(), listeners = [];
	let last = 0, rest = "";

	child.stdio[4].setEncoding("utf8").on("data", text => {
		const messages = (rest + text).split("\0");
		rest = messages.pop();
		for (const message of messages.map(JSON.parse)) {
			if (message.id) {
				waiting.get(message.id)(message);
				waiting.delete(message.id);
			} else {
				listeners.forEach(listen => listen(message));
			}
		}
	});
	const send = (method, params = {}, sessionId) => new Promise((resolve, reject) => {
		waiting.set(++last, answer => answer.error ? reject(new Error(`${method}: ${answer.error.message}`)) : resolve(answer.result));
		child.stdio[3].write(JSON.stringify({ id: last, method, params, sessionId }) + "\0");
	});
	const close = async () => {
		await send("Browser.close").catch(() => {});
		await new Promise(resolve => child.exitCode === null ? child.on("exit", resolve) : resolve());
		rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
	};
	return { send, listen: listener => listeners.push(listener), close };
}

const KEY_CODES = { Enter: 13, Escape: 27, Backspace: 8, ArrowUp: 38, ArrowDown: 40, ArrowLeft: 37, ArrowRight: 39, Tab: 9 };

// One tab: its errors and requests are collected.
export async function openTab(browser) {
	const { targetId } = await browser.send("Target.createTarget", { url: "about:blank" });
	const { sessionId } = await browser.send("Target.attachToTarget", { targetId, flatten: true });
	const send = (method, params) => browser.send(method, params, sessionId);
	const tab = { send, errors: [], requests: [] };
	browser.listen(message => {
		if (message.sessionId !== sessionId)
			return;
		const { method, params } = message;
		if (method === "Runtime.exceptionThrown")
			tab.errors.push(params.exceptionDetails.exception?.description || params.exceptionDetails.text);
		if (method === "Log.entryAdded" || method === "Runtime.consoleAPICalled")
			tab.errors.push(params.entry?.text || params.args.map(arg => arg.value).join(" "));
		if (method === "Network.requestWillBeSent")
			tab.requests.push(params.request.url);
		if (method === "Page.javascriptDialogOpening")
			tab.errors.push("dialog: " + params.message);
	});
	for (const domain of ["Page", "Runtime", "Log", "Network"])
		await send(domain + ".enable");

	tab.evaluate = async expression => {
		const { result, exceptionDetails } = await send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
		if (exceptionDetails)
			throw new Error(exceptionDetails.exception?.description || exceptionDetails.text);
		return result.value;
	};
	tab.settle = () => tab.evaluate("new Promise(done => setTimeout(() => requestAnimationFrame(() => setTimeout(done, 20)), 260))");
	tab.open = async url => {
		tab.errors.length = tab.requests.length = 0;
		await send("Page.navigate", { url: "about:blank" });
		await send("Page.navigate", { url });
		for (let i = 0; i < 100 && await tab.evaluate("document.readyState") !== "complete"; i++)
			await new Promise(resolve => setTimeout(resolve, 20));
		await tab.settle();
	};
	// Until the page that the act leads to is there.
	tab.navigates = async act => {
		await tab.evaluate(`window.isBefore = true; ${act}; 0`);
		for (let i = 0; i < 250; i++) {
			if (await tab.evaluate(`window.isBefore === undefined && document.readyState === "complete"`).catch(() => false))
				return tab.settle();
			await new Promise(resolve => setTimeout(resolve, 20));
		}
		throw new Error(`no other page after ${act}`);
	};
	tab.size = (width, height) => send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
	tab.mouse = async (type, x, y, extra = {}) => send("Input.dispatchMouseEvent", { type, x, y, ...extra });
	tab.hover = async (x, y) => { await tab.mouse("mouseMoved", x, y); await tab.evaluate("0"); };
	tab.click = async (x, y) => {
		await tab.hover(x, y);
		for (const type of ["mousePressed", "mouseReleased"])
			await tab.mouse(type, x, y, { button: "left", clickCount: 1 });
		await tab.settle();
	};
	tab.key = async key => {
		const code = { key, windowsVirtualKeyCode: KEY_CODES[key] || key.toUpperCase().charCodeAt(0) };
		const text = key.length === 1 ? { text: key } : key === "Enter" ? { text: "\r" } : {};
		await send("Input.dispatchKeyEvent", { type: "keyDown", ...code, ...text });
		await send("Input.dispatchKeyEvent", { type: "keyUp", ...code });
		await tab.settle();
	};
	tab.type = async text => { for (const c of text) await send("Input.dispatchKeyEvent", { type: "char", text: c }); await tab.settle(); };
	return tab;
}
