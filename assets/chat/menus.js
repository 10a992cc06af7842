// Menus and dialogs: attach, commands, a message's acts, alerts, pictures, and the sample receipt.

import { messagesOf, nameOf, request, world } from "/store.js";
import { el, icon } from "/view.js";
import { askReceipt } from "/receipt.js";

const menu = document.getElementById("menu");
let opener = null;

/// Shows a menu of `[label, act, note]` above or below a button.
function open(button, items) {
  if (opener === button && !menu.hidden) return close();
  opener = button;
  menu.replaceChildren(...items.map(([label, act, note, testid]) => {
    const item = el("button", { type: "button", data: { testid: testid ?? "menu-item" } }, el("span", { textContent: label, dir: "auto" }));
    if (note) item.append(el("small", { textContent: note, dir: "auto" }));
    item.setAttribute("role", "menuitem");
    item.addEventListener("click", () => { close(); act(); });
    return item;
  }));
  menu.hidden = false;
  const at = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  menu.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
  const above = at.top - height - 6;
  menu.style.top = `${above > 8 ? above : Math.min(at.bottom + 6, innerHeight - height - 8)}px`;
  menu.querySelector("button")?.focus();
}

function close() {
  if (menu.hidden) return;
  menu.hidden = true;
  if (menu.contains(document.activeElement)) opener?.focus();
}

document.addEventListener("pointerdown", (event) => {
  if (!menu.contains(event.target) && !opener?.contains(event.target)) close();
});
menu.addEventListener("keydown", (event) => {
  const items = [...menu.querySelectorAll("button")];
  const at = items.indexOf(document.activeElement);
  if (event.key === "Escape") close();
  if (event.key === "ArrowDown") items[(at + 1) % items.length].focus();
  if (event.key === "ArrowUp") items[(at - 1 + items.length) % items.length].focus();
  if (["Escape", "ArrowDown", "ArrowUp"].includes(event.key)) event.preventDefault();
});

export function attachMenu(column, button) {
  open(button, [
    ["Sample receipt", () => askReceipt(column, messagesOf(column.chat)), "drawn here, with your amount", "attach-receipt"],
    ["Photo", () => column.part(".pick-photo").click(), null, "attach-photo"],
    ["File", () => column.part(".pick-file").click(), null, "attach-file"],
    ["My contact", () => column.send("contact", {}), null, "attach-contact"],
    ["Location", () => column.send("location", { latitude: 35.6997, longitude: 51.338 }), null, "attach-location"],
    ["Sticker", () => column.send("sticker", { emoji: "🙂" }), null, "attach-sticker"],
    ["Voice message", () => column.send("voice", { seconds: 3 }), null, "attach-voice"],
  ]);
}

export async function commandMenu(column, button) {
  const commands = await request(`/sim/commands?person=${column.person}&chat=${column.chat}`);
  const items = commands.map((command) => [`/${command.command}`, () => column.act("say", { text: `/${command.command}` }), command.description, "command"]);
  open(button, items.length ? items : [["The bot offers no commands here", () => {}]]);
}

export function chatMenu(column, button) {
  const info = column.info;
  if (column.isGroup) {
    const inside = new Set(column.members().map((member) => member.id));
    const outside = [...world.people.values()].filter((person) => !inside.has(person.id)).slice(0, 8);
    const upgrade = info.kind === "group" ? [["Upgrade to a supergroup", () => column.act("upgrade", {})]] : [];
    const add = outside.map((person) => [`Add ${nameOf(person)}`, () => setMember(column.chat, person.id)]);
    const items = [...upgrade, ...add];
    return open(button, items.length ? items : [["Everybody is here", () => {}]]);
  }
  open(button, [
    ["Send /start", () => column.act("start", {}), null, "chat-start"],
    info.is_blocked ? ["Unblock the bot", () => column.act("unblock", {}), null, "chat-unblock"] : ["Block the bot", () => column.act("block", {}), null, "chat-block"],
    ["Open a deep link…", () => { const payload = prompt("What stands after ?start="); if (payload) column.act("start", { payload }); }, null, "chat-deep-link"],
  ]);
}

const setMember = (chat, person) =>
  request("/sim/members", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ chat, person, standing: "administrator" }) });

export function messageMenu(column, message, button) {
  const own = message.from === column.person;
  const items = [["Reply", () => column.strip.open(message), null, "message-reply"]];
  if (message.text) items.push(["Copy the text", () => column.copy(message.text)]);
  items.push(["Forward to the bot here", () => column.act("forward", { from_chat: message.chat, message: message.id })]);
  if (own && message.text) items.push(["Edit", () => column.strip.open(message, { isEdit: true }), null, "message-edit"]);
  items.push(["Delete for everybody", () => column.act("delete", { message: message.id })]);
  open(button, items);
}

const alertBox = document.getElementById("alert");
const waiting = [];

/// The bot's alert; one after another.
export function showAlert(text) {
  if (alertBox.open) return waiting.push(text);
  alertBox.querySelector("p").textContent = text;
  alertBox.showModal();
}
alertBox.addEventListener("close", () => { const next = waiting.shift(); if (next) showAlert(next); });

const photoBox = document.getElementById("photo");
photoBox.querySelector("button").append(icon("close"));
photoBox.addEventListener("click", (event) => { if (event.target === photoBox) photoBox.close(); });

export function showPhoto(url) {
  photoBox.querySelector("img").src = url;
  photoBox.showModal();
}
