// Keys of the inbox: j and k walk the rows, Enter opens (it is a link), / goes to the filter,
// ? explains.

const help = document.getElementById("keys");
const opener = document.querySelector("[data-keys]");
opener.hidden = false;
opener.addEventListener("click", () => help.showModal());

const rows = () => [...document.querySelectorAll("[data-row]")];

function walk(by) {
  const all = rows();
  const at = all.indexOf(document.activeElement);
  const to = at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by;
  all[to]?.focus();
  all[to]?.closest("tr").scrollIntoView({ block: "nearest" });
}

const keys = {
  j: () => walk(1),
  k: () => walk(-1),
  "/": () => document.querySelector("input[name=number]")?.focus(),
  "?": () => help.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
  if (event.target.closest("input, select, textarea")) return;
  const act = keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
