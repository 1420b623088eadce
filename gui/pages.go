package gui

// pages holds a list that is too long to be read at once. What was read is shown until it is read again.
type pages[T any] struct {
	size    int
	read    func(offset, limit int, show func([]T, error)) // asks the ledger
	changed func()                                         // rows came, or reading failed
	failed  error                                          // of the last reading
	rows    map[int][]T                                    // by page
	age     map[int]int                                    // generation in which a page was read
	asked   map[int]int                                    // generation in which it was asked for
	now     int                                            // generation
}

// newPages returns a list that reads pages of the given size.
func newPages[T any](size int, read func(offset, limit int, show func([]T, error)), changed func()) *pages[T] {
	return &pages[T]{size: size, read: read, changed: changed, now: 1,
		rows: map[int][]T{}, age: map[int]int{}, asked: map[int]int{}}
}

// renew makes every page be read again when it is next looked at.
func (p *pages[T]) renew() { p.now++ }

// at returns row i, and false while it is not read; it asks for what is missing or old.
func (p *pages[T]) at(i int) (row T, ok bool) {
	page := i / p.size
	if p.age[page] != p.now && p.asked[page] != p.now {
		p.ask(page)
	}
	if rows := p.rows[page]; i%p.size < len(rows) {
		return rows[i%p.size], true
	}
	return row, false
}

func (p *pages[T]) ask(page int) {
	generation := p.now
	p.asked[page] = generation
	p.read(page*p.size, p.size, func(rows []T, err error) {
		if generation != p.now {
			return // a newer answer is on its way or will be asked for
		}
		p.failed = err
		if err == nil {
			p.rows[page], p.age[page] = rows, generation
		}
		p.changed()
	})
}

// find returns the index of the first row that is read and wanted.
func (p *pages[T]) find(wanted func(T) bool) (int, bool) {
	best, found := 0, false
	for page, rows := range p.rows {
		for i, r := range rows {
			if at := page*p.size + i; wanted(r) && (!found || at < best) {
				best, found = at, true
			}
		}
	}
	return best, found
}
