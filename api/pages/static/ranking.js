// Ranks a list by pointer and by keyboard. The order is that of the parts in the page: each holds a
// hidden field with its number, so nothing is renamed. Without this file the buttons are sent.

for (const hidden of document.querySelectorAll("[data-handle], [data-with-scripts]")) {
  hidden.hidden = false;
}

const said = document.querySelector("[data-said]");
let changed = false;

// How near the edge of the window a drag scrolls, and how far at a time, in pixels.
const EDGE = 60;
const STEP = 24;

function parts(list) {
  return [...list.children].filter((part) => part.matches("[data-item]"));
}

function settle(item, list) {
  const all = parts(list);
  all.forEach((part, place) => {
    part.querySelector("[data-rank]").textContent = place + 1;
    const [up, down] = part.querySelectorAll(":scope .mover [data-move]");
    up.toggleAttribute("aria-disabled", false);
    down.toggleAttribute("aria-disabled", false);
    if (place === 0) up.setAttribute("aria-disabled", "true");
    if (place === all.length - 1) down.setAttribute("aria-disabled", "true");
  });
  changed = true;
  if (said) {
    said.textContent = list.dataset.ranked
      .replace("{name}", item.dataset.name)
      .replace("{place}", all.indexOf(item) + 1)
      .replace("{count}", all.length);
  }
}

function put(item, place) {
  const list = item.parentElement;
  const others = parts(list).filter((part) => part !== item);
  const bounded = Math.max(0, Math.min(place, others.length));
  if (parts(list).indexOf(item) === bounded) return;
  list.insertBefore(item, others[bounded] ?? null);
  settle(item, list);
}

function placeOf(item) {
  return parts(item.parentElement).indexOf(item);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-ranked] [data-move]");
  if (!button) return;
  event.preventDefault();
  const item = button.closest("[data-item]");
  put(item, placeOf(item) + (button.dataset.move === "up" ? -1 : 1));
  button.focus();
});

document.addEventListener("keydown", (event) => {
  const handle = event.target.closest("[data-handle]");
  if (!handle) return;
  const item = handle.closest("[data-item]");
  const places = {
    ArrowUp: placeOf(item) - 1,
    ArrowDown: placeOf(item) + 1,
    Home: 0,
    End: Infinity,
  };
  if (!(event.key in places)) return;
  event.preventDefault();
  put(item, places[event.key]);
  handle.focus();
});

document.addEventListener("pointerdown", (event) => {
  const handle = event.target.closest("[data-handle]");
  if (!handle || event.button !== 0) return;
  event.preventDefault();
  const item = handle.closest("[data-item]");
  const list = item.parentElement;
  const begun = placeOf(item);
  list.setPointerCapture(event.pointerId); // the handle moves, and would lose it
  item.classList.add("dragged");

  const over = (move) => {
    if (move.clientY < EDGE) window.scrollBy(0, -STEP);
    if (move.clientY > window.innerHeight - EDGE) window.scrollBy(0, STEP);
    const others = parts(list).filter((part) => part !== item);
    const below = others.find((part) => {
      const box = part.getBoundingClientRect();
      return move.clientY < box.top + box.height / 2;
    });
    const next = below ?? null;
    if (item.nextElementSibling !== next) list.insertBefore(item, next);
  };
  const end = (last) => {
    list.removeEventListener("pointermove", over);
    list.removeEventListener("pointerup", end);
    list.removeEventListener("pointercancel", end);
    item.classList.remove("dragged");
    if (last.type === "pointercancel") {
      const others = parts(list).filter((part) => part !== item);
      list.insertBefore(item, others[begun] ?? null);
    } else if (placeOf(item) !== begun) {
      settle(item, list);
    }
    handle.focus();
  };
  list.addEventListener("pointermove", over);
  list.addEventListener("pointerup", end);
  list.addEventListener("pointercancel", end);
});

// What has been typed stands in the page alone: leaving it is asked about.
const form = document.querySelector("[data-ask-before-leaving]");
if (form) {
  form.addEventListener("input", () => { changed = true; });
  let sent = false;
  form.addEventListener("submit", () => { sent = true; });
  window.addEventListener("beforeunload", (event) => {
    if (changed && !sent) event.preventDefault();
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
