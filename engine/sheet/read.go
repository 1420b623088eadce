package sheet

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"mwiz/engine"
)

// MaxSize is the largest file that Read takes, in bytes: some 200,000 mailboxes.
const MaxSize = 20 << 20

// Row is one line of a list of mailboxes.
type Row struct {
	Line    int            // in the file, from 1
	Mailbox engine.Mailbox // addresses and login names; ids and secret references are zero
	Secrets engine.Secrets // empty where the line has none
	Flags   string         // MigrationWiz's flags, as written
	Problem string         // why the line cannot be used, one sentence; "" when it can
	Warning string         // what looks odd about a line that can be used; "" for nothing
}

// Read reads a list of mailboxes: a header line that names the columns, in any order and case, then a mailbox a line.
// Cells are separated by comma, semicolon or tab; the text is UTF-8, UTF-16 or Windows-1252. An empty destination
// address is the source's, an empty login name is the address. Passwords are taken as they stand, spaces and all.
//
// An error means that the file as a whole cannot be read: its text is a sentence for the user, and never holds a cell.
// Trouble with a single line is that row's Problem.
func Read(r io.Reader) ([]Row, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("the file cannot be read: %w", err)
	}
	if len(raw) > MaxSize {
		return nil, fmt.Errorf("the file is larger than %d MB: split it", MaxSize>>20)
	}
	text := decode(raw)
	separator, text := separatorOf(text)
	lines := csv.NewReader(strings.NewReader(text))
	lines.Comma = separator
	lines.FieldsPerRecord = -1
	lines.LazyQuotes = true // a password with a quote in it, written by hand
	lines.ReuseRecord = true

	header, err := lines.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty")
	}
	if err != nil {
		return nil, parseError(err)
	}
	columns, err := columnsOf(header)
	if err != nil {
		return nil, err
	}
	rows, err := readRows(lines, columns)
	if err == nil && len(rows) == 0 {
		err = errors.New("the file has a header and no mailboxes below it")
	}
	if err != nil {
		return nil, err
	}
	findDoubles(rows)
	return rows, nil
}

// readRows reads what follows the header.
func readRows(lines *csv.Reader, columns columns) ([]Row, error) {
	var rows []Row
	for {
		cells, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, parseError(err)
		}
		line, _ := lines.FieldPos(0)
		if blank(cells) {
			continue
		}
		for _, cell := range cells {
			if strings.ContainsAny(cell, "\r\n") {
				return nil, fmt.Errorf("line %d: a cell runs over several lines; a quotation mark is probably missing or too many", line)
			}
		}
		row := columns.row(cells)
		row.Line = line
		rows = append(rows, row)
	}
}

// parseError says where the file stopped being a table. The csv package's errors hold no cells.
func parseError(err error) error {
	var at *csv.ParseError
	if errors.As(err, &at) {
		return fmt.Errorf("line %d cannot be read: %w", at.Line, at.Err)
	}
	return err
}

// blank reports whether a line holds nothing.
func blank(cells []string) bool {
	for _, cell := range cells {
		if strings.TrimSpace(cell) != "" {
			return false
		}
	}
	return true
}

// row makes a mailbox of a line's cells and says what is wrong with it.
func (c columns) row(cells []string) Row {
	name := func(col column) string { return strings.TrimSpace(c.cell(cells, col)) }
	source := engine.Account{Address: name(sourceAddress), User: name(sourceUser)}
	destination := engine.Account{Address: name(destinationAddress), User: name(destinationUser)}
	if c.has(sourceAddress) {
		source.Address = first(source.Address, source.User)
	} else {
		source.Address = addressOf(source.User, destination.Address) // Microsoft's list names the destination
	}
	source.User = first(source.User, source.Address)
	destination.Address = first(destination.Address, source.Address)
	destination.User = first(destination.User, destination.Address)
	row := Row{
		Mailbox: engine.Mailbox{Source: source, Destination: destination},
		Secrets: engine.Secrets{
			Source:      engine.NewSecret(strings.Clone(c.cell(cells, sourcePassword))),
			Destination: engine.NewSecret(strings.Clone(c.cell(cells, destinationPassword))),
		},
		Flags: name(flags),
	}
	row.Problem = c.problem(cells, row)
	return row
}

// problem returns why a line cannot be used, "" if it can.
func (c columns) problem(cells []string, row Row) string {
	if row.Mailbox.Source.Address == "" {
		return "The source address is missing."
	}
	if !blank(cells[min(c.count, len(cells)):]) {
		return "The line has more cells than the header: a password with a separator in it must stand in quotation marks."
	}
	for _, one := range []struct{ what, text string }{
		{"source address", row.Mailbox.Source.Address},
		{"source login name", row.Mailbox.Source.User},
		{"destination address", row.Mailbox.Destination.Address},
		{"destination login name", row.Mailbox.Destination.User},
	} {
		if what := unusable(one.text); what != "" {
			return "The " + one.what + " " + what
		}
	}
	if strings.Contains(row.Mailbox.Source.Address, " ") || strings.Contains(row.Mailbox.Destination.Address, " ") {
		return "An address has a space in it."
	}
	for _, secret := range []engine.Secret{row.Secrets.Source, row.Secrets.Destination} {
		if what := unusable(secret.Reveal()); what != "" {
			return "A password " + what
		}
	}
	return ""
}

// unusable says, to follow the name of a cell, why no service could take its text; "" for nothing.
func unusable(s string) string {
	switch {
	case strings.ContainsRune(s, unicode.ReplacementChar):
		return "has a character that cannot be read: save the file as UTF-8."
	case strings.ContainsFunc(s, unicode.IsControl):
		return "has a control character in it."
	}
	return ""
}

// findDoubles marks lines that name a source again, and warns of those that share a destination with an earlier line.
func findDoubles(rows []Row) {
	sources, destinations := map[string]int{}, map[string]int{}
	for i := range rows {
		row := &rows[i]
		if row.Problem != "" {
			continue
		}
		source := strings.ToLower(row.Mailbox.Source.User)
		if line, ok := sources[source]; ok {
			row.Problem = fmt.Sprintf("The same source mailbox is on line %d.", line)
			continue
		}
		sources[source] = row.Line
		destination := strings.ToLower(row.Mailbox.Destination.User)
		if line, ok := destinations[destination]; ok {
			row.Warning = fmt.Sprintf("The destination is the same as on line %d: both mailboxes will be mixed in it.", line)
			continue
		}
		destinations[destination] = row.Line
	}
}

// addressOf returns the login name where it is an address, or else the other one.
func addressOf(user, other string) string {
	if strings.Count(user, "@") == 1 && !strings.ContainsAny(user, `/\*`) {
		return user
	}
	return other
}

// first returns the first that is not empty.
func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
