package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Placing says why a folder goes where it goes.
type Placing string

// The placings, as the ledger writes them.
const (
	SameName  Placing = "name"
	SameRole  Placing = "role"     // both are for one special use
	ByTable   Placing = "table"    // a rule's table says so
	ByPattern Placing = "pattern"  // a rule's regular expression says so
	ByPrefix  Placing = "prefix"   // a rule wants everything below one folder
	ByParent  Placing = "parent"   // it follows the folder that it lies in
	Renamed   Placing = "renamed"  // the destination cannot have the name, or another folder has it
	Earlier   Placing = "earlier"  // an earlier pass has decided it
	Excluded  Placing = "excluded" // rules leave it out: it goes nowhere
	Virtual   Placing = "virtual"  // nor does this: its messages are in other folders
	Chats     Placing = "chats"    // nor this: it holds no mail
)

// LeavesOut reports whether the folder goes nowhere.
func (p Placing) LeavesOut() bool { return p == Excluded || p == Virtual || p == Chats }

// target is a source folder and where its messages go.
type target struct {
	source  Folder
	name    FolderName   // at the destination; "" with err
	path    []string     // at the destination, below the namespace's prefix
	display string       // of the destination folder
	exists  bool         // the destination has it already
	status  FolderStatus // of the destination folder, where it exists
	mapped  string       // what rules have to say of its place, "" for nothing: while it is the same, the place is
	why     Placing
	barred  bool  // a rule names it as one to leave out
	err     error // the destination cannot have a folder of that name
}

// folderMap decides where every source folder goes. kept is what earlier passes have decided, which stands while the rules say the same; encode
// writes a path as the destination names it. What rules say comes first; else roles are matched (RFC 6154, or by well-known names), then
// names, component by component; what lies below a folder follows it. Two source folders never share a destination folder unless the rules or an
// earlier pass say so.
func folderMap(source, destination Listing, kept []KeptFolder, rules *ruleSet, encode func([]string) (FolderName, error)) []target {
	m := mapper{encode: encode, rules: rules, separator: destination.Separator, forbidden: destination.Forbidden, reserved: destination.Reserved, byName: map[FolderName]Folder{}, byPath: map[string]Folder{},
		byRole: roles(destination), moved: map[string][]string{}, taken: map[FolderName]bool{}, decided: map[FolderName]FolderName{}}
	for _, f := range destination.Folders {
		m.byName[f.Name] = f
		m.byPath[joinPath(below(destination.Prefix, destination.Separator, f.Path))] = f
	}
	roleOf := map[FolderName]Role{}
	for role, f := range roles(source) {
		roleOf[f.Name] = role
	}
	order := make([]*wish, len(source.Folders))
	for i, f := range source.Folders {
		order[i] = &wish{folder: f, path: below(source.Prefix, source.Separator, f.Path), role: roleOf[f.Name]}
	}
	slices.SortStableFunc(order, func(a, b *wish) int { return len(a.path) - len(b.path) }) // parents before their children
	m.labels(source, destination, order)
	m.ask(order, kept)
	slices.SortStableFunc(order, func(a, b *wish) int { return m.rank(a) - m.rank(b) })
	placed := map[FolderName]target{}
	for _, w := range order {
		placed[w.folder.Name] = m.place(w)
	}
	var out []target
	for _, f := range source.Folders {
		if f.Selectable {
			out = append(out, placed[f.Name])
		}
	}
	return out
}

// wish is what rules say of one source folder.
type wish struct {
	folder  Folder
	path    []string // at the source
	role    Role
	to      []string // its path at the destination; nil: rules have nothing to say
	by      Placing
	mapped  string
	out     Placing // why it goes nowhere; "": it goes somewhere
	all     bool    // it holds what other folders hold, and the rest: see labels
	natural Placing // why it goes nowhere unless rules name it
}

// use is the folder's special use, also one that is not matched from side to side.
func (w *wish) use() Role { return cmp.Or(w.role, w.folder.Role) }

type mapper struct {
	encode    func([]string) (FolderName, error)
	rules     *ruleSet
	separator string
	forbidden string // in names of new folders
	reserved  []string
	byName    map[FolderName]Folder
	byPath    map[string]Folder
	byRole    map[Role]Folder
	moved     map[string][]string // source path → destination path
	taken     map[FolderName]bool
	archive   Folder                    // where the source's folder for all messages goes, if there is one
	decided   map[FolderName]FolderName // source → destination, where an earlier pass has decided under the same rules
}

// labels notes what the folders of a source are where a message may be in several at once. Those for important and for flagged messages hold nothing
// that others do not; the one beside the folder for all messages that is for none of these uses holds chats, whatever it is called.
func (m *mapper) labels(source, destination Listing, order []*wish) {
	if !source.Labels {
		return
	}
	var all []string
	for _, w := range order {
		if w.folder.Role == RoleAll {
			w.all, all = true, w.folder.Path
		}
	}
	for _, w := range order {
		path := w.folder.Path
		switch {
		case w.folder.Role == RoleImportant, w.folder.Role == RoleFlagged:
			w.natural = Virtual
		case w.folder.Role == "" && w.folder.Selectable && len(all) > 1 && len(path) == len(all) && slices.Equal(path[:len(path)-1], all[:len(all)-1]):
			w.natural = Chats
		}
	}
	m.archive = m.byRole[RoleArchive]
	for _, f := range destination.Folders {
		if destination.Labels && f.Role == RoleAll && f.Selectable {
			m.archive = f
		}
	}
}

// rank says in which order folders choose their places: special uses, then those that keep their names, those that cannot, those that rules move.
func (m *mapper) rank(w *wish) int {
	switch {
	case w.to != nil:
		return 3
	case w.role != "":
		return 0
	case w.all, m.forbids(w.path):
		return 2
	}
	return 1
}

// forbids reports whether the destination cannot have a folder of such a name, as far as that is known.
func (m *mapper) forbids(path []string) bool {
	return m.forbidden != "" && strings.ContainsAny(strings.Join(path, ""), m.forbidden) || m.reserves(path) || m.childless(path) > 0
}

// reserves reports whether the destination keeps a name at the top, which it does not show, for itself.
func (m *mapper) reserves(path []string) bool {
	if len(path) == 0 || !slices.Contains(m.reserved, strings.ToLower(path[0])) {
		return false
	}
	for known := range m.byPath {
		if first, _, _ := strings.Cut(known, "\x00"); strings.EqualFold(first, path[0]) {
			return false
		}
	}
	return true
}

// ask asks the rules about every folder, parents first, and finds what earlier passes have decided.
func (m *mapper) ask(order []*wish, kept []KeptFolder) {
	ruled := map[string]*wish{}
	for _, w := range order {
		if w.folder.Selectable && !m.rules.wanted(w.path, w.use()) {
			w.out = Excluded
		} else if w.natural != "" && !m.rules.names(w.path, w.use()) {
			w.out = w.natural
		}
		m.askOne(w, ruled)
		if w.to != nil {
			ruled[joinPath(w.path)] = w
			w.mapped = nameOf(w.to)
			if m.rules.Merge {
				w.mapped += " (shared)"
			}
		}
		for _, k := range kept {
			if k.Name == w.folder.Name && k.Destination != "" && k.Mapped == w.mapped {
				m.decided[k.Name] = k.Destination
			}
		}
		if name := m.decided[w.folder.Name]; name != "" && w.out == "" {
			m.taken[name] = true
		}
	}
}

// askOne asks the rules about one folder. ruled are the folders above it that rules move.
func (m *mapper) askOne(w *wish, ruled map[string]*wish) {
	if to, by := m.rules.place(w.path, w.use()); by != "" {
		if d, ok := m.byRole[Role(canonical(to))]; ok {
			w.to, w.by = d.Path, by
			return
		}
		w.to, w.by = splitName(strings.TrimPrefix(to, `\`)), by
		if by != ByTable {
			w.to = append(slices.Clone(m.rules.prefix), w.to...)
		}
		return
	}
	for n := len(w.path) - 1; n > 0; n-- {
		if parent := ruled[joinPath(w.path[:n])]; parent != nil && parent.by != ByPrefix {
			w.to, w.by = append(slices.Clone(parent.to), w.path[n:]...), ByParent
			return
		}
	}
	switch {
	case len(m.rules.prefix) > 0:
		w.to, w.by = append(slices.Clone(m.rules.prefix), w.path...), ByPrefix
	case m.rules.NoRoles && w.role != "" && w.role != RoleInbox:
		w.to, w.by = w.path, SameName
	}
}

// canonical returns a special use as it is written in the constants, or the name as it is.
func canonical(name string) string {
	for _, role := range mappedRoles {
		if strings.EqualFold(name, string(role)) {
			return string(role)
		}
	}
	return name
}

// place finds the destination of one source folder, whose ancestors have been placed.
func (m *mapper) place(w *wish) target {
	t := target{source: w.folder, mapped: w.mapped, why: w.by, barred: w.out == Excluded && m.rules.excludes(w.path, w.use())}
	shared := !w.folder.Selectable || w.out != "" || w.to != nil && m.rules.Merge
	switch kept, d := m.decided[w.folder.Name], m.byRole[w.role]; {
	case kept != "":
		t.name = kept
		if d, ok := m.byName[kept]; ok {
			t.path, t.display = d.Path, d.Display
		} else if name, err := m.encode(w.path); err == nil && name == kept {
			t.path, t.display = w.path, strings.Join(w.path, "/")
		} else {
			t.path, t.display = w.path, string(kept)
		}
		switch {
		case t.why != "":
		case strings.Join(w.path, "/") == t.display:
			t.why = SameName
		case d.Name == kept && w.role != "":
			t.why = SameRole
		default:
			t.why = Earlier
		}
	case w.to != nil:
		t.path = w.to
		t = m.name(t, shared)
	case d.Name != "" && w.role != "" && !m.taken[d.Name]:
		t.name, t.path, t.display, t.why = d.Name, d.Path, d.Display, SameRole
		if slices.Equal(d.Path, w.path) {
			t.why = SameName
		}
		m.taken[d.Name] = m.taken[d.Name] || !shared
	case w.all && m.archive.Name != "" && !m.taken[m.archive.Name]:
		d = m.archive
		t.name, t.path, t.display, t.why = d.Name, d.Path, d.Display, SameRole
		m.taken[d.Name] = m.taken[d.Name] || !shared
	default:
		t.path, t.why = m.follow(w.path)
		t = m.name(t, shared)
	}
	m.moved[joinPath(w.path)] = t.path
	if w.out != "" {
		t.why, t.err, t.display = w.out, nil, ""
	}
	return m.found(t)
}

// follow returns the path of a folder below what its parent is called at the destination.
func (m *mapper) follow(path []string) ([]string, Placing) {
	for n := len(path) - 1; n > 0; n-- {
		if parent, ok := m.moved[joinPath(path[:n])]; ok {
			to := append(slices.Clone(parent), path[n:]...)
			if slices.Equal(to, path) {
				break
			}
			return to, ByParent
		}
	}
	return path, SameName
}

// name gives t the name of its path, changed as little as needed to be possible and its own. A folder without messages, or that rules let share,
// may have the name of another.
func (m *mapper) name(t target, shared bool) target {
	wanted := t.path
	if _, there := m.byPath[joinPath(wanted)]; !there && m.forbids(wanted) {
		wanted, t.why = m.plain(wanted), Renamed
	}
	if m.separator != "" {
		for i, c := range wanted {
			if strings.Contains(c, m.separator) {
				wanted = slices.Clone(wanted)
				wanted[i] = strings.ReplaceAll(c, m.separator, "_")
				t.why = Renamed
			}
		}
	}
	last := len(wanted) - 1
	for n := 1; ; n++ {
		t.path = wanted
		if n > 1 {
			t.path = slices.Clone(wanted)
			t.path[last] = fmt.Sprintf("%s (%d)", wanted[last], n)
			t.why = Renamed
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

// childless returns how many of the first names of a path are a folder of the destination that takes none below it; 0 where there is no such folder.
func (m *mapper) childless(path []string) int {
	for n := 1; n < len(path); n++ {
		if m.byPath[joinPath(path[:n])].Childless {
			return n
		}
	}
	return 0
}

// outside returns where a folder goes that lies below one that takes none: out of INBOX, beside any other.
func (m *mapper) outside(path []string) []string {
	n := m.childless(path)
	switch {
	case n == 0:
		return path
	case m.byPath[joinPath(path[:n])].Role == RoleInbox:
		return path[n:]
	}
	return slices.Concat(path[:n-1], []string{path[n-1] + "_" + path[n]}, path[n+1:])
}

// plain returns a path of which the destination can have every name: those that it cannot are plain.
func (m *mapper) plain(path []string) []string {
	plain := slices.Clone(m.outside(path))
	for i, c := range plain {
		if strings.ContainsAny(c, m.forbidden) {
			plain[i] = plainName(c)
		}
	}
	if m.reserves(plain) {
		plain[0] += "_"
	}
	return plain
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
