// Puts what a check found into the form; without scripts, the button's form does so.
function useFound({ url, kind }) {
  for (const [id, value] of [["id_url", url], ["id_harvest_type", kind]]) {
    const field = document.getElementById(id);
    field.value = value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
  for (const each of document.querySelectorAll(".ch-at-field")) each.remove();
}
