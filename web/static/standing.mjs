// The slider shows the case as it stood while it is moved; without this, its button does.

const form = document.querySelector("[data-slider]");
const slider = form.elements.seq;
let asked = 0;

async function show() {
  const turn = ++asked;
  const address = `?seq=${slider.value}`;
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  if (!answer.ok || turn !== asked) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (turn !== asked) return;
  document.querySelector("[data-standing]").innerHTML = fresh.querySelector("[data-standing]").innerHTML;
  slider.setAttribute("aria-valuetext", fresh.querySelector("#seq").getAttribute("aria-valuetext"));
  history.replaceState(null, "", address);
}

slider.addEventListener("input", show);
form.querySelector("button").hidden = true;
