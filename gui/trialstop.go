package gui

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"mwiz/engine"
	"mwiz/gui/wording"
)

// trialColumns are the columns of the mailboxes that are tried.
var trialColumns = columns{
	{title: "column.mailbox", width: 150, stretch: true},
	{title: "trial.source", width: 150, stretch: true},
	{title: "trial.destination", width: 150, stretch: true},
	{title: "trial.pass", width: 240},
	{title: "column.actions", width: 204, lead: 4},
}

// trialStop is the wizard's third stop: every sign-in is tried, then a little of every mailbox is migrated.
type trialStop struct {
	columns  columns
	z        *wizard
	question question
	rows     []*tried
	passes   map[engine.MailboxID]engine.Pass // the last trial of each mailbox
	signIns  *signIns
	list     *keyList
	words    *text
	line     *progressLine
	lineBox  fyne.CanvasObject
	again    *keyButton
	run      *keyButton
	sentence *text
	step     *text
	whole    fyne.CanvasObject
}

func newTrialStop(z *wizard) *trialStop {
	s := &trialStop{z: z, columns: z.w.columnsOf("trial", trialColumns), words: mainText(), line: newProgressLine(), sentence: mainText(), step: smallText()}
	s.signIns = &signIns{w: z.w, changed: s.changed}
	s.words.color = colorMuted
	s.list = newKeyList(func() int { return len(s.rows) }, func() fyne.CanvasObject { return newTrialRow(s.columns) },
		func(i int, o fyne.CanvasObject) { o.(*trialRow).show(s, s.rows[i]) })
	s.list.key = func(i int) (int64, bool) { return int64(s.rows[i].mailbox.ID), true }
	s.list.find = func(key int64) (int, bool) {
		i := slices.IndexFunc(s.rows, func(t *tried) bool { return int64(t.mailbox.ID) == key })
		return i, i >= 0
	}
	s.list.open = func(i int) { s.act(s.rows[i]) }
	s.list.chose = func(int) { s.tell() }
	s.list.menu = func(i int) *fyne.Menu { return s.menu(s.rows[i]) }
	s.list.other = z.w.typed
	s.build()
	return s
}

func (s *trialStop) build() {
	s.again = newIconButton(wording.T("trial.again"), theme.ViewRefreshIcon(), s.checkAgain)
	s.lineBox = container(setLeft{420}, s.line)
	s.run = newIconButton(wording.T("trial.run"), theme.MediaPlayIcon(), s.runOrStop)
	right := container(beside{room: 8}, roomy(s.again), roomy(s.run))
	words := container(above{5}, s.words, s.lineBox)
	tools := container(layout.NewCustomPaddedLayout(7, 7, gap, gap), container(layout.NewBorderLayout(nil, nil, nil, right), right, words))
	head := container(layout.NewCustomPaddedVBoxLayout(0), tools, s.z.w.newHeader("trial", s.columns, s.list, nil, nil).content())
	foot := newBar(container(minHeight{40}, twoLines(s.sentence, s.step)), gap, 4, topLine)
	s.whole = between(head, foot, s.list)
}

// minHeight gives its one object at least a height.
type minHeight struct{ height float32 }

// MinSize implements fyne.Layout.
func (l minHeight) MinSize(o []fyne.CanvasObject) fyne.Size {
	return o[0].MinSize().Max(fyne.NewSize(0, l.height))
}

// Layout implements fyne.Layout.
func (l minHeight) Layout(o []fyne.CanvasObject, size fyne.Size) { o[0].Resize(size) }

func (s *trialStop) content() fyne.CanvasObject { return s.whole }

// trialAnswer is what the ledger says of a project's mailboxes.
type trialAnswer struct {
	mailboxes []engine.Mailbox
	passes    map[engine.MailboxID]engine.Pass
}

// enter reads the mailboxes and tries to sign in to those that were not tried yet.
func (s *trialStop) enter() {
	s.signIns.forget()
	s.read(func(a trialAnswer) {
		before := s.rows
		s.rows = make([]*tried, len(a.mailboxes))
		for i, m := range a.mailboxes {
			s.rows[i] = &tried{mailbox: m}
			at := slices.IndexFunc(before, func(t *tried) bool { return t.mailbox == m && t.good() })
			if at >= 0 && s.sameEndpoints() {
				s.rows[i] = before[at]
			} else {
				s.signIns.try(s.rows[i])
			}
		}
		s.signIns.project = s.z.project
		s.signIns.pump()
		if _, chosen := s.list.choice(); !chosen && len(s.rows) > 0 {
			s.list.Select(0)
		}
		s.changed()
	})
}

// sameEndpoints reports whether the sign-ins were tried at the endpoints that the project has now.
func (s *trialStop) sameEndpoints() bool {
	before, now := s.signIns.project, s.z.project
	return endpointsEqual(before.Source, now.Source) && endpointsEqual(before.Destination, now.Destination)
}

func endpointsEqual(a, b engine.Endpoint) bool {
	return a.URL() == b.URL() && string(a.CA) == string(b.CA) && string(a.Pin) == string(b.Pin) && a.Access == b.Access
}

// read asks the ledger for the mailboxes and their last trials.
func (s *trialStop) read(then func(trialAnswer)) {
	id := s.z.project.ID
	ask(s.z.w, &s.question, func(ctx context.Context) (a trialAnswer, err error) {
		if a.mailboxes, err = s.z.w.parts.Book.Mailboxes(ctx, id); err != nil {
			return a, err
		}
		a.passes, err = s.z.w.lastPasses(ctx, id, engine.Trial)
		return a, err
	}, func(a trialAnswer, err error) {
		if err != nil {
			s.z.w.tell(err, "")
			return
		}
		s.passes = a.passes
		then(a)
	})
}

// lastPasses returns the last ended pass of a kind of every mailbox of a project.
func (w *Window) lastPasses(ctx context.Context, project engine.ProjectID, kind engine.PassKind) (map[engine.MailboxID]engine.Pass, error) {
	last := map[engine.MailboxID]engine.Pass{}
	for offset := 0; ; offset += pageSize {
		rows, err := w.parts.Book.PassRows(ctx, project, engine.Page{Offset: offset, Limit: pageSize})
		if err != nil {
			return nil, err
		}
		for _, r := range rows { // the newest first
			if _, known := last[r.Mailbox]; !known && r.Kind == kind && r.State.Ended() {
				last[r.Mailbox] = r.Pass
			}
		}
		if len(rows) < pageSize {
			return last, nil
		}
	}
}

// reload reads what the trials have done. Mailboxes whose passwords are new are tried again.
func (s *trialStop) reload() {
	s.read(func(a trialAnswer) {
		for _, m := range a.mailboxes {
			if i := slices.IndexFunc(s.rows, func(t *tried) bool { return t.mailbox.ID == m.ID }); i >= 0 {
				s.rows[i].mailbox = m
			}
		}
		s.changed()
	})
}

func (s *trialStop) show(engine.Snapshot) { s.changed() }

func (s *trialStop) focus() { s.z.w.window.Canvas().Focus(s.list) }

func (s *trialStop) save(then func()) { then() }

func (s *trialStop) label() string { return wording.T("wizard.next.trial") }

func (s *trialStop) ready() bool { return len(s.rows) > 0 && !s.z.w.busy(s.z.project.ID) }

func (s *trialStop) next() { s.z.goTo(atSummary) }

// changed shows everything anew.
func (s *trialStop) changed() {
	good, bad, look := 0, 0, 0
	for _, t := range s.rows {
		switch {
		case t.good():
			good++
		case t.bad():
			bad++
		}
		if _, wrong := s.troubleOf(t); wrong {
			look++
		}
	}
	s.arrange()
	busy := s.z.w.busy(s.z.project.ID)
	job := s.z.w.workOf(s.z.project.ID)
	words, share := []string{wording.T("trial.signed", "Count", good, "Total", wording.Number(len(s.rows)))}, float64(-1)
	color := fyne.ThemeColorName(colorMuted)
	if look > 0 {
		words, color = append(words, wording.T("trial.bad", "Count", look)), colorBad
	}
	switch {
	case s.signIns.busy():
		words, share = []string{wording.T("trial.signing", "Count", good+bad, "Total", wording.Number(len(s.rows)))}, float64(good+bad)/float64(max(1, len(s.rows)))
		color = colorMuted
	case busy:
		words, share = []string{wording.T("trial.running")}, max(0, job.share())
		color = colorMuted
	case len(s.passes) == 0 && good > 0:
		words = append(words, wording.T("trial.hint"))
	}
	s.words.show(strings.Join(words, "   ·   "), color)
	s.line.show(max(0, share))
	if s.lineBox.Visible() != (share >= 0) {
		visible(s.lineBox, share >= 0)
		s.whole.Refresh()
	}
	enable(s.again, !s.signIns.busy() && !busy && len(s.rows) > 0)
	label, icon := wording.T("trial.run"), theme.MediaPlayIcon()
	if busy {
		label, icon = wording.T("action.stop"), theme.MediaStopIcon()
	}
	if s.run.Text != label {
		s.run.SetIcon(icon)
	}
	setLabel(s.run, label, s.whole)
	enable(s.run, busy || !s.signIns.busy() && good > 0)
	s.tell()
	s.list.renew()
	s.z.update()
}

// arrange puts the mailboxes that need a look above the others, once nothing is at work that rows would move under.
func (s *trialStop) arrange() {
	if s.signIns.busy() || s.z.w.busy(s.z.project.ID) {
		return
	}
	place := func(t *tried) int {
		if _, wrong := s.troubleOf(t); wrong {
			return 0
		}
		return 1
	}
	byPlace := func(a, b *tried) int { return cmp.Or(place(a)-place(b), cmp.Compare(a.mailbox.ID, b.mailbox.ID)) }
	if slices.IsSortedFunc(s.rows, byPlace) {
		return
	}
	slices.SortFunc(s.rows, byPlace)
	s.list.ScrollToTop()
	s.list.UnselectAll()
	s.list.Select(0) // the first that needs a look, with what to do
}

// checkAgain tries the sign-ins again that did not go well; all, if all did.
func (s *trialStop) checkAgain() {
	all := !slices.ContainsFunc(s.rows, func(t *tried) bool { return !t.good() })
	s.signIns.project = s.z.project
	for _, t := range s.rows {
		if all || !t.good() {
			s.signIns.try(t)
		}
	}
	s.signIns.pump()
	s.changed()
}

// checkOne tries the sign-ins of one mailbox again.
func (s *trialStop) checkOne(t *tried) {
	s.signIns.project = s.z.project
	s.signIns.try(t)
	s.signIns.pump()
	s.changed()
}

// runOrStop migrates a little of every mailbox that can be signed in to, or stops doing so.
func (s *trialStop) runOrStop() {
	if s.z.w.busy(s.z.project.ID) {
		s.z.w.stop(s.z.project.ID)
		return
	}
	var ids []engine.MailboxID
	for _, t := range s.rows {
		if t.good() {
			ids = append(ids, t.mailbox.ID)
		}
	}
	s.z.w.start(s.z.project, engine.Trial, ids...)
}

// troubleOf returns what is wrong with a mailbox, the first thing first.
func (s *trialStop) troubleOf(t *tried) (wording.Trouble, bool) {
	for _, one := range t.sides {
		if one.state == engine.StatusFailed {
			return one.trouble, true
		}
	}
	if p, ok := s.passes[t.mailbox.ID]; ok && !s.z.w.unfinished(t.mailbox.ID) {
		return wording.TroubleOfPass(p, t.mailbox.Source.Address, t.mailbox.Destination.Address)
	}
	return wording.Trouble{}, false
}

// tell says below the list what is wrong with the selected mailbox, and what to do.
func (s *trialStop) tell() {
	s.sentence.say("")
	s.step.say("")
	i, ok := s.list.choice()
	if !ok || i >= len(s.rows) {
		return
	}
	if t, wrong := s.troubleOf(s.rows[i]); wrong {
		s.sentence.show(t.Sentence(), colorBad)
		step := t.Step()
		if d := t.Details(); d != "" {
			step += "   " + wording.T("trouble.details", "Text", d)
		}
		s.step.say(step)
		return
	}
	if s.rows[i].good() {
		s.sentence.show(wording.T("trial.good", "Address", wording.Display(s.rows[i].mailbox.Source.Address, 80)), colorMuted)
	}
}

// act does what a mailbox needs most.
func (s *trialStop) act(t *tried) {
	trouble, wrong := s.troubleOf(t)
	switch {
	case wrong && trouble.NeedsPassword():
		s.password(t)
	case wrong && trouble.Certificate != nil:
		s.certificate(trouble)
	case wrong:
		s.z.w.tellTrouble(trouble)
	}
}

// password asks for new passwords, or for a sign-in, and tries them.
func (s *trialStop) password(t *tried) {
	ask := func(then func()) { s.z.w.askPasswords(s.z.project, t.mailbox, then) }
	if trouble, wrong := s.troubleOf(t); wrong && trouble.NeedsSignIn() {
		ask = func(then func()) { s.z.w.signInTo(s.z.project, t.mailbox, trouble.Side, then) }
	}
	ask(func() {
		s.read(func(a trialAnswer) {
			for _, m := range a.mailboxes {
				if m.ID == t.mailbox.ID {
					t.mailbox = m
				}
			}
			s.checkOne(t)
		})
	})
}

// certificate shows what a service has shown. Where its key is trusted, all sign-ins that failed are tried again.
func (s *trialStop) certificate(t wording.Trouble) {
	z := s.z
	z.w.showCertificate(*t.Certificate, t.Host, func(pin []byte) {
		z.w.pinKey(z.project.ID, t.Side, pin, func() {
			to := &z.project.Source
			if t.Side == engine.Destination {
				to = &z.project.Destination
			}
			to.Pin, to.CA = pin, nil
			if c, is := z.stops[atConnector].(*connectorStop); is {
				c.source.set(z.project.Source)
				c.destination.set(z.project.Destination)
			}
			s.checkAgain()
		})
	})
}

// menu is what can be done with a mailbox.
func (s *trialStop) menu(t *tried) *fyne.Menu {
	again := fyne.NewMenuItem(wording.T("trial.again"), func() { s.checkOne(t) })
	again.Disabled = s.signIns.busy()
	return fyne.NewMenu("", again, fyne.NewMenuItem(wording.T("action.passwords"), func() { s.password(t) }))
}

// trialRow is a line of the mailboxes that are tried.
type trialRow struct {
	row
	from, to            *text
	source, destination *statusCell
	pass                *statusCell
	again, password     *action
}

func newTrialRow(c columns) *trialRow {
	r := &trialRow{from: mainText(), to: smallText(), source: newStatusCell(), destination: newStatusCell(), pass: newStatusCell(),
		again: newAction("", plain), password: newAction("", plain)}
	actions := container(beside{room: 4, width: map[int]float32{0: 92, 1: 106}, keep: true}, r.again, r.password)
	r.columns, r.height = c, 42
	r.cells = []fyne.CanvasObject{twoLines(r.from, r.to), r.source, r.destination, r.pass, actions}
	r.ExtendBaseWidget(r)
	return r
}

func (r *trialRow) show(s *trialStop, t *tried) {
	r.from.say(wording.Display(t.mailbox.Source.Address, 120))
	r.to.say(wording.T("mailboxes.to", "Address", wording.Display(t.mailbox.Destination.Address, 120)))
	for i, cell := range []*statusCell{r.source, r.destination} {
		showSignIn(cell, t.sides[i])
	}
	r.showPass(s, t)
	busy := s.signIns.busy() || s.z.w.busy(s.z.project.ID)
	r.again.show(wording.T("trial.again"), plain, busy, func() { s.checkOne(t) })
	trouble, wrong := s.troubleOf(t)
	label := "action.password"
	if trouble.NeedsSignIn() {
		label = "action.signin"
	}
	if trouble.Certificate != nil {
		r.password.show(wording.T("action.certificate"), plain, busy, func() { s.certificate(trouble) })
	} else {
		r.password.show(wording.T(label), plain, busy, func() { s.password(t) })
	}
	visible(r.again, t.bad())
	visible(r.password, wrong && (trouble.NeedsPassword() || trouble.Certificate != nil))
}

// showSignIn shows what became of a sign-in.
func showSignIn(c *statusCell, s signIn) {
	switch s.state {
	case engine.Completed:
		c.show(s.state, wording.T("trial.signedin"), -1, "", colorMuted)
	case engine.StatusFailed:
		c.show(s.state, wording.T("trial.failed"), -1, s.trouble.Sentence(), colorMuted)
	case engine.Processing:
		c.show(s.state, wording.T("endpoint.test.running"), -1, "", colorMuted)
	default:
		c.show(engine.Pending, wording.Status(engine.Pending), -1, "", colorMuted)
	}
}

// showPass shows how far the trial pass is, or how it ended.
func (r *trialRow) showPass(s *trialStop, t *tried) {
	w := s.z.w
	if job := working(w.snap, ofMailbox(t.mailbox.ID)); job.passes > 0 {
		r.pass.show(job.status(engine.Processing), job.words(w.snap, t.mailbox.ID), max(0, job.share()), "", colorMuted)
		return
	}
	p, ok := s.passes[t.mailbox.ID]
	if !ok {
		r.pass.show(engine.Pending, wording.T("trial.notrun"), -1, "", colorMuted)
		return
	}
	status, note := engine.StatusOf(p.State), wording.T("trial.copied", "Count", p.Tally.Copied, "Bytes", wording.Bytes(p.Tally.Bytes))
	if trouble, told := wording.TroubleOfPass(p, "", ""); told {
		note = trouble.Sentence()
	}
	r.pass.show(status, wording.Status(status), -1, note, colorMuted)
}
