// The drawer "World": time, trouble, people, pages, and what the bot did. Telegram's troubles are ordered from the
// simulated Telegram itself; all else from the demo, and only what its `/demo/state` lists in `controls` is shown:
//   GET  /demo/state   -> { controls: ["clock", "restart", "panel_down", ...], faults: { panel_down: true }, pages: [{ label, url }],
//                           cast: [{ id, part }] }
//   POST /demo/fault   { name, on }      POST /demo/clock { seconds }      POST /demo/restart {}

import { listen, nameOf, post, refreshWorld, request, world, worldNow } from "/store.js";
import { el, icon } from "/view.js";

const drawer = document.getElementById("drawer");
const byId = (id) => document.getElementById(id);

/// Switches that are faults of the simulated Telegram.
const TELEGRAM = {
  telegram_429: { label: "Telegram says 429", note: "every third call has to wait 3 seconds", fault: { kind: "too_many", retry_after: 3, every: 3 } },
  duplicate_updates: { label: "Deliver every update twice", note: "as after a lost confirmation", fault: { kind: "deliver_twice" } },
  slow_network: { label: "A slow line", note: "each call takes 0.8 seconds longer", fault: { kind: "slow_rtt", ms: 800 } },
};
/// What the demo may offer besides.
const DEMO = {
  panel_down: { label: "The panel is down", note: "sales go on, delivery waits" },
  panel_slow: { label: "The panel is slow", note: "each answer comes 3 seconds late" },
  panel_unsure: { label: "The panel answers 502 after doing it", note: "nobody knows whether it was done" },
};

const NOTHING = { controls: [], faults: {}, pages: [], cast: [] };
let demo = NOTHING;
const same = (ordered, fault) => Object.entries(fault).every(([key, value]) => ordered[key] === value);
const ordered = (name) => world.faults.find((fault) => same(fault, TELEGRAM[name].fault));
const isOnAtDemo = (name) => (Array.isArray(demo.faults) ? demo.faults.includes(name) : Boolean(demo.faults?.[name]));

async function flip(name, on) {
  if (TELEGRAM[name]) {
    const found = ordered(name);
    if (on && !found) await post("/sim/faults", TELEGRAM[name].fault);
    if (!on && found) await request(`/sim/faults/${found.id}`, { method: "DELETE" });
    return refreshWorld();
  }
  await post("/demo/fault", { name, on });
  await refreshDemo();
}

function switchRow(name, { label, note }, isOn) {
  const box = el("input", { type: "checkbox", checked: isOn, id: `fault-${name}`, data: { testid: `fault-${name}` } });
  box.setAttribute("role", "switch");
  box.addEventListener("change", () => flip(name, box.checked).catch(() => { box.checked = !box.checked; }));
  return el("label", { className: "switch", htmlFor: box.id }, el("span", {}, el("b", { textContent: label }), el("small", { textContent: note })), box);
}

function render() {
  const has = (control) => demo.controls.includes(control);
  const shop = demo.controls.filter((name) => !TELEGRAM[name] && !["clock", "restart", "pages"].includes(name));
  const rows = shop.map((name) => switchRow(name, DEMO[name] ?? { label: name.replaceAll("_", " "), note: "" }, isOnAtDemo(name)));
  rows.push(...Object.entries(TELEGRAM).map(([name, words]) => switchRow(name, words, Boolean(ordered(name)))));
  const focused = document.activeElement?.id;
  byId("faults").replaceChildren(...rows);
  if (focused?.startsWith("fault-")) byId(focused)?.focus();
  byId("clock-section").hidden = !has("clock");
  byId("restart").hidden = !has("restart");
  byId("pages-section").hidden = !demo.pages?.length;
  byId("pages").replaceChildren(...(demo.pages ?? []).map(({ label, url }) =>
    el("li", {}, el("a", { href: url, target: "_blank", rel: "noopener", textContent: label, data: { testid: "page-link" } }))));
  const cast = demo.cast.filter(({ id }) => world.people.has(id));
  byId("cast").hidden = !cast.length;
  const named = cast.map(({ id, part }) => [id, nameOf(world.people.get(id)), part]);
  if (byId("cast").dataset.mark !== JSON.stringify(named)) { // a button that is made anew under a finger is not pressed
    byId("cast").dataset.mark = JSON.stringify(named);
    byId("cast").replaceChildren(...named.map(([id, name, part]) => el("li", {}, el("button",
      { type: "button", className: "wide", data: { testid: `cast-${id}`, person: id } },
      el("b", { textContent: name, dir: "auto" }), el("small", { textContent: part })))));
  }
  byId("trouble").hidden = !(world.faults.length || shop.some(isOnAtDemo));
}

async function refreshDemo() {
  try { demo = { ...NOTHING, ...(await request("/demo/state")) }; }
  catch { demo = NOTHING; }
  render();
}

async function refreshCalls() {
  if (!drawer.open || !byId("calls-section").open) return;
  const calls = (await request("/sim/calls?limit=40")).slice(-40).reverse();
  byId("calls").replaceChildren(...calls.map((call) => {
    const words = String(call.params.text ?? call.params.caption ?? call.answer?.description ?? "").slice(0, 60);
    const node = el("li", { className: call.code >= 400 || !call.code ? "bad" : "" }, el("b", { textContent: call.method }), el("code", { textContent: call.code || "cut" }));
    if (words) node.append(el("small", { textContent: words, dir: "auto" }));
    return node;
  }));
}

const fullDate = new Intl.DateTimeFormat("en", { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
function tick() {
  if (!world.now) return;
  const now = new Date(worldNow() * 1000);
  byId("clock").textContent = fullDate.format(now);
  byId("drawer-now").textContent = fullDate.format(now);
}

/// `onPerson` is told the id of a person who was just added.
export function startDrawer(onPerson) {
  drawer.querySelector(".close").append(icon("close"));
  byId("world").addEventListener("click", () => { drawer.showModal(); refreshDemo(); refreshCalls(); });
  drawer.querySelector(".close").addEventListener("click", () => drawer.close());
  drawer.addEventListener("click", (event) => { if (event.target === drawer) drawer.close(); });
  byId("clock-section").addEventListener("click", async (event) => {
    const seconds = Number(event.target.dataset.clock);
    if (!seconds) return;
    event.target.disabled = true;
    try { await post("/demo/clock", { seconds }); await refreshWorld(); } finally { event.target.disabled = false; }
    tick();
  });
  byId("restart").addEventListener("click", async (event) => {
    event.target.disabled = true;
    try { await post("/demo/restart", {}); } finally { event.target.disabled = false; }
  });
  byId("cast").addEventListener("click", (event) => {
    const id = Number(event.target.closest("button")?.dataset.person);
    if (!id) return;
    drawer.close();
    onPerson(id);
  });
  byId("new-person").addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    const [first_name, ...rest] = form.name.value.trim().split(/\s+/);
    if (!first_name) return;
    const { id } = await post("/sim/people", { id: 0, first_name, last_name: rest.join(" ") || null, language_code: form.language.value });
    form.reset();
    await refreshWorld();
    drawer.close();
    onPerson(id, nameOf(world.people.get(id)));
  });
  byId("calls-section").addEventListener("toggle", refreshCalls);
  listen((what) => { if (what === "world") render(); if (what === "chat") refreshCalls(); });
  setInterval(tick, 1000);
  setInterval(() => { if (!document.hidden) refreshWorld().catch(() => {}); }, 15000);
  refreshDemo();
  tick();
}
