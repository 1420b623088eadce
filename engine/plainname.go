package engine

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Services forbid characters in folder names, each its own, and none says which. What every one of them takes is kept in a plain name.

// refusal is a folder that the destination has refused to make.
type refusal struct {
	*folderWork
	err error
}

// rename gives plain names to folders that the destination has refused to make, and returns those to try again. A folder that is refused for
// another reason, or has a plain name already, is left for this pass.
func (p *activePass) rename(destination Session, refused []refusal) (again []*folderWork) {
	taken := map[FolderName]bool{}
	for _, f := range p.folders {
		taken[f.name] = true
	}
	moved, renamed := map[string][]string{}, map[FolderName]refusal{}
	for _, f := range refused { // parents come before their children
		if first, ok := renamed[f.name]; ok { // they share the folder
			f.callAs(first.name, first.path)
			again = append(again, f.folderWork)
			continue
		}
		path := plainPath(f.path, moved)
		if len(p.to.Reserved) > 0 && slices.Equal(path, f.path) { // it may be a name that the service keeps for itself
			path[len(path)-1] += "_"
		}
		if Answers[KindOf(f.err)].Spoils >= SpoilsPass || slices.Equal(path, f.path) {
			f.fail(f.err) // another name does not help
			continue
		}
		last := path[len(path)-1]
		name, err := destination.Encode(p.to, path)
		for n := 2; err == nil && taken[name]; n++ {
			path[len(path)-1] = fmt.Sprint(last, " ", n)
			name, err = destination.Encode(p.to, path)
		}
		if err != nil {
			f.fail(f.err)
			continue
		}
		taken[name] = true
		moved[joinPath(f.path)], renamed[f.name] = path, f
		f.callAs(name, path)
		again = append(again, f.folderWork)
	}
	return again
}

// callAs gives the folder another name at the destination.
func (f *folderWork) callAs(name FolderName, path []string) {
	f.name, f.path, f.display, f.why = name, path, strings.Join(path, "/"), Renamed
	f.write(func(t *FolderTally) { t.Destination, t.Why = f.display, Renamed })
}

// plainPath returns a path with plain names, below what its ancestors are called now.
func plainPath(path []string, moved map[string][]string) []string {
	for n := len(path) - 1; n > 0; n-- {
		if parent, ok := moved[joinPath(path[:n])]; ok {
			return append(slices.Clone(parent), plainPath(path[n:], nil)...)
		}
	}
	plain := make([]string, len(path))
	for i, c := range path {
		plain[i] = plainName(c)
	}
	return plain
}

// plainName returns a name with "_" in the place of what some service forbids: punctuation but the most common, control characters, a first
// character that could mean something, blanks at the ends.
func plainName(name string) string {
	plain := strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsNumber(r), unicode.IsMark(r), strings.ContainsRune(" #&'+,-.=@_~", r):
			return r
		case r > unicode.MaxASCII && r != utf8.RuneError && unicode.IsSymbol(r):
			return r
		}
		return '_'
	}, name))
	if plain == "" || strings.ContainsRune("#&.~", rune(plain[0])) {
		plain = "_" + strings.TrimLeft(plain, "#&.~")
	}
	return plain
}
