// The slider shows the case as it stood while it is moved; without this, its button does. The form may
// be drawn anew while the page is open, so the page listens for it.

let asked = 0;

async function show(slider) {
  const turn = ++asked;
  const address = `${slider.form.action}?seq=${slider.value}`;
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  if (!answer.ok || turn !== asked) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (turn !== asked) return;
  document.querySelector("[data-standing]").innerHTML = fresh.querySelector("[data-standing]").innerHTML;
  slider.setAttribute("aria-valuetext", fresh.querySelector("#seq").getAttribute("aria-valuetext"));
  if (location.pathname === new URL(address).pathname) history.replaceState(null, "", address);
}

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-slider] input")) show(event.target);
});
document.documentElement.classList.add("slides");
