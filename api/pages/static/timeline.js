/* Arrow keys lead from one placement of a timeline to the next: along a seat, and to the seats above
   and below. Without this file the Tab key does, in the order of the table. */

document.addEventListener("keydown", (event) => {
  const link = event.target.closest?.(".timeline .bar a");
  if (!link || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const next = {
    ArrowRight: () => beside(link, 1),
    ArrowLeft: () => beside(link, -1),
    ArrowDown: () => across(link, 1),
    ArrowUp: () => across(link, -1),
  }[event.key]?.();
  if (next) {
    event.preventDefault();
    next.focus();
    next.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
});

function beside(link, step) {
  const row = [...link.closest("tr").querySelectorAll(".bar a")];
  return row[row.indexOf(link) + step];
}

function across(link, step) {
  const rows = [...document.querySelectorAll(".timeline tr:has(.bar a)")];
  const row = rows[rows.indexOf(link.closest("tr")) + step];
  if (!row) return undefined;
  const middle = centre(link);
  const away = (each) => Math.abs(centre(each) - middle);
  return [...row.querySelectorAll(".bar a")].reduce((a, b) => (away(b) < away(a) ? b : a));
}

function centre(element) {
  const { left, right } = element.getBoundingClientRect();
  return (left + right) / 2;
}
