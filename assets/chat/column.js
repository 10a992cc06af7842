// One column: a person in a chat. Shows its messages, sends what is typed, tapped or attached.

import { chatTitle, listen, messageOf, messagesOf, nameOf, post, request, watch, world } from "/store.js";
import { colourOf, dayOf, el, icon, initials, messageElement } from "/view.js";
import { attachMenu, commandMenu, chatMenu, messageMenu, showAlert, showPhoto } from "/menus.js";
import { Strip, jumpTo } from "/reply.js";

const ACTION_MS = 6000;
const NEAR_END = 120;
const ACTIONS = { typing: "is typing", upload_photo: "is sending a photo", upload_document: "is sending a file" };

export class Column {
  constructor(index, place, onChange) {
    this.index = index;
    this.onChange = onChange;
    this.chat = null;
    this.person = null;
    this.topic = "all";
    this.shown = new Map(); // message id -> { node, mark }
    this.toastChange = 0;
    const root = document.getElementById("column-template").content.firstElementChild.cloneNode(true);
    root.dataset.testid = `column-${index}`;
    this.root = root;
    this.part = (selector) => root.querySelector(selector);
    this.part(".more").append(icon("more"));
    this.part(".attach").append(icon("attach"));
    this.part(".commands").append(icon("slash"));
    this.part(".send").append(icon("send"));
    this.part(".down").append(icon("down"));
    this.strip = new Strip(this);
    this.bind();
    listen((what, detail) => this.hear(what, detail));
    place.append(root);
  }

  bind() {
    const on = (selector, event, act) => this.part(selector).addEventListener(event, act);
    on(".chat-picker", "change", (event) => this.open(Number(event.target.value)));
    on(".person-picker", "change", (event) => this.open(this.chat, Number(event.target.value)));
    on(".composer", "submit", (event) => { event.preventDefault(); this.submit(); });
    on("textarea", "input", () => this.fit());
    on("textarea", "keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.submit(); }
    });
    on("textarea", "paste", (event) => {
      const files = [...event.clipboardData.files];
      if (files.length) { event.preventDefault(); this.sendFiles(files, files.every((file) => file.type.startsWith("image/"))); }
    });
    on(".attach", "click", (event) => attachMenu(this, event.currentTarget));
    on(".commands", "click", (event) => commandMenu(this, event.currentTarget));
    on(".more", "click", (event) => chatMenu(this, event.currentTarget));
    on(".gate", "click", () => this.act("start", {}));
    on(".down", "click", () => this.toEnd(true));
    this.sticks = true; // to the newest message, until somebody scrolls away from it
    let lastTop = 0;
    on(".scroll", "scroll", (event) => {
      const top = event.currentTarget.scrollTop;
      this.sticks = this.isNearEnd() || (this.sticks && top >= lastTop); // content that grew is nobody scrolling away
      lastTop = top;
      this.part(".down").hidden = this.sticks;
    });
    const grown = new ResizeObserver(() => { if (this.sticks) this.toEnd(); });
    grown.observe(this.part(".list"));
    grown.observe(this.part(".scroll"));
    on(".list", "click", (event) => this.clicked(event));
    for (const [selector, asPhoto] of [[".pick-photo", true], [".pick-file", false]]) {
      on(selector, "change", (event) => { this.sendFiles([...event.target.files], asPhoto); event.target.value = ""; });
    }
    this.root.addEventListener("dragover", (event) => event.preventDefault());
    this.root.addEventListener("drop", (event) => {
      event.preventDefault();
      const files = [...event.dataTransfer.files];
      if (files.length) this.sendFiles(files, files.every((file) => file.type.startsWith("image/")));
    });
  }

  get info() { return world.chats.get(this.chat); }
  get isGroup() { return this.info && this.info.kind !== "private"; }
  get title() { return chatTitle(this.info); }

  members() {
    const inside = (this.info?.members ?? []).filter((member) => ["creator", "administrator", "member"].includes(member.standing));
    return inside.map((member) => world.people.get(member.id)).filter(Boolean);
  }

  /// Shows a chat, as a person: in a private chat its owner, in a group one of its members.
  async open(chat, person) {
    const changed = chat !== this.chat;
    const before = this.person;
    this.chat = chat;
    const members = this.isGroup ? this.members() : [];
    this.person = this.isGroup ? (members.find((member) => member.id === person) ?? members[0])?.id ?? null : chat;
    if (changed) {
      this.topic = "all";
      this.shown.clear();
      this.part(".list").replaceChildren();
      this.part(".list").classList.add("loading");
    }
    if (changed || this.person !== before) this.strip.forget();
    this.renderHead();
    this.onChange();
    this.toastChange = await this.newestToast();
    await watch(chat);
    if (this.chat !== chat) return; // another chat was opened meanwhile
    this.part(".list").classList.remove("loading");
    this.render();
    this.toEnd();
  }

  hear(what, detail) {
    if (what === "world") { this.renderHead(); if (this.isGroup) this.render(); }
    if (what === "chat" && detail === this.chat) { this.renderHead(); this.render(); }
    if (what === "toast" && detail === this.chat) this.showToasts();
  }

  renderHead() {
    const info = this.info;
    const avatar = this.part(".avatar");
    avatar.className = `avatar c${colourOf(this.chat ?? 0)}`;
    avatar.textContent = initials(this.title);
    const groups = [...world.chats.values()].filter((chat) => !chat.migrated_to);
    const entries = (isPrivate) => groups.filter((chat) => (chat.kind === "private") === isPrivate).map((chat) => [chat.id, chatTitle(chat)]);
    this.renderPicker(".chat-picker", [["People", entries(true)], ["Groups", entries(false)]], this.chat);
    const speaker = this.part(".speaker");
    speaker.hidden = !this.isGroup;
    const members = this.members();
    this.renderPicker(".person-picker", [["Members", members.map((member) => [member.id, nameOf(member)])]], this.person);
    if (info) this.renderStatus(info);
    this.renderTopics(info);
    this.renderFoot(info);
  }

  /// Its options stay as they are while they are the same: an open list would close under somebody's hand.
  renderPicker(selector, groups, chosen) {
    const picker = this.part(selector);
    const mark = JSON.stringify(groups);
    if (picker.dataset.mark !== mark) {
      const option = ([id, name]) => el("option", { value: id, textContent: name });
      picker.replaceChildren(...groups.map(([label, entries]) => el("optgroup", { label }, ...entries.map(option))));
      picker.dataset.mark = mark;
    }
    picker.value = String(chosen);
  }

  renderStatus(info) {
    const status = this.part(".status");
    clearTimeout(this.actionTimer);
    const act = info.action && ACTIONS[info.action.action];
    const key = act && `${info.action.action}${info.action.at}`;
    const count = this.members().length;
    const rest = this.isGroup ? `${count === 1 ? "1 person" : `${count} people`} and the bot` : `chat with ${world.bot.first_name}`;
    status.classList.toggle("live", Boolean(act));
    status.textContent = act ? `${world.bot.first_name} ${act}…` : info.is_blocked ? "has blocked the bot" : rest;
    if (act) {
      this.lastAction = key;
      this.actionTimer = setTimeout(() => { info.action = null; this.renderStatus(info); }, ACTION_MS);
    }
  }

  renderTopics(info) {
    const bar = this.part(".topics");
    bar.hidden = !info?.is_forum;
    if (bar.hidden) return;
    const tabs = [["all", "All"], ["general", "General"], ...info.topics.map((topic) => [String(topic.id), topic.name])];
    const mark = JSON.stringify([tabs, this.topic]);
    if (mark === this.topicsMark) return;
    this.topicsMark = mark;
    bar.replaceChildren(...tabs.map(([id, name]) => {
      const tab = el("button", { type: "button", textContent: name, dir: "auto", data: { testid: "topic", topic: id } });
      tab.setAttribute("role", "tab");
      tab.setAttribute("aria-selected", String(this.topic === id));
      tab.addEventListener("click", () => { this.topic = id; this.shown.clear(); this.part(".list").replaceChildren(); this.renderTopics(info); this.render(); this.toEnd(); });
      return tab;
    }));
  }

  renderFoot(info) {
    const isShut = info && info.kind === "private" && (!info.is_started || info.is_blocked);
    this.part(".gate").hidden = !isShut;
    this.part(".gate").textContent = info?.is_blocked ? "Unblock and start" : "Start";
    this.part(".composer").hidden = Boolean(isShut);
    const keys = this.part(".keys");
    const rows = !isShut && info?.reply_keyboard?.keyboard;
    keys.hidden = !rows;
    const mark = JSON.stringify(rows || null);
    if (mark === this.keysMark) return;
    this.keysMark = mark;
    keys.replaceChildren(...(rows || []).map((row) => el("div", { className: "keys-row" }, ...row.map((key) => {
      const node = el("button", { type: "button", dir: "auto", textContent: key.text, data: { testid: "key", label: key.text } });
      node.addEventListener("click", () => this.send("key", { label: key.text }));
      return node;
    }))));
  }

  inTopic(message) {
    if (this.topic === "all") return true;
    return this.topic === "general" ? !message.thread : String(message.thread) === this.topic;
  }

  render() {
    const list = this.part(".list");
    const live = messagesOf(this.chat).filter((message) => !message.is_deleted && this.inTopic(message));
    const keep = new Set();
    let before = null;
    let at = list.firstChild;
    for (const message of live) {
      const isNewDay = !before || dayOf(before.date) !== dayOf(message.date);
      if (isNewDay) at = this.put(`day${message.date}`, dayOf(message.date), () => el("li", { className: "day" }, el("span", { textContent: dayOf(message.date) })), at, keep);
      const first = isNewDay || before.from !== message.from || Boolean(before.service) || message.date - before.date > 600;
      const mine = message.from === this.person;
      const topic = this.topic === "all" && message.thread ? this.info?.topics.find((topic) => topic.id === message.thread)?.name : null;
      const context = { mine, first, topic, name: this.isGroup && !mine && first, answered: message.reply_to ? messageOf(this.chat, message.reply_to) : null };
      const mark = `${message.change}/${mine}/${first}/${topic}/${context.answered?.change}`;
      at = this.put(message.id, mark, () => messageElement(message, context), at, keep);
      before = message;
    }
    for (const [id, { node }] of this.shown) if (!keep.has(id)) { node.remove(); this.shown.delete(id); }
    this.strip.follow(live);
    if (this.sticks) this.toEnd();
  }

  /// Puts the element of `id` before `at`, made anew only when its mark changed. Returns what comes after it.
  put(id, mark, make, at, keep) {
    keep.add(id);
    let entry = this.shown.get(id);
    if (entry?.mark !== mark) {
      const node = make();
      if (!entry && this.shown.size) node.classList.add("new");
      if (entry?.node === at) at = at.nextSibling;
      entry?.node.remove();
      entry = { node, mark };
      this.shown.set(id, entry);
    }
    if (entry.node === at) return at.nextSibling;
    this.part(".list").insertBefore(entry.node, at);
    return at;
  }

  isNearEnd() {
    const box = this.part(".scroll");
    return box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END;
  }

  toEnd(smooth = false) {
    const box = this.part(".scroll");
    this.sticks = true;
    this.part(".down").hidden = true;
    box.scrollTo({ top: box.scrollHeight, behavior: smooth ? "smooth" : "auto" });
  }

  /// Fields every act shares.
  base() {
    const thread = this.topic === "all" || this.topic === "general" ? null : Number(this.topic);
    return { person: this.person, chat: this.chat, thread };
  }

  async act(name, fields) {
    try {
      return await post(`/sim/${name}`, { ...this.base(), ...fields });
    } catch (error) {
      this.toast(error.message, true);
      return null;
    }
  }

  /// An act that puts something into the chat: it answers what the strip shows, and the strip closes.
  async send(name, fields) {
    const answered = this.strip.answered;
    const done = await this.act(name, { reply_to: answered, ...fields });
    if (done) { this.strip.sent(answered); this.toEnd(); }
    return done;
  }

  async submit() {
    const input = this.part("textarea");
    const text = input.value.trim();
    if (!text) return;
    const edited = this.strip.edited;
    input.value = "";
    this.fit();
    const done = edited ? await this.act("edit", { message: edited, text }) : await this.send("say", { text });
    if (edited && done) this.strip.sent(edited);
    if (!done && !input.value) { input.value = text; this.fit(); } // nothing that was typed is lost
  }

  fit() {
    const input = this.part("textarea");
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight, 140)}px`;
  }

  async sendFiles(files, asPhoto, caption = "") {
    if (!files.length) return;
    const form = new FormData();
    const answered = this.strip.answered;
    for (const [key, value] of Object.entries({ ...this.base(), reply_to: answered })) if (value != null) form.append(key, value);
    form.append("caption", caption || this.part("textarea").value.trim());
    for (const file of files) form.append("file", file, file.name);
    try {
      await request(asPhoto ? "/sim/photo" : "/sim/document", { method: "POST", body: form });
      if (!caption) { this.part("textarea").value = ""; this.fit(); }
      this.strip.sent(answered);
      this.toEnd();
    } catch (error) {
      this.toast(error.message, true);
    }
  }

  async clicked(event) {
    const button = event.target.closest("button, a.command, .spoiler");
    if (!button) return;
    if (button.matches(".spoiler")) return button.classList.add("open");
    if (button.matches("a.command")) { event.preventDefault(); return this.act("say", { text: button.dataset.command }); }
    if (button.dataset.photo) return showPhoto(button.dataset.photo);
    if (button.dataset.jump) return jumpTo(this, button.dataset.jump);
    if (button.dataset.reply) return this.strip.open(messageOf(this.chat, Number(button.dataset.reply)));
    if (button.dataset.act) return messageMenu(this, messageOf(this.chat, Number(button.dataset.act)), button);
    if (button.dataset.message) return this.press(button);
  }

  async press(button) {
    const { url, copy, pay, message, data, label } = button.dataset;
    if (url) return window.open(url, "_blank", "noopener");
    if (copy) return this.copy(copy);
    button.classList.add("busy");
    setTimeout(() => button.classList.remove("busy"), 8000);
    if (pay) {
      const result = await this.act("pay", { message: Number(message) });
      button.classList.remove("busy");
      if (result?.refused) showAlert(result.refused);
      return;
    }
    await this.act("press", { message: Number(message), button: data ?? label });
  }

  async copy(text) {
    try { await navigator.clipboard.writeText(text); this.toast(`Copied: ${text}`); }
    catch { this.toast(text); }
  }

  async newestToast() {
    const toasts = this.person == null ? [] : await request(`/sim/toasts?person=${this.person}`);
    return toasts.at(-1)?.change ?? 0;
  }

  /// What the bot answered to presses of this person here.
  async showToasts() {
    const toasts = await request(`/sim/toasts?person=${this.person}&since=${this.toastChange}`);
    for (const toast of toasts) {
      if (toast.change <= this.toastChange) continue;
      this.toastChange = toast.change;
      if (toast.chat !== this.chat) continue;
      this.root.querySelectorAll(".busy").forEach((button) => button.classList.remove("busy"));
      if (toast.text && toast.is_alert) showAlert(toast.text);
      else if (toast.text) this.toast(toast.text);
    }
  }

  toast(text, isError = false) {
    const node = el("div", { className: `toast${isError ? " error" : ""}`, dir: "auto", textContent: text, data: { testid: "toast" } });
    this.part(".toasts").append(node);
    setTimeout(() => node.remove(), 3500 + text.length * 25);
  }
}
