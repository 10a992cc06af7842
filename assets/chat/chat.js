// The page: which columns there are, what each shows, light or dark. Remembers both in this browser; the address may
// say it too: `?columns=1001,-1001000001001:2001&theme=dark` (chat, and in a group who speaks).

import { connect, listen, refreshWorld, world } from "/store.js";
import { el, icon } from "/view.js";
import { Column } from "/column.js";
import { startDrawer } from "/drawer.js";

const asked = new URLSearchParams(location.search);
const KEPT = "souk-chat";
const kept = (() => { try { return JSON.parse(localStorage.getItem(KEPT)) ?? {}; } catch { return {}; } })();
const save = () => localStorage.setItem(KEPT, JSON.stringify(kept));

const place = document.getElementById("columns");
const switcher = document.getElementById("switcher");
const columns = [];
let active = 0;

const wide = matchMedia("(min-width: 1180px)");
const middle = matchMedia("(min-width: 760px)");
const most = () => (wide.matches ? 3 : middle.matches ? 2 : 1);

function theme(name) {
  document.documentElement.dataset.theme = name;
  document.getElementById("theme").setAttribute("aria-pressed", String(name === "dark"));
}

/// Which columns to begin with: asked for by the address, kept from last time, or a customer, a group, another person: staff speak in the group.
function beginning() {
  const parse = (text) => text.split(",").map((part) => part.split(":").map(Number));
  const exists = ([chat]) => world.chats.has(chat);
  const fromAddress = asked.get("columns") ? parse(asked.get("columns")).filter(exists) : [];
  if (fromAddress.length) return fromAddress;
  const before = (kept.columns ?? []).filter(exists);
  if (before.length) return before;
  const all = [...world.chats.values()].filter((chat) => !chat.migrated_to);
  const groups = all.filter((chat) => chat.kind !== "private");
  const staff = new Set(groups.flatMap((chat) => chat.members.map((member) => member.id)));
  const people = all.filter((chat) => chat.kind === "private");
  const [first, second] = [...people.filter((chat) => !staff.has(chat.id)), ...people.filter((chat) => staff.has(chat.id))];
  return [first, groups[0], second].filter(Boolean).map((chat) => [chat.id]);
}

function addColumn([chat, person]) {
  const column = new Column(columns.length + 1, place, remember);
  columns.push(column);
  column.root.addEventListener("focusin", () => focusOn(columns.indexOf(column)));
  column.root.addEventListener("pointerdown", () => focusOn(columns.indexOf(column)));
  return column.open(chat, person);
}

function remember() {
  kept.columns = columns.map((column) => [column.chat, column.person]);
  save();
  renderSwitcher();
}

function focusOn(index) {
  if (active === index) return;
  active = index;
  layout();
}

function layout() {
  const count = Math.min(kept.count ?? 3, most(), columns.length);
  const from = Math.min(Math.max(0, active - count + 1), columns.length - count);
  columns.forEach((column, index) => {
    column.root.hidden = index < from || index >= from + count;
    column.root.classList.toggle("active", index === active);
  });
  place.style.setProperty("--columns", count);
  document.body.dataset.columns = count;
  for (const button of document.querySelectorAll("#counts button")) {
    const number = Number(button.dataset.count);
    button.hidden = number > most();
    button.setAttribute("aria-pressed", String(number === count));
  }
  document.getElementById("counts").hidden = most() === 1;
  renderSwitcher();
}

function renderSwitcher() {
  switcher.hidden = columns.filter((column) => !column.root.hidden).length === columns.length;
  switcher.replaceChildren(...columns.map((column, index) => {
    const button = el("button", { type: "button", dir: "auto", textContent: column.title, data: { testid: `switch-${index + 1}` } });
    button.setAttribute("aria-pressed", String(index === active));
    button.addEventListener("click", () => { active = index; layout(); column.toEnd(); });
    return button;
  }));
}

async function start() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  theme(asked.get("theme") ?? kept.theme ?? (dark.matches ? "dark" : "light"));
  document.getElementById("theme").append(icon("theme"));
  document.getElementById("theme").addEventListener("click", () => {
    kept.theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    theme(kept.theme);
    save();
  });
  document.getElementById("counts").addEventListener("click", (event) => {
    const count = Number(event.target.dataset.count);
    if (count) { kept.count = count; save(); fill().then(layout); }
  });
  for (const query of [wide, middle]) query.addEventListener("change", () => fill().then(layout));
  const offline = document.getElementById("offline");
  listen((what) => {
    if (what === "offline") offline.hidden = false;
    if (what === "online" || what === "world") offline.hidden = true;
    if (what === "world") { fill().then(layout); }
  });
  await refreshWorld();
  connect();
  startDrawer((id) => columns[active]?.open(id));
  await fill();
  layout();
}

/// As many columns as there is room and there are chats for.
let filling = false;
async function fill() {
  if (filling) return;
  filling = true;
  const wanted = beginning();
  const others = [...world.chats.keys()].filter((chat) => !wanted.some(([other]) => other === chat)).map((chat) => [chat]);
  const room = Math.max(3, wanted.length);
  const list = [...wanted, ...others].slice(0, room);
  for (const entry of list.slice(columns.length)) await addColumn(entry);
  filling = false;
}

start().catch((error) => {
  const offline = document.getElementById("offline");
  offline.hidden = false;
  offline.textContent = `The page could not start: ${error.message}`;
});
