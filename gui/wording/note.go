package wording

import "mwiz/engine"

// Note says in a sentence what a user should know of a pass that is no error.
func Note(n engine.Note) string {
	data := []any{"Count", n.Count, "Folder", Display(n.Folder, 80), "Text", Display(n.Text, 200)}
	if n.What == engine.NoteShown && n.Text == "" {
		return T("note.shown.all", data...)
	}
	return T("note."+key(string(n.What)), data...)
}
