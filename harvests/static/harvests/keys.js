// Gives names and keys to those parts of Unfold that have but a picture and a mouse.

const NAMES = [
  ["[x-on\\:click*=sidebar]", "Menu"],
  ["[x-on\\:click*=openUserLinks]", "Your account"],
  ["[x-on\\:click*=openRelated], a[href='#']", "More"],
  ["a[href='/admin/']:has(> .material-symbols-outlined)", "Dashboard"],
  ["#command-submit, #searchbar-submit", "Search"],
];
const MOUSE_ONLY = "[x-on\\:click]:not(a, button, input, label, summary, #changelist-filter-close)";

function press(event) {
  if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    event.currentTarget.click();
  }
}

function nameOf(box) {
  const row = box.closest("tr");
  const what = row.querySelector("th, a[href]") ?? row;
  return `Choose ${what.textContent.trim().replace(/\s+/g, " ")}`;
}

document.addEventListener("DOMContentLoaded", () => {
  for (const [which, name] of NAMES) {
    for (const part of document.querySelectorAll(which)) part.ariaLabel ??= name;
  }
  for (const box of document.querySelectorAll("tr input[name=_selected_action]")) {
    box.ariaLabel = nameOf(box);
  }
  for (const part of document.querySelectorAll(MOUSE_ONLY)) {
    part.role = "button";
    part.tabIndex = 0;
    part.addEventListener("keydown", press);
  }
});
