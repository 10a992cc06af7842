// The strip above the text field: which message is answered, or edited. A message's own button, a double click and its menu
// open it, and it opens by itself when the bot asks for a reply (`force_reply`), as in Telegram's clients.

import { messageOf, world } from "/store.js";
import { icon, wordsOf } from "/view.js";

const SHOWN_MS = 1200;

/// A selective question is put only to whom it answers or names.
function isMeant(question, person) {
  if (!question.force_reply.selective) return true;
  const name = world.people.get(person)?.username;
  const answered = question.reply_to && messageOf(question.chat, question.reply_to);
  return answered?.from === person || Boolean(name && question.text.includes(`@${name}`));
}

export class Strip {
  constructor(column) {
    this.column = column;
    this.box = column.part(".answering");
    this.field = column.part("textarea");
    this.placeholder = this.field.placeholder;
    this.message = null; // id
    this.isEdit = false;
    this.heard = 0; // the newest question of the bot that was looked at
    const cancel = this.box.querySelector("button");
    cancel.append(icon("close"));
    cancel.addEventListener("click", () => this.cancel());
    column.root.addEventListener("keydown", (event) => { if (event.key === "Escape" && this.message) this.cancel(); });
    column.part(".list").addEventListener("dblclick", (event) => this.doubleClicked(event));
  }

  /// The id of the message that what is sent now answers.
  get answered() { return this.isEdit ? null : this.message; }
  get edited() { return this.isEdit ? this.message : null; }

  doubleClicked(event) {
    const item = event.target.closest("li.message");
    if (!item || event.target.closest("button, a")) return;
    getSelection().removeAllRanges(); // a double click marks a word as well
    this.open(messageOf(this.column.chat, Number(item.dataset.id)));
  }

  open(message, { isEdit = false, isAsked = false } = {}) {
    this.close();
    this.message = message.id;
    this.isEdit = isEdit;
    this.box.hidden = false;
    this.box.querySelector("b").textContent = isEdit ? "Edit" : `Reply to ${message.from_name}`;
    this.box.querySelector("span").textContent = wordsOf(message);
    this.box.querySelector("button").ariaLabel = isEdit ? "Cancel the edit" : "Cancel the reply";
    this.field.placeholder = (!isEdit && message.force_reply?.input_field_placeholder) || this.placeholder;
    if (isEdit) { this.field.value = message.text; this.column.fit(); }
    const at = document.activeElement;
    if (!isAsked || at === document.body || this.column.root.contains(at)) this.field.focus(); // a question takes nobody's hands elsewhere
  }

  cancel() {
    this.close();
    this.field.focus();
  }

  close() {
    if (this.isEdit) { this.field.value = ""; this.column.fit(); }
    this.message = null;
    this.isEdit = false;
    this.field.placeholder = this.placeholder;
    this.box.hidden = true;
  }

  /// What it showed was sent; a question that opened meanwhile stays.
  sent(message) {
    if (this.message === message) this.close();
  }

  /// Another chat, or somebody else in it.
  forget() {
    this.close();
    this.heard = 0;
  }

  /// `shown`: the messages that can be seen, oldest first.
  follow(shown) {
    const { chat, person } = this.column;
    if (this.message && messageOf(chat, this.message)?.is_deleted) this.close();
    const question = shown.findLast((message) => message.force_reply && isMeant(message, person));
    if (!question || question.id <= this.heard) return;
    this.heard = question.id;
    const isAnswered = shown.some((message) => message.id > question.id && message.from === person);
    if (!isAnswered && !this.isEdit) this.open(question, { isAsked: true });
  }
}

/// Shows the message that a quote is of.
export function jumpTo(column, message) {
  const item = column.root.querySelector(`[data-testid=message][data-id="${message}"]`);
  if (!item) return;
  item.scrollIntoView({ block: "center" });
  item.classList.add("found");
  setTimeout(() => item.classList.remove("found"), SHOWN_MS);
}
