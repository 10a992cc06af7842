// What the page knows of the world: people, chats, messages. Fetches, listens to changes, tells who subscribed.

export const world = { people: new Map(), chats: new Map(), bot: { first_name: "Bot" }, now: 0, heardAt: 0, faults: [] };
const messages = new Map(); // chat id -> Map(message id -> message)
const seenChange = new Map(); // chat id -> the newest change fetched
const listeners = new Set();
const watched = new Set();

export const listen = (listener) => listeners.add(listener);
const tell = (what, detail) => listeners.forEach((listener) => listener(what, detail));

export async function request(path, options = {}) {
  const answer = await fetch(path, options);
  const body = answer.headers.get("content-type")?.includes("json") ? await answer.json() : null;
  if (!answer.ok) throw new Error(body?.error || `${answer.status} ${answer.statusText}`);
  return body;
}

export const post = (path, body) =>
  request(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

/// The world's time now, in unix seconds.
export const worldNow = () => world.now + Math.floor((Date.now() - world.heardAt) / 1000);

export async function refreshWorld() {
  const state = await request("/sim/state");
  world.people = new Map(state.people.map((person) => [person.id, person]));
  world.chats = new Map(state.chats.map((chat) => [chat.id, chat]));
  world.bot = state.bot;
  world.faults = state.faults;
  world.now = state.now;
  world.heardAt = Date.now();
  tell("world");
}

/// The messages of a chat, oldest first.
export const messagesOf = (chat) => [...(messages.get(chat)?.values() ?? [])].sort((a, b) => a.id - b.id);
export const messageOf = (chat, id) => messages.get(chat)?.get(id);

export async function watch(chat) {
  if (watched.has(chat)) return;
  watched.add(chat);
  await refreshChat(chat);
}

async function refreshChat(chat) {
  const since = seenChange.get(chat) ?? 0;
  const fresh = await request(`/sim/chats/${chat}/messages?since=${since}&limit=300`);
  if (!messages.has(chat)) messages.set(chat, new Map());
  for (const message of fresh.messages) messages.get(chat).set(message.id, message);
  seenChange.set(chat, fresh.change);
  if (fresh.chat) world.chats.set(chat, fresh.chat);
  tell("chat", chat);
}

const due = new Map();
function soon(key, work, delay = 25) {
  if (due.has(key)) return;
  due.set(key, setTimeout(() => { due.delete(key); work().catch(() => {}); }, delay));
}

export function connect() {
  const source = new EventSource("/sim/events");
  let wasLost = false;
  source.onopen = () => {
    tell("online");
    if (wasLost) resync();
    wasLost = false;
  };
  source.onerror = () => { wasLost = true; tell("offline"); };
  source.onmessage = (event) => {
    const change = JSON.parse(event.data);
    if (change.what === "resync") return resync();
    if (change.what === "chat" || change.what === "fault") soon("world", refreshWorld, 80);
    if (change.what === "toast") tell("toast", change.chat);
    if (watched.has(change.chat)) soon(change.chat, () => refreshChat(change.chat));
  };
}

async function resync() {
  seenChange.clear();
  messages.clear();
  await refreshWorld();
  for (const chat of watched) await refreshChat(chat);
}

export const nameOf = (person) => [person?.first_name, person?.last_name].filter(Boolean).join(" ") || "Deleted Account";

/// What a chat is called by somebody who looks at the list of all chats.
export function chatTitle(chat) {
  if (!chat) return "…";
  return chat.kind === "private" ? nameOf(world.people.get(chat.id)) : chat.title;
}
