package gui

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"

	"mwiz/assets"
	"mwiz/engine"
	"mwiz/engine/discover"
	"mwiz/gui/wording"
)

// scenes are the views worth looking at.
var scenes = []struct {
	name string
	book func() *book
	show func(*rig)
}{
	{"welcome", func() *book { return &book{} }, func(*rig) {}},
	{"projects", sample, func(*rig) {}},
	{"projects-working", sample, func(r *rig) { r.show(atWork()) }},
	{"mailboxes", sample, func(r *rig) { r.open(0) }},
	{"mailboxes-working", sample, func(r *rig) { r.show(atWork()); r.open(0) }},
	{"mailboxes-selected", sample, func(r *rig) {
		t := r.open(0).mailboxes
		t.narrow.status.SetSelectedIndex(5)
		t.mark(5)
		t.mark(6)
	}},
	{"passes", sample, func(r *rig) { r.open(0).command(cmdTab2); r.pick(7) }},
	{"passes-working", sample, func(r *rig) {
		r.book.passes = append(r.book.passes, engine.PassRow{Pass: engine.Pass{ID: 900, Mailbox: 1, Kind: engine.NewItems, State: engine.Running, Queued: noon.Add(-3 * time.Minute), Started: noon.Add(-3 * time.Minute)},
			Source: "anna@old-host.example"})
		r.desk.throughput = throughputOf(1300, 81_000_000, 3*time.Minute)
		r.show(atWork())
		r.open(0).command(cmdTab2)
	}},
	{"used", sample, func(r *rig) { p := r.open(0); p.command(cmdTab2); r.pick(7); p.passes.folders.record.tell() }},
	{"errors", sample, func(r *rig) { r.open(0).command(cmdTab3) }},
	{"folders", sample, func(r *rig) { r.open(0).command(cmdTab4) }},
	{"folders-only", sample, func(r *rig) {
		p := r.open(0)
		p.command(cmdTab4)
		p.folders.only.SetChecked(true)
		p.folders.details(p.folders.all[p.folders.shown[3]])
	}},
	{"connector", sample, func(r *rig) { r.startForm() }},
	{"provider-gmail", sample, func(r *rig) { r.from("gmail") }},
	{"provider-microsoft365", sample, func(r *rig) { r.from("microsoft365") }},
	{"provider-yahoo", sample, func(r *rig) { r.from("yahoo-export") }},
	{"provider-icloud", sample, func(r *rig) { r.from("icloud") }},
	{"provider-rackspace", sample, func(r *rig) { r.from("rackspace") }},
	{"provider-godaddy", sample, func(r *rig) { r.from("godaddy-titan") }},
	{"provider-ionos", sample, func(r *rig) { r.from("ionos") }},
	{"provider-other", sample, func(r *rig) { r.from("other") }},
	{"connector-found", sample, func(r *rig) {
		far := atAutoconfig("mail.hoster.example")
		far.From, far.At, far.Foreign = discover.FromSRV, "_imaps._tcp.acme.example", true
		r.finds = map[string]discover.Answer{
			"anna@acme.example": {Candidates: []discover.Candidate{ofProvider("rackspace", "secure.emailsrvr.com")}},
			"anna@new.example":  {Candidates: []discover.Candidate{far, ofProvider("godaddy-titan", "imap.titan.email")}},
		}
		r.startForm()
		c := r.view.(*wizard).stops[atConnector].(*connectorStop)
		c.find[engine.Source].ask("anna@acme.example")
		c.find[engine.Destination].ask("anna@new.example")
	}},
	{"connector-wrong", sample, func(r *rig) {
		r.startForm()
		c := r.view.(*wizard).stops[atConnector].(*connectorStop)
		c.source.provider.SetSelectedIndex(1)
		c.destination.host.SetText("mail.new-host.example")
		c.destination.encryption.SetSelectedIndex(2)
		c.next()
	}},
	{"connector-access", sample, func(r *rig) {
		r.startForm()
		c := r.view.(*wizard).stops[atConnector].(*connectorStop)
		c.source.set(engine.Endpoint{Host: "mail.old-host.example", Port: 993, Encryption: engine.TLS, Preset: "other",
			Access: engine.Access{Method: engine.MasterUser, Admin: "root", Secret: "k"}})
		c.destination.provider.SetSelectedIndex(2)
		c.next()
	}},
	{"grid-barred", sample, func(r *rig) {
		r.book.projects[0].Source.Access.Method, r.book.projects[0].Destination.Access.Method = engine.MasterUser, engine.OAuthMicrosoft
		r.draft("mailboxes", 0)
	}},
	{"signin", sample, func(r *rig) { r.owner().byBrowser() }},
	{"signin-code", sample, func(r *rig) {
		s := r.owner()
		s.byCode()
		s.told(engine.DeviceCode{Code: "ABCD-EFGH", Address: "https://microsoft.com/devicelogin", Known: true})
	}},
	{"grid", sample, func(r *rig) { r.draft("mailboxes", 0) }},
	{"grid-wrong", sample, func(r *rig) { r.wrongGrid() }},
	{"trial", sample, func(r *rig) { r.trial() }},
	{"trial-working", sample, func(r *rig) {
		r.trial()
		s := atWork()
		for i := range s.Passes {
			s.Passes[i].Kind = engine.Trial
		}
		r.show(s)
	}},
	{"summary", sample, func(r *rig) { r.draft("summary", 9) }},
	{"summary-rules", sample, func(r *rig) {
		z := r.draft("summary", 9)
		s := z.stop().(*summaryStop)
		for i, row := range r.book.passes {
			if row.Kind == engine.Preview {
				r.book.passes[i].Lack.Bytes = int64(i%4) * 650_000_000
				r.book.passes[i].Tally.Skipped, r.book.passes[i].Tally.Failed = 40, 1
				f := r.book.folders[row.ID]
				f[3].Why, f[3].Destination, f[4].Why, f[4].Destination = engine.Excluded, "", engine.ByTable, "Sent"
			}
		}
		s.reload()
	}},
	{"place", sample, func(r *rig) {
		s := r.draft("summary", 9).stop().(*summaryStop)
		s.placeFolder(s.census.folders[2])
	}},
	{"place-wrong", sample, func(r *rig) { r.wrongPlace() }},
	{"rules", sample, func(r *rig) { r.rules(sampleRules()) }},
	{"rules-empty", sample, func(r *rig) { r.rules(engine.Rules{}) }},
	{"rules-wrong", sample, func(r *rig) {
		p := r.rules(sampleRules())
		p.editor.exclude.SetText("re:^(Clients")
		p.editor.table.SetText("Clients => Old\nOrders => old")
		p.editor.since.SetText("2025-01-01")
		p.editor.size.SetText("large")
		p.command(cmdSave)
	}},
	{"migration", sample, func(r *rig) { r.show(atWork()); r.draft("summary", 9).goTo(atMigration) }},
	{"finished", sample, func(r *rig) { r.draft("summary", 9).goTo(atFinished) }},
	{"add", sample, func(r *rig) { r.addMailboxes(r.book.projects[2].Project) }},
	{"add-known", sample, func(r *rig) {
		project := r.book.projects[2].Project
		r.addMailboxes(project)
		p := r.view.(*addPage)
		there, _ := r.book.Mailboxes(r.t.Context(), project.ID)
		p.mailboxes.add([]SheetRow{
			{Enrolment: engine.Enrolment{Mailbox: engine.Mailbox{Source: there[0].Source, Destination: there[0].Destination}, Secrets: engine.Secrets{Source: engine.NewSecret("another")}}},
			{Enrolment: engine.Enrolment{Mailbox: engine.Mailbox{Source: account("paul@old-host.example", ""), Destination: account("paul@new.example", "")}}},
		})
		p.save(project.ID, p.mailboxes.grid.entered(), func() {})
	}},
	{"settings", sample, func(r *rig) { r.editProject(r.book.projects[0].Project) }},
	{"passwords", sample, func(r *rig) {
		r.open(0)
		r.askPasswords(r.book.projects[0].Project, r.book.mailboxes[0].Mailbox, func() {})
	}},
	{"renewed", sample, func(r *rig) {
		r.open(0)
		r.keepPasswords(r.refusedMailbox().Mailbox, engine.Secrets{Source: engine.NewSecret("another")}, r.changed)
	}},
	{"certificate", sample, func(r *rig) {
		r.desk.checked = wrongName(engine.Source, "mail.acme.example", engine.WrongName)
		r.testConnection()
	}},
	{"certificate-trust", sample, func(r *rig) {
		r.desk.checked = wrongName(engine.Source, "mail.acme.example", engine.WrongName)
		r.testConnection()
		r.tapButton(wording.T("certificate.trust"))
	}},
	{"closing", sample, func(r *rig) { r.show(atWork()); r.close() }},
	{"closing-tray", sample, func(r *rig) { r.parts.Tray = func(*fyne.Menu) {}; r.startTray(); r.show(atWork()); r.close() }},
	{"closing-planned", planned, func(r *rig) { r.parts.Tray = func(*fyne.Menu) {}; r.startTray(); r.close() }},
	{"tour", func() *book { return &book{} }, func(r *rig) { r.showTour() }},
	{"about", sample, func(r *rig) { r.parts.LogFolder = "/home/anna/.local/share/mwiz-desktop/logs"; r.about() }},
	{"licences", sample, func(r *rig) { r.showLicences() }},
	{"preferences", sample, func(r *rig) { r.parts.Tray = func(*fyne.Menu) {}; r.startTray(); r.askPreferences() }},
	{"details", sample, func(r *rig) { p := r.open(0); p.mailboxes.details(r.book.mailboxes[3]) }},
	{"failure", sample, func(r *rig) { p := r.open(0); p.failures.details(r.book.failures[0]) }},
	{"menu", sample, func(r *rig) { r.projects.list.choose(1); r.projects.list.popUp(1, fyne.NewPos(900, 200)) }},
	{"refused", sample, func(r *rig) {
		r.desk.started.Refused = map[engine.MailboxID]error{1: engine.ErrPassLimit, 2: engine.ErrPassLimit}
		r.start(r.book.projects[0].Project, engine.NewItems)
	}},
	{"removed", verified, func(r *rig) { r.open(0).command(cmdTab2) }},
	{"again", verified, func(r *rig) { r.open(0).passes.folders.copyAgain() }},
	{"preview", sample, func(r *rig) {
		r.showForecast(forecast{project: r.book.projects[0], mailboxes: 12, some: 7, failed: 1, tally: engine.Tally{New: 214, Failed: 2, Bytes: 38_400_000}})
	}},
	{"schedule", sample, func(r *rig) { r.open(0); r.askSchedule(r.book.projects[0].Project) }},
	{"schedule-wrong", planned, func(r *rig) {
		b := r.askSchedule(r.book.projects[0].Project)
		b.day.SetText("2026-11-2")
		b.shown.accept()
	}},
	{"schedule-missed", planned, func(r *rig) {
		s := r.book.schedules[1]
		s.Missed = noon.Add(-10 * time.Hour)
		r.book.schedules[1] = s
		r.readSchedules()
	}},
	{"schedule-page", planned, func(r *rig) { r.open(0) }},
	{"rebuild", sample, func(r *rig) { r.rebuild(r.book.projects[0]) }},
	{"project-menu", sample, func(r *rig) { r.projects.list.choose(0); r.projects.list.popUp(0, fyne.NewPos(1000, 150)) }},
	{"failure-menu", sample, func(r *rig) { p := r.open(0); p.command(cmdTab3); p.failures.list.popUp(0, fyne.NewPos(300, 300)) }},
	{"saving", sample, func(r *rig) { p := r.open(0); p.command(cmdTab3); p.failures.saveAs(r.book.failures[0]) }},
	{"report", sample, func(r *rig) { r.open(0); r.askReport(r.book.projects[0].Project) }},
	{"receipts", sample, func(r *rig) { r.find() }},
	{"receipts-offline", sample, func(r *rig) {
		p := r.find()
		r.desk.receipts, r.desk.offline = nil, &engine.Error{Op: "dial", Kind: engine.Unreachable, Host: "imap.old-host.example", Text: "no route to host"}
		p.id.SetText("<2@example.net>")
		p.day.SetText("")
		p.look()
	}},
	{"narrow", sample, func(r *rig) { r.window.Resize(fyne.NewSize(960, 640)) }},
	{"broken", func() *book {
		b := sample()
		b.broken = &engine.Error{Op: "read projects", Kind: engine.Broken, Text: "disk I/O error"}
		return b
	}, func(*rig) {}},
}

// open opens a project of the book.
func (r *rig) open(i int) *projectPage {
	r.openProject(r.book.projects[i])
	return r.view.(*projectPage)
}

// pick chooses a pass of the open project.
func (r *rig) pick(i int) { r.view.(*projectPage).passes.list.choose(i) }

// find opens the search for a message in the bakery's first mailbox and finds one of each fate.
func (r *rig) find() *receiptPage {
	at := func(s engine.ItemState, uid engine.UID) engine.ItemRecord {
		return engine.ItemRecord{FolderID: 1, Folder: "Projects/2024", Destination: "Archive", Number: 2, Kind: engine.NewItems, At: noon.AddDate(0, 0, -1),
			CopiedItem: engine.CopiedItem{State: s, DestinationUID: uid + 4700, ClaimedItem: engine.ClaimedItem{UID: uid, Size: 48_211 * int64(uid%7+1), Date: engine.Date{Time: noon.AddDate(0, 0, -30)},
				Body: engine.Digest{1}, Head: engine.Digest{1}}}}
	}
	failed, left, removed := at(engine.ItemFailed, 4115), at(engine.Skipped, 4116), at(engine.Copied, 4117)
	failed.Failure = &engine.Failure{Kind: engine.Refused, Text: "message too large (52 MB, limit 25 MB)"}
	left.Failure = &engine.Failure{}
	removed.RemovedBy, removed.RemovedAt = 7, noon.Add(-time.Hour)
	r.desk.receipts = []engine.Receipt{{ItemRecord: at(engine.Copied, 4112), Proof: engine.Equal}, {ItemRecord: at(engine.Adopted, 4113)}, {ItemRecord: at(engine.Copied, 4114), Proof: engine.Different},
		{ItemRecord: failed}, {ItemRecord: left}, {ItemRecord: removed}, {ItemRecord: at(engine.Claimed, 4118)}, {ItemRecord: at(0, 4119)}}
	r.book.kept = map[engine.MailboxID][]engine.KeptFolder{1: {{ID: 1, Display: "INBOX"}, {ID: 2, Display: "Projects/2024"}}}
	r.findMessage(r.book.projects[0].Project, r.book.mailboxes[0].Source.Address, "")
	p := r.view.(*receiptPage)
	p.folder.SetText("Projects/2024")
	p.day.SetText("2026-10-26")
	p.look()
	return p
}

// draft takes the wizard up at a stop, with the sample's bakery, of which so many mailboxes were counted by a preview.
func (r *rig) draft(stop string, counted int) *wizard {
	p := &r.book.projects[0].Project
	p.Settings.Draft, p.Source.Preset, p.Source.Host = stop, "gmail", "imap.gmail.com"
	for i, m := range r.book.mailboxes[:counted] {
		id := engine.PassID(500 + i)
		n := int64(1800 + 977*(i*7%5))
		r.book.passes = append(r.book.passes, engine.PassRow{Pass: engine.Pass{ID: id, Mailbox: m.ID, Kind: engine.Preview, State: engine.PassCompleted,
			Tally: engine.Tally{New: n, Bytes: n * 81_000}}})
		r.book.folders[id] = foldersOf(n, 0)
		for i := range r.book.folders[id] {
			r.book.folders[id][i].Why = engine.SameName
		}
		r.book.folders[id][1].Why, r.book.folders[id][2].Why = engine.SameRole, engine.SameRole
		r.book.folders[id][1].Source, r.book.folders[id][2].Source = "[Gmail]/Gesendet", "[Gmail]/Entwürfe"
		r.book.folders[id][0].Messages = max(1000, r.book.folders[id][0].Messages)
		trial := engine.Pass{ID: id + 100, Mailbox: m.ID, Kind: engine.Trial, State: engine.PassCompleted, Started: noon, Ended: noon.Add(2 * time.Second),
			Tally: engine.Tally{Copied: 48, Bytes: 1_310_000}}
		r.book.passes = append(r.book.passes, engine.PassRow{Pass: trial})
	}
	r.resume(*p)
	return r.view.(*wizard)
}

// sampleRules are rules of every sort.
func sampleRules() engine.Rules {
	return engine.Rules{Exclude: []string{`\Trash`, "Newsletters/*"}, Map: []engine.Mapping{{From: "Clients", To: "Old/Customers"}, {From: `\Sent`, To: "Sent Items"}},
		Rewrite: []engine.Mapping{{From: "^Projects/(.*)", To: "Archive/$1"}}, Since: "2022-01-01", Until: "2024-12-31", MaxSize: 25_000_000, Merge: true}
}

// rules opens the rules of the bakery.
func (r *rig) rules(rules engine.Rules) *rulesPage {
	p := r.book.projects[0].Project
	p.Settings.Rules = rules
	r.editRules(p, func(engine.Project, bool) { r.home() })
	return r.view.(*rulesPage)
}

// wrongPlace leads a folder of the bakery to where another goes.
func (r *rig) wrongPlace() {
	s := r.draft("summary", 9).stop().(*summaryStop)
	s.placeFolder(s.census.folders[3])
	e := s.placing
	e.to.SetText(s.census.folders[1].destination)
	e.shown.accept()
}

// wrongGrid fills the grid of the wizard, with mistakes.
func (r *rig) wrongGrid() {
	z := r.draft("mailboxes", 0)
	g := z.stops[atMailboxes].(*mailboxStop).editor.grid
	g.fill("new@old-host.example", "", "secret", "new@sonnenschein.example", "newlogin", "secret", "anna@old-host.example", "", "", "anna@x", "", "",
		"post@old-host.example", "post", "geheim")
	z.next.OnTapped()
}

// trial tries the bakery's sign-ins; two of them fail.
func (r *rig) trial() {
	r.desk.refuse = map[string]error{
		"celine@old-host.example":    &engine.Error{Op: "sign in", Kind: engine.Denied, Host: "imap.gmail.com", Text: "NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)"},
		"farid@sonnenschein.example": &engine.Error{Op: "sign in", Kind: engine.Unreachable, Side: engine.Destination, Host: "secure.emailsrvr.com", Text: "connection refused"}}
	for i := range r.book.mailboxes {
		if m := &r.book.mailboxes[i].Mailbox; m.Project == 1 {
			m.Source.Secret, m.Destination.Secret = "a", "b"
		}
	}
	r.drawer.secrets["a"], r.drawer.secrets["b"] = engine.NewSecret("x"), engine.NewSecret("y")
	z := r.draft("trial", 5)
	z.stops[atTrial].(*trialStop).list.choose(0)
}

// owner is a sign-in to which nobody comes.
func (r *rig) owner() *signInBox {
	r.open(0)
	r.Window.spawn = func(func()) {}
	return &signInBox{w: r.Window, c: engine.Credential{Side: engine.Destination, To: engine.Endpoint{Host: "outlook.office365.com",
		Access: engine.Access{Method: engine.OAuthMicrosoft}}, Account: engine.Account{User: "anna@new-host.example"}}}
}

// german are scenes that are shown in German too, with names as long as they come.
var german = []string{"de-welcome", "de-projects-working", "de-mailboxes", "de-mailboxes-working", "de-passes", "de-used", "de-errors", "de-folders", "de-connector-wrong", "de-grid-wrong",
	"de-trial-working", "de-summary-rules", "de-place-wrong", "de-migration", "de-finished", "de-settings", "de-rules-wrong", "de-details", "de-failure", "de-preview", "de-schedule-wrong",
	"de-report", "de-receipts", "de-passwords", "de-renewed", "de-certificate", "de-add-known", "de-signin", "de-closing-tray", "de-project-menu", "de-refused", "de-removed", "de-again", "de-tour", "de-about", "de-preferences"}

// lengthen gives everything in the book long names: projects of 80 characters, addresses of 60, hosts of 50.
func (b *book) lengthen() {
	address := func(a string) string {
		local, domain, _ := strings.Cut(a, "@")
		const more = ".langenscheidt-von-und-zu-hohenstein-sonnenberg"
		return local + more[:max(0, min(len(more), 59-len(local)-len(domain)))] + "@" + domain
	}
	for i := range b.projects {
		p := &b.projects[i]
		p.Name += ", Zentrale mit allen Außenstellen, Lagern und Fuhrparks im Norden und Süden"
		p.Name = string([]rune(p.Name)[:80])
		p.Source.Host, p.Destination.Host = "imap-zentrale.rechenzentrum-nord."+p.Source.Host, "posteingang.rechenzentrum-sued."+p.Destination.Host
	}
	for i := range b.mailboxes {
		m := &b.mailboxes[i]
		m.Source.Address, m.Destination.Address = address(m.Source.Address), address(m.Destination.Address)
	}
	for i := range b.passes {
		b.passes[i].Source, b.passes[i].Destination = address(b.passes[i].Source), address(b.passes[i].Destination)
	}
	for i := range b.failures {
		f := &b.failures[i]
		f.Source, f.Sender, f.Folder = address(f.Source), address(f.Sender), "Projekte/2024/Umbau der Backstube/Angebote und Rechnungen"
		f.Subject += ": Nachtrag zum Angebot über die Lüftungsanlage der Backstube in der Außenstelle Nord"
		f.Text = "552 5.3.4 Message size exceeds fixed maximum message size of 26214400 bytes set by the administrator of this system"
	}
	for _, list := range b.folders {
		for i := range list {
			list[i].Source += "/Umbau der Backstube/Angebote und Rechnungen"
			list[i].Destination += "/Umbau der Backstube/Angebote und Rechnungen"
		}
	}
}

// mustScene opens a window and brings it to a scene; "de-" before its name shows it in German with long names. Every one fits into a
// small window.
func mustScene(t *testing.T, name string, look Appearance) *rig {
	t.Helper()
	plain, german := strings.CutPrefix(name, "de-")
	if german {
		t.Setenv("MWIZ_LANG", "de_DE.UTF-8")
	}
	for _, scene := range scenes {
		if scene.name == plain {
			b := scene.book()
			if german {
				b.lengthen()
			}
			r := mustWindow(t, b)
			r.app.Settings().SetTheme(Theme{look})
			scene.show(r)
			r.settle()
			if s := r.window.Content().MinSize(); s.Width > 1000 || s.Height > 560 {
				t.Errorf("%s needs at least %v", name, s)
			}
			return r
		}
	}
	t.Fatalf("no scene %q", name)
	return nil
}

// from opens the wizard with a provider chosen as the source.
func (r *rig) from(preset string) {
	r.startForm()
	e := r.view.(*wizard).stops[atConnector].(*connectorStop).source
	e.provider.SetSelectedIndex(slices.IndexFunc(e.presets, func(p assets.Preset) bool { return p.ID == preset }))
}

// TestPictures writes every view, light and dark, into the folder that MWIZ_PICTURES names; MWIZ_SCENES may name some, and MWIZ_SCALE makes
// them larger.
func TestPictures(t *testing.T) {
	dir := os.Getenv("MWIZ_PICTURES")
	if dir == "" {
		t.Skip("MWIZ_PICTURES names no folder")
	}
	scale, err := strconv.ParseFloat(cmp.Or(os.Getenv("MWIZ_SCALE"), "1"), 32)
	if err != nil {
		t.Fatal(err)
	}
	names := slices.Clone(german)
	for _, scene := range scenes {
		names = append(names, scene.name)
	}
	for _, name := range names {
		if only := os.Getenv("MWIZ_SCENES"); only != "" && !slices.Contains(strings.Split(only, ","), name) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			for suffix, look := range map[string]Appearance{"light": Light, "dark": Dark} {
				wakeFyne()
				r := mustScene(t, name, look)
				r.window.Canvas().(software.WindowlessCanvas).SetScale(float32(scale))
				r.settle()
				mustWriteImage(t, filepath.Join(dir, name+"-"+suffix+".png"), r.window.Canvas().Capture())
			}
		})
	}
}
