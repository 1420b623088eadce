package engine

import (
	"fmt"
	"slices"
	"strings"
)

// target is a source folder and where its messages go.
type target struct {
	source  Folder
	name    FolderName   // at the destination; "" with err
	path    []string     // at the destination, below the namespace's prefix
	display string       // of the destination folder
	exists  bool         // the destination has it already
	status  FolderStatus // of the destination folder, where it exists
	err     error        // the destination cannot have a folder of that name
}

// folderMap decides where every source folder goes. kept holds the decisions of earlier passes, which stand; encode writes a path as
// the destination names it. Roles are matched first (RFC 6154, else by well-known names), then names, component by component;
// what lies below a folder follows it. Two source folders never share a destination folder unless an earlier pass said so.
func folderMap(source, destination Listing, kept map[FolderName]FolderName, encode func([]string) (FolderName, error)) []target {
	m := mapper{encode: encode, separator: destination.Separator, byName: map[FolderName]Folder{}, byPath: map[string]Folder{},
		byRole: roles(destination), moved: map[string][]string{}, taken: map[FolderName]bool{}}
	for _, f := range destination.Folders {
		m.byName[f.Name] = f
		m.byPath[joinPath(below(destination.Prefix, destination.Separator, f.Path))] = f
	}
	for _, name := range kept {
		m.taken[name] = true
	}
	order := slices.Clone(source.Folders)
	roleOf := map[FolderName]Role{}
	for role, f := range roles(source) {
		roleOf[f.Name] = role
	}
	slices.SortStableFunc(order, func(a, b Folder) int { // roles first, parents before their children
		if ra, rb := roleOf[a.Name] != "", roleOf[b.Name] != ""; ra != rb {
			if ra {
				return -1
			}
			return 1
		}
		return len(a.Path) - len(b.Path)
	})
	placed := map[FolderName]target{}
	for _, f := range order {
		placed[f.Name] = m.place(f, below(source.Prefix, source.Separator, f.Path), roleOf[f.Name], kept[f.Name])
	}
	var out []target
	for _, f := range source.Folders {
		if f.Selectable {
			out = append(out, placed[f.Name])
		}
	}
	return out
}

type mapper struct {
	encode    func([]string) (FolderName, error)
	separator string
	byName    map[FolderName]Folder
	byPath    map[string]Folder
	byRole    map[Role]Folder
	moved     map[string][]string // source path → destination path
	taken     map[FolderName]bool
}

// place finds the destination of one source folder, whose ancestors have been placed.
func (m *mapper) place(f Folder, path []string, role Role, kept FolderName) target {
	t := target{source: f}
	if kept != "" {
		t.name, t.path, t.display = kept, path, strings.Join(path, "/")
		if d, ok := m.byName[kept]; ok {
			t.path, t.display = d.Path, d.Display
		}
		m.moved[joinPath(path)] = t.path
		return m.found(t)
	}
	if d, ok := m.byRole[role]; ok && role != "" && !m.taken[d.Name] {
		t.name, t.path, t.display = d.Name, d.Path, d.Display
		m.taken[d.Name], m.moved[joinPath(path)] = true, d.Path
		return m.found(t)
	}
	t.path = path
	for n := len(path) - 1; n > 0; n-- {
		if parent, ok := m.moved[joinPath(path[:n])]; ok {
			t.path = append(slices.Clone(parent), path[n:]...)
			break
		}
	}
	t = m.name(t, !f.Selectable)
	m.moved[joinPath(path)] = t.path
	return m.found(t)
}

// name gives t the name of its path, changed as little as needed to be possible and its own. A folder without messages
// (shared) may have the name of another.
func (m *mapper) name(t target, shared bool) target {
	wanted := t.path
	if m.separator != "" {
		for i, c := range wanted {
			if strings.Contains(c, m.separator) {
				wanted = slices.Clone(wanted)
				wanted[i] = strings.ReplaceAll(c, m.separator, "_")
			}
		}
	}
	last := len(wanted) - 1
	for n := 1; ; n++ {
		t.path = wanted
		if n > 1 {
			t.path = slices.Clone(wanted)
			t.path[last] = fmt.Sprintf("%s (%d)", wanted[last], n)
		}
		if d, ok := m.byPath[joinPath(t.path)]; ok {
			t.name = d.Name
		} else if t.name, t.err = m.encode(t.path); t.err != nil {
			t.err = &Error{Op: "name folder", Kind: Missing, Side: Destination, Text: t.err.Error(), Err: t.err}
			return t
		}
		if shared || !m.taken[t.name] {
			break
		}
	}
	t.display = strings.Join(t.path, "/")
	if !shared {
		m.taken[t.name] = true
	}
	return t
}

// found notes what the destination has under t's name.
func (m *mapper) found(t target) target {
	if d, ok := m.byName[t.name]; ok && t.err == nil {
		t.exists, t.status = d.Selectable, d.Status
	}
	return t
}

// below returns the path of a folder without the namespace's prefix, so that "INBOX.Sent" and "Sent" can meet.
func below(prefix, separator string, path []string) []string {
	if prefix == "" || len(path) < 2 {
		return path
	}
	p := strings.TrimSuffix(prefix, separator)
	if separator != "" && strings.Contains(p, separator) {
		parts := strings.Split(p, separator)
		if len(path) > len(parts) && slices.Equal(path[:len(parts)], parts) {
			return path[len(parts):]
		}
		return path
	}
	if strings.EqualFold(path[0], p) {
		return path[1:]
	}
	return path
}

func joinPath(path []string) string { return strings.Join(path, "\x00") }

// mappedRoles are the roles by which folders of different names are the same folder.
var mappedRoles = []Role{RoleInbox, RoleSent, RoleDrafts, RoleTrash, RoleJunk, RoleArchive}

// wellKnown are names, in lower case, that folders of a role have at services without special use, in the languages of our users.
var wellKnown = map[Role][]string{
	RoleSent: {"sent", "sent items", "sent messages", "sent mail", "gesendet", "gesendete objekte", "gesendete elemente",
		"éléments envoyés", "messages envoyés", "envoyés", "enviados", "elementos enviados", "inviati", "posta inviata", "verzonden", "verzonden items", "skickat"},
	RoleDrafts: {"drafts", "draft", "entwürfe", "brouillons", "borradores", "bozze", "concepten", "rascunhos", "utkast"},
	RoleTrash: {"trash", "deleted items", "deleted messages", "papierkorb", "gelöschte objekte", "gelöschte elemente", "corbeille",
		"éléments supprimés", "papelera", "elementos eliminados", "cestino", "posta eliminata", "prullenbak", "lixeira"},
	RoleJunk:    {"junk", "spam", "junk e-mail", "junk email", "bulk mail", "werbung", "junk-e-mail", "courrier indésirable", "correo no deseado", "posta indesiderata", "ongewenste e-mail"},
	RoleArchive: {"archive", "archives", "archiv", "archivo", "archivio", "archief"},
}

// roles returns the folder of each mapped role: the one the server marks, else the first of a well-known name at the top level.
func roles(l Listing) map[Role]Folder {
	out := map[Role]Folder{}
	for _, f := range l.Folders {
		if slices.Contains(mappedRoles, f.Role) && f.Selectable {
			if _, twice := out[f.Role]; !twice {
				out[f.Role] = f
			}
		}
	}
	marked := map[FolderName]bool{}
	for _, f := range out {
		marked[f.Name] = true
	}
	for _, role := range mappedRoles {
		if _, done := out[role]; done {
			continue
		}
		for _, name := range wellKnown[role] {
			i := slices.IndexFunc(l.Folders, func(f Folder) bool {
				path := below(l.Prefix, l.Separator, f.Path)
				return f.Selectable && f.Role == "" && len(path) == 1 && strings.ToLower(path[0]) == name && !marked[f.Name]
			})
			if i >= 0 {
				out[role] = l.Folders[i]
				break
			}
		}
	}
	return out
}
