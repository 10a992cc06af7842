// A bank's receipt drawn on a canvas, so that a newcomer can pay with one click.

const box = document.getElementById("receipt");
const canvas = box.querySelector("canvas");
const form = box.querySelector("form");
let target = null;

const ascii = (text) => text.replace(/[۰-۹]/g, (d) => d.charCodeAt(0) - 0x6f0).replace(/[٠-٩]/g, (d) => d.charCodeAt(0) - 0x660);
const grouped = (digits) => digits.replace(/\B(?=(\d{3})+$)/g, ",");
const digitsOf = (text) => ascii(text).replace(/\D/g, "");

/// What the bot asked for last: the newest number that can be copied or stands in bold and is no card number.
function asked(messages) {
  const fromBot = messages.filter((message) => message.is_from_bot && !message.is_deleted).reverse();
  let card = "";
  for (const message of fromBot) {
    const codes = [...message.html.matchAll(/<(?:code|b)>([^<]*)<\/(?:code|b)>/g)].map((match) => match[1]);
    const copies = message.keyboard.flat().map((button) => button.copy).filter(Boolean);
    const numbers = [...codes, ...copies].filter((text) => /^[\s\u2066-\u2069]*[\d\s,.٬،۰-۹٠-٩-]+\D{0,16}$/.test(text)).map(digitsOf);
    card ||= numbers.find((digits) => digits.length === 16) ?? "";
    const amount = numbers.find((digits) => digits.length >= 4 && digits.length <= 12);
    if (amount) return { amount, card };
  }
  return { amount: "250000", card };
}

const between = (least, most) => least + Math.random() * (most - least);

/// How a receipt lies on somebody's table: no two alike, or the shop says that the photo was used before.
function newLook() {
  const shades = ["#3b4a57", "#8a7160", "#c9b79c", "#5d6f5b", "#a9b4c0", "#2f2c3a"].sort(() => Math.random() - 0.5);
  return {
    shades, turn: between(-0.09, 0.09), scale: between(0.8, 0.94), x: between(-26, 26), y: between(-26, 26), light: between(0, 2 * Math.PI),
    things: [0, 1, 2].map(() => ({ x: between(0, 720), y: between(0, 960), size: between(90, 240) })),
  };
}

function drawTable(pen, width, height, look) {
  const [dx, dy] = [Math.cos(look.light) * width, Math.sin(look.light) * height];
  const table = pen.createLinearGradient(width / 2 - dx, height / 2 - dy, width / 2 + dx, height / 2 + dy);
  table.addColorStop(0, look.shades[0]);
  table.addColorStop(1, look.shades[1]);
  pen.fillStyle = table;
  pen.fillRect(0, 0, width, height);
  look.things.forEach(({ x, y, size }, thing) => {
    pen.fillStyle = look.shades[2 + thing];
    pen.beginPath();
    pen.arc(x, y, size, 0, 2 * Math.PI);
    pen.fill();
  });
}

function draw(amount, card, tracking, look) {
  const pen = canvas.getContext("2d");
  const { width, height } = canvas;
  const font = (size, weight = 400) => { pen.font = `${weight} ${size}px system-ui, sans-serif`; };
  pen.resetTransform();
  pen.textAlign = "left";
  drawTable(pen, width, height, look);
  pen.translate(width / 2 + look.x, height / 2 + look.y);
  pen.rotate(look.turn);
  pen.scale(look.scale, look.scale);
  pen.translate(-width / 2, -height / 2);
  pen.shadowColor = "rgb(0 0 0 / 45%)";
  pen.shadowBlur = 30;
  pen.fillStyle = "#fff";
  pen.beginPath();
  pen.roundRect(36, 36, width - 72, height - 72, 28);
  pen.fill();
  pen.shadowColor = "transparent";
  const band = pen.createLinearGradient(36, 36, width, 220);
  band.addColorStop(0, "#155e75");
  band.addColorStop(1, "#0e8f80");
  pen.fillStyle = band;
  pen.beginPath();
  pen.roundRect(36, 36, width - 72, 176, [28, 28, 0, 0]);
  pen.fill();
  pen.fillStyle = "#fff";
  font(40, 700);
  pen.fillText("Sample Bank", 80, 116);
  font(26);
  pen.fillText("Card to card transfer", 80, 164);
  pen.textAlign = "center";
  pen.fillStyle = "#0f766e";
  font(28, 600);
  pen.fillText("Successful", width / 2, 290);
  pen.fillStyle = "#0f172a";
  font(76, 700);
  pen.fillText(grouped(amount || "0"), width / 2, 380);
  const masked = card ? `${card.slice(0, 6)} ****** ${card.slice(-4)}` : "6037 99** **** 1234";
  const rows = [
    ["To card", masked], ["From card", "5022 29** **** 8810"], ["Date", new Date().toLocaleString("en-GB")], ["Tracking number", tracking],
  ];
  rows.forEach(([label, value], row) => {
    const y = 500 + row * 92;
    pen.fillStyle = "#e2e8f0";
    pen.fillRect(80, y - 52, width - 160, 2);
    pen.textAlign = "left";
    pen.fillStyle = "#64748b";
    font(26);
    pen.fillText(label, 80, y);
    pen.textAlign = "right";
    pen.fillStyle = "#0f172a";
    font(28, 600);
    pen.fillText(value, width - 80, y);
  });
  pen.textAlign = "center";
  pen.fillStyle = "#94a3b8";
  font(22);
  pen.fillText("Drawn for the demo. No money moved.", width / 2, height - 72);
}

export function askReceipt(column, messages) {
  const { amount, card } = asked(messages);
  target = { column, card, tracking: String(Math.floor(1e11 + Math.random() * 9e11)), look: newLook() };
  form.amount.value = grouped(amount);
  form.caption.value = "";
  draw(amount, card, target.tracking, target.look);
  box.returnValue = "";
  box.showModal();
  form.amount.select();
}

form.amount.addEventListener("input", () => draw(digitsOf(form.amount.value), target.card, target.tracking, target.look));
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("input")) { event.preventDefault(); box.close("send"); }
});
box.addEventListener("close", () => {
  if (box.returnValue !== "send" || !target) return;
  const { column } = target;
  canvas.toBlob((blob) => column.sendFiles([new File([blob], "receipt.jpg", { type: "image/jpeg" })], true, form.caption.value), "image/jpeg", 0.9);
});
