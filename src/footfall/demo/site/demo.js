// What the demo pages do themselves; counting is the tracker's business.

const where = document.getElementById("where");
const reached = document.getElementById("reached");

const showPlace = () => {
  if (where) where.textContent = location.pathname;
};

const say = (goal) => {
  if (reached) reached.textContent = `The goal "${goal}" was sent.`;
};

for (const button of document.querySelectorAll("[data-go]")) {
  button.addEventListener("click", () => {
    document.title = button.dataset.title;
    history.pushState({}, "", button.dataset.go);
    showPlace();
  });
}

for (const button of document.querySelectorAll("[data-fs-goal]")) {
  button.addEventListener("click", () => say(button.dataset.fsGoal));
}

document.getElementById("newsletter")?.addEventListener("click", () => {
  window.flowsery?.("newsletter", { place: "demo" });
  say("newsletter");
});

for (const element of document.querySelectorAll(".origin")) element.textContent = location.origin;
for (const element of document.querySelectorAll(".host")) element.textContent = location.hostname;

addEventListener("popstate", showPlace);
showPlace();
