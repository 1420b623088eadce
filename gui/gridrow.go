package gui

import (
	"slices"
	"strings"
	"unicode"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// The cells of a grid's row.
const (
	sourceAddress = iota
	sourceLogin
	sourcePassword
	destinationAddress
	destinationLogin
	destinationPassword
	cellsInRow
)

// gridRow is one mailbox as it is typed, right or wrong.
type gridRow struct {
	cells   [cellsInRow]string
	kept    engine.Mailbox   // as the ledger has it; ID 0: not yet
	held    [cellsInRow]bool // passwords that are kept, in the keychain or for this run
	problem string           // what is wrong with the row, one sentence; "" for nothing known
	bad     int              // the cell that is wrong
}

// newGridRow returns the row of a mailbox.
func newGridRow(m engine.Mailbox, s engine.Secrets) *gridRow {
	r := &gridRow{}
	r.cells[sourceAddress], r.cells[sourceLogin] = m.Source.Address, loginOf(m.Source)
	r.cells[destinationAddress], r.cells[destinationLogin] = m.Destination.Address, loginOf(m.Destination)
	r.cells[sourcePassword], r.cells[destinationPassword] = s.Source.Reveal(), s.Destination.Reveal()
	if m.ID != 0 {
		r.kept = m
	}
	return r
}

// loginOf returns the login name of an account where it is not the address.
func loginOf(a engine.Account) string {
	if a.User == a.Address {
		return ""
	}
	return a.User
}

// account is an address with its login name, which is the address unless another one is given.
func account(address, login string) engine.Account {
	if login == "" {
		login = address
	}
	return engine.Account{Address: address, User: login}
}

// take takes what another row says of the same mailbox. Passwords that it does not have stay, and so does the destination where it names the
// source's address, as a list without destinations does.
func (r *gridRow) take(o *gridRow) {
	for cell, text := range o.cells {
		kept := gridColumns[cell].secret && text == "" ||
			cell >= destinationAddress && cell <= destinationLogin && r.cells[destinationAddress] != "" && o.cells[destinationAddress] == o.cells[sourceAddress]
		if !kept {
			r.cells[cell] = text
		}
	}
	r.problem = ""
}

// blank reports whether the row is no mailbox: nothing is typed in it.
func (r *gridRow) blank() bool { return r.cells == [cellsInRow]string{} && r.kept.ID == 0 }

// text returns what a cell says, without room around it. Passwords are taken as they stand.
func (r *gridRow) text(cell int) string {
	if gridColumns[cell].secret {
		return r.cells[cell]
	}
	return strings.TrimSpace(r.cells[cell])
}

// account returns what the row says of a side.
func (r *gridRow) account(side engine.Side) engine.Account {
	if side == engine.Source {
		return account(r.text(sourceAddress), r.text(sourceLogin))
	}
	return account(r.text(destinationAddress), r.text(destinationLogin))
}

// secrets returns the passwords that are typed in the row.
func (r *gridRow) secrets() engine.Secrets {
	return engine.Secrets{Source: engine.NewSecret(r.cells[sourcePassword]), Destination: engine.NewSecret(r.cells[destinationPassword])}
}

// mailbox returns the mailbox that the row describes, with the references to secrets that are kept for it.
func (r *gridRow) mailbox() engine.Mailbox {
	m := r.kept
	source, destination := r.account(engine.Source), r.account(engine.Destination)
	source.Secret, destination.Secret = m.Source.Secret, m.Destination.Secret
	m.Source, m.Destination = source, destination
	return m
}

// other reports whether the row describes other accounts than those that the ledger has.
func (r *gridRow) other() bool {
	return r.account(engine.Source).User != r.kept.Source.User || r.account(engine.Destination).User != r.kept.Destination.User
}

// same reports whether the row, of m's source, has m's destination; one that names the source's address in its place, as a list without destinations does,
// has.
func (r *gridRow) same(m engine.Mailbox) bool {
	return strings.EqualFold(r.account(engine.Destination).User, m.Destination.User) || r.text(destinationAddress) == r.text(sourceAddress)
}

// judge says what is wrong with the row by itself.
func (r *gridRow) judge() {
	r.problem, r.bad = "", 0
	for cell := range r.cells {
		address := cell == sourceAddress || cell == destinationAddress
		switch text := r.text(cell); {
		case address && text == "":
			r.problem = wording.T(map[int]string{sourceAddress: "grid.nosource", destinationAddress: "grid.nodestination"}[cell])
		case address && strings.ContainsFunc(text, unicode.IsSpace):
			r.problem = wording.T("grid.space")
		case strings.ContainsFunc(text, unicode.IsControl):
			r.problem = wording.T("grid.control")
		default:
			continue
		}
		r.bad = cell
		return
	}
}

// judgeRows says what is wrong with rows, also with each other, and returns the index of the first that is wrong, -1 for none. known are
// mailboxes of the project that are not among the rows, by source login in lower case: a row may have another password for one of them, and no other destination.
func judgeRows(rows []*gridRow, known map[string]engine.Mailbox) int {
	first := map[string]int{}
	for i, r := range rows {
		if r.blank() {
			r.problem = ""
			continue
		}
		r.judge()
		login := strings.ToLower(r.account(engine.Source).User)
		if r.problem != "" || login == "" {
			continue
		}
		address := wording.Display(r.text(sourceAddress), 60)
		if at, twice := first[login]; twice {
			r.problem, r.bad = wording.T("grid.twice.row", "Address", address, "Row", at+1), sourceAddress
		} else if m, is := known[login]; is && !r.same(m) {
			r.problem, r.bad = wording.T("grid.taken", "Address", address, "Destination", wording.Display(m.Destination.Address, 60)), sourceAddress
		}
		if _, known := first[login]; !known {
			first[login] = i
		}
	}
	return slices.IndexFunc(rows, func(r *gridRow) bool { return r.problem != "" })
}

// cellsOf splits a text as a spreadsheet copies it into rows of cells; nil where it is neither several cells nor several lines.
func cellsOf(text string) [][]string {
	text = strings.TrimRight(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text), "\n")
	if !strings.ContainsAny(text, "\t\n") {
		return nil
	}
	var rows [][]string
	for line := range strings.SplitSeq(text, "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		cells := strings.Split(line, "\t")
		for i, cell := range cells {
			if len(cell) > 1 && cell[0] == '"' && cell[len(cell)-1] == '"' { // as spreadsheets quote what has a quotation mark in it
				cells[i] = strings.ReplaceAll(cell[1:len(cell)-1], `""`, `"`)
			}
		}
		rows = append(rows, cells)
	}
	return rows
}
