package sheet

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Header is MigrationWiz's header, the one that this program's own files carry.
var Header = []string{
	"Source Email", "Source Login Name", "Source Password",
	"Destination Email", "Destination Login Name", "Destination Password", "Flags",
}

// column is one that means something to us.
type column int

const (
	sourceAddress column = iota
	sourceUser
	sourcePassword
	destinationAddress
	destinationUser
	destinationPassword
	flags
	known // how many there are
)

// names are the headings of each column, in lower case without spaces, underscores and hyphens. Those of Microsoft's
// IMAP migration (EmailAddress, UserName, Password) name the destination's address and the source's sign-in.
var names = [known][]string{
	sourceAddress:       {"sourceemail", "sourceemailaddress", "sourceaddress", "source"},
	sourceUser:          {"sourceloginname", "sourcelogin", "sourceusername", "sourceuser", "username"},
	sourcePassword:      {"sourcepassword", "password"},
	destinationAddress:  {"destinationemail", "destinationemailaddress", "destinationaddress", "destination", "emailaddress"},
	destinationUser:     {"destinationloginname", "destinationlogin", "destinationusername", "destinationuser"},
	destinationPassword: {"destinationpassword"},
	flags:               {"flags"},
}

// columnNamed returns the column that a heading names, and known for none.
func columnNamed(heading string) column {
	bare := strings.NewReplacer(" ", "", "_", "", "-", "", "\u00a0", "").Replace(strings.ToLower(strings.TrimSpace(heading)))
	for col := range known {
		if slices.Contains(names[col], bare) {
			return col
		}
	}
	return known
}

// columns says where in a line each column stands.
type columns struct {
	at    [known]int // -1: not in the file
	count int        // cells of the header
}

// columnsOf reads a header.
func columnsOf(header []string) (columns, error) {
	c := columns{count: len(header)}
	for col := range c.at {
		c.at[col] = -1
	}
	for i, heading := range header {
		col := columnNamed(heading)
		if col == known {
			continue
		}
		if c.at[col] >= 0 {
			return c, fmt.Errorf("the column %q is there twice", Header[col])
		}
		c.at[col] = i
	}
	if c.has(sourceAddress) || c.has(sourceUser) && c.has(destinationAddress) {
		return c, nil
	}
	if slices.ContainsFunc(header, func(cell string) bool { return strings.Contains(cell, "@") }) {
		return c, errors.New("the first line must name the columns: " + strings.Join(Header, ","))
	}
	return c, fmt.Errorf("the column %q is missing; the first line must name the columns: %s", Header[sourceAddress], strings.Join(Header, ","))
}

func (c columns) has(col column) bool { return c.at[col] >= 0 }

// cell returns a line's cell in a column, "" where it has none.
func (c columns) cell(cells []string, col column) string {
	if i := c.at[col]; i >= 0 && i < len(cells) {
		return cells[i]
	}
	return ""
}

// separatorOf returns what separates the cells of a file: the separator by which its header names most columns. It takes
// the line "sep=;" that spreadsheets write, and returns the text with that line empty.
func separatorOf(text string) (rune, string) {
	line, rest, _ := strings.Cut(text, "\n")
	line = strings.TrimSuffix(line, "\r")
	if len(line) == len("sep=,") && strings.EqualFold(line[:4], "sep=") && strings.ContainsAny(line[4:], ",;\t") {
		return rune(line[4]), "\n" + rest
	}
	best, most := ',', 0
	for _, separator := range []rune{',', ';', '\t'} {
		found := 0
		for cell := range strings.SplitSeq(line, string(separator)) {
			if columnNamed(strings.Trim(strings.TrimSpace(cell), `"`)) != known {
				found++
			}
		}
		if found > most {
			best, most = separator, found
		}
	}
	return best, text
}
