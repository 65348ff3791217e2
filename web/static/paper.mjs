// Forms from boxes by keys alone: 1 to 5 choose the grade, y and n answer the question, Enter goes to
// what is still missing and sends the form once nothing is. The page works without this.

const form = document.querySelector("form[data-paper]");
const typing = (element) => element.matches("textarea, select, input:not([type=radio], [type=checkbox])");

const moves = ({ key, target, ctrlKey }) => key === "Enter" && !target.matches("button, summary, a") && (!target.matches("textarea") || ctrlKey);

const missing = () => {
  const empty = (name) => form.elements[name] && !form.elements[name].value;
  if (form.elements.void.value) return empty("confirmed") ? form.querySelector("[name=confirmed]") : null;
  if (empty("serial")) return form.elements.serial;
  if (empty("target") && empty("matter_number")) return form.elements.target;
  if (empty("grade")) return form.querySelector("[name=grade]");
  return empty("confirmed") ? form.querySelector("[name=confirmed]") : null;
};

form?.addEventListener("keydown", (event) => {
  if (event.isComposing || event.altKey || event.metaKey) return;
  const { target, key } = event;
  if (moves(event)) {
    event.preventDefault();
    const next = missing();
    if (next && next !== target) next.focus();
    else if (!next) form.requestSubmit();
    return;
  }
  if (event.ctrlKey || typing(target)) return;
  const chosen = /^[1-5]$/.test(key) ? document.getElementById(`grade-${key}`) : form.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!chosen || target.closest(".marks")) return;
  event.preventDefault();
  chosen.checked = true;
  chosen.focus();
});

// The key that moved on must not send the form from where it arrives.
form?.addEventListener("keypress", (event) => {
  if (moves(event)) event.preventDefault();
});

// What was typed before waits at the place where something is to be typed.
if (form && !form.querySelector("[aria-invalid=true]")) missing()?.focus();
