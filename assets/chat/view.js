// A message as people see it: plain functions from a message to elements. No state here.

/// What a message is called where there is room for one line.
const WORDS_MAX = 100;
export const wordsOf = (message) =>
  message.is_deleted ? "Deleted message" : message.text.slice(0, WORDS_MAX) || message.media?.kind || message.other?.[0] || "message";

const ICONS = {
  attach: "M16.5 6.5 8.7 14.3a2.4 2.4 0 0 0 3.4 3.4l8-8a4.4 4.4 0 0 0-6.2-6.2l-8.1 8.1a6.4 6.4 0 0 0 9 9l6.7-6.7",
  send: "M4 12 20 4.5 15.5 20.5 11.5 13.5z M11.5 13.5 20 4.5",
  slash: "M14.5 5 9.5 19 M4.5 4.5h15a1 1 0 0 1 1 1v13a1 1 0 0 1-1 1h-15a1 1 0 0 1-1-1v-13a1 1 0 0 1 1-1z",
  close: "M6 6 18 18 M18 6 6 18",
  more: "M12 5.5v.01 M12 12v.01 M12 18.5v.01",
  down: "M6 9.5 12 15.5 18 9.5",
  file: "M13 3.5H7a1.5 1.5 0 0 0-1.5 1.5v14A1.5 1.5 0 0 0 7 20.5h10a1.5 1.5 0 0 0 1.5-1.5V9z M13 3.5V9h5.5",
  link: "M8 16 16.5 7.5 M9.5 7.5h7v7",
  copy: "M9.5 9.5h9v9h-9z M14.5 9.5v-4h-9v9h4",
  theme: "M12 4.5a7.5 7.5 0 1 0 7.5 7.5A5.5 5.5 0 0 1 12 4.5z",
  reply: "M10 6.5 4.5 12 10 17.5 M4.5 12h9a6 6 0 0 1 6 6v.5",
  pin: "M9 4.5h6 M10 4.5v5L7 13.5h10l-3-4v-5 M12 13.5v6",
  phone: "M6.5 4.5h3l1.5 4-2 1.5a10 10 0 0 0 5 5l1.5-2 4 1.5v3a2 2 0 0 1-2 2A15 15 0 0 1 4.5 6.5a2 2 0 0 1 2-2z",
  place: "M12 20.5s6.5-6 6.5-10.5a6.5 6.5 0 0 0-13 0c0 4.5 6.5 10.5 6.5 10.5z M12 10v.01",
  star: "M12 4.5l2.3 4.8 5.2.7-3.8 3.6.9 5.2-4.6-2.5-4.6 2.5.9-5.2-3.8-3.6 5.2-.7z",
};

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/// An element with properties, data and children.
export function el(tag, options = {}, ...children) {
  const { data, ...rest } = options;
  const node = Object.assign(document.createElement(tag), rest);
  for (const [key, value] of Object.entries(data ?? {})) if (value != null) node.dataset[key] = value;
  node.append(...children.filter((child) => child != null));
  return node;
}

const COLOURS = 7;
export const colourOf = (id) => Math.abs(id) % COLOURS;
export const initials = (name) =>
  name.split(/\s+/).filter(Boolean).slice(0, 2).map((word) => [...word][0]).join("").toUpperCase() || "?";

const time = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat("en", { weekday: "short", day: "numeric", month: "long" });
export const clockOf = (seconds) => time.format(new Date(seconds * 1000));
export const dayOf = (seconds) => day.format(new Date(seconds * 1000));

export function sizeOf(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(0)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

export const fileUrl = (media) => `/sim/file/${encodeURIComponent(media.file_id)}`;

const EDITED_PX = 42;
const PIN_PX = 16;

function mediaOf(message) {
  const { media, other } = message;
  if (media?.kind === "photo") {
    const img = el("img", { src: fileUrl(media), alt: "Photo", loading: "lazy", width: media.width, height: media.height });
    const button = el("button", { type: "button", className: "photo", data: { photo: fileUrl(media), testid: "photo" } }, img);
    if (Math.abs(media.width / media.height - 1) < 0.1) button.classList.add("square");
    button.style.setProperty("--picture", `url("${fileUrl(media)}")`);
    return button;
  }
  if (media?.kind === "sticker") return el("div", { className: "sticker", textContent: media.name });
  if (media?.kind === "voice") return el("div", { className: "card" }, el("span", { className: "wave" }), "Voice message");
  if (media) {
    const link = el("a", { className: "card", href: fileUrl(media), download: media.name ?? "file", data: { testid: "document" } });
    const words = el("span", {}, el("b", { textContent: media.name ?? "File", dir: "auto" }), el("small", { textContent: sizeOf(media.size) }));
    link.append(el("span", { className: "badge" }, icon("file")), words);
    return link;
  }
  if (!other) return null;
  const [field, value] = other;
  const card = (name, title, note) =>
    el("div", { className: "card" }, el("span", { className: "badge" }, icon(name)),
      el("span", {}, el("b", { textContent: title, dir: "auto" }), el("small", { textContent: note, dir: "auto" })));
  if (field === "contact") return card("phone", value.first_name, value.phone_number);
  if (field === "location") return card("place", "Location", `${value.latitude}, ${value.longitude}`);
  if (field === "invoice") return card("star", value.title, `${value.description} · ${value.total_amount} ${value.currency}`);
  return card("file", field, "");
}

function keyboardOf(message) {
  if (!message.keyboard.length) return null;
  const board = el("div", { className: "keyboard" });
  message.keyboard.forEach((row) => {
    const line = el("div", { className: "keys-row" });
    row.forEach((button) => {
      const kind = button.url ? "link" : button.copy ? "copy" : button.pay ? "star" : null;
      const node = el("button", {
        type: "button", dir: "auto",
        data: { testid: "button", label: button.label, data: button.data, url: button.url, copy: button.copy, pay: button.pay ? "1" : null, message: message.id },
      }, el("span", { textContent: button.label }));
      if (kind) node.append(icon(kind));
      line.append(node);
    });
    board.append(line);
  });
  return board;
}

function quoteOf(answered) {
  if (!answered) return null;
  const words = [el("b", { dir: "auto", textContent: answered.from_name }), el("span", { textContent: wordsOf(answered) })];
  return el("button", { type: "button", className: "quote", dir: "auto", data: { jump: answered.id, testid: "quote" } }, ...words);
}

/// One message. `context`: mine, first (of a run), name (shown), topic (its name, when all are shown), answered, checks.
export function messageElement(message, context) {
  const item = el("li", { data: { id: message.id, testid: "message", from: message.is_from_bot ? "bot" : message.from } });
  if (message.service) {
    item.className = "service";
    item.append(el("span", { dir: "auto", textContent: `${message.from_name} ${message.service}` }));
    return item;
  }
  item.className = `message ${context.mine ? "mine" : "theirs"}${context.first ? " first" : ""}`;
  const bubble = el("div", { className: "bubble" });
  if (context.name) bubble.append(el("b", { className: `name c${colourOf(message.from)}`, dir: "auto", textContent: message.from_name }));
  if (context.topic) bubble.append(el("span", { className: "topic-chip", dir: "auto", textContent: context.topic }));
  if (message.forwarded_from) bubble.append(el("span", { className: "forwarded", dir: "auto", textContent: `Forwarded from ${message.forwarded_from}` }));
  const quote = quoteOf(context.answered);
  if (quote) bubble.append(quote);
  const media = mediaOf(message);
  if (media) bubble.append(media);
  const meta = el("span", { className: "meta" });
  if (message.is_pinned) meta.append(icon("pin"));
  if (message.edits) meta.append("edited ");
  meta.append(clockOf(message.date));
  if (message.html) {
    const text = el("div", { className: "text", dir: "auto" });
    text.innerHTML = message.html; // made and escaped by the server
    const spacer = el("span", { className: "spacer", ariaHidden: "true" }); // as wide as what stands over it
    spacer.style.setProperty("--extra", `${(message.edits ? EDITED_PX : 0) + (message.is_pinned ? PIN_PX : 0)}px`);
    text.append(spacer, meta);
    bubble.append(text);
  } else {
    meta.classList.add("over");
    bubble.append(meta);
    if (media?.classList.contains("photo")) bubble.classList.add("bare");
    if (media?.classList.contains("sticker")) bubble.classList.add("clear");
  }
  const act = (name, label, data) => el("button", { type: "button", className: `act ${name}`, ariaLabel: label, data }, icon(name));
  const acts = el("div", { className: "acts" },
    act("reply", `Reply to ${message.from_name}`, { reply: message.id, testid: "reply" }),
    act("more", "What to do with this message", { act: message.id, testid: "message-menu" }));
  const stack = el("div", { className: "stack" }, el("div", { className: "line" }, bubble, acts));
  const board = keyboardOf(message);
  if (board) stack.append(board);
  if (message.reactions.length) stack.append(el("div", { className: "reactions", textContent: message.reactions.join(" ") }));
  item.append(stack);
  return item;
}
