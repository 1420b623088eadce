package gui

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"mwiz/assets"
	"mwiz/engine"
	"mwiz/gui/wording"
)

// accessInputs are what ways to sign in ask for, in the order in which it is entered.
var accessInputs = []struct {
	id   string
	need func(engine.MethodFacts) engine.Need
	at   func(*engine.Access) *string // nil: it is secret
}{
	{"client", func(f engine.MethodFacts) engine.Need { return f.Client }, func(a *engine.Access) *string { return &a.Client }},
	{"tenant", func(f engine.MethodFacts) engine.Need { return f.Tenant }, func(a *engine.Access) *string { return &a.Tenant }},
	{"admin", func(f engine.MethodFacts) engine.Need { return f.Admin }, func(a *engine.Access) *string { return &a.Admin }},
	{"separator", func(f engine.MethodFacts) engine.Need { return f.Separator }, func(a *engine.Access) *string { return &a.Separator }},
	{"secret", func(f engine.MethodFacts) engine.Need { return f.Secret }, nil},
}

// accessEditor is where is entered how a side's mailboxes sign in.
type accessEditor struct {
	w       *Window
	changed func() // something was chosen or typed

	methods []engine.Method // that are offered
	method  *keySelect
	choice  *entry
	note    *widget.RichText
	noteBox *fyne.Container
	fields  []*field
	entries []*entry
	file    fyne.CanvasObject // a button
	was     engine.Access     // as it is kept
	filling bool
	key     engine.Secret // of a certificate whose file was chosen; the field then holds keyShown
	whole   *fyne.Container
}

// keyShown stands in the field of the secret, in dots, while a certificate was chosen.
const keyShown = "certificate"

func newAccessEditor(w *Window) *accessEditor {
	e := &accessEditor{w: w, changed: func() {}}
	e.method = newSelect(nil, func(string) { e.chosen() })
	e.choice = newEntry(wording.T("access.method"), framed(e.method))
	e.note = mutedWords("")
	e.noteBox = container(hintLayout{}, e.note)
	e.whole = container(layout.NewCustomPaddedVBoxLayout(6), e.choice.whole, e.noteBox)
	e.file = roomy(newButton(wording.T("access.file"), e.chooseFile))
	for i, input := range accessInputs {
		f := newField("")
		f.Password = input.at == nil
		var shown fyne.CanvasObject = f
		if input.at == nil {
			shown = container(layout.NewBorderLayout(nil, nil, nil, e.file), e.file, f)
		}
		one := newEntry(wording.T("access."+input.id), shown)
		f.OnChanged = func(string) {
			if !e.filling {
				e.entries[i].say("")
				e.changed()
			}
		}
		e.fields, e.entries = append(e.fields, f), append(e.entries, one)
		e.whole.Add(one.whole)
	}
	e.offer(assets.Preset{}, engine.Access{})
	return e
}

// offer shows the ways that a provider knows, and what is kept of the one that was chosen.
func (e *accessEditor) offer(p assets.Preset, a engine.Access) {
	e.filling = true
	defer func() { e.filling = false }()
	e.was, e.key = a, engine.Secret{}
	e.methods = e.methods[:0]
	for _, name := range p.Methods {
		if m, err := engine.ParseMethod(name); err == nil {
			e.methods = append(e.methods, m)
		}
	}
	if len(e.methods) == 0 {
		e.methods = append(e.methods, engine.ByPassword)
	}
	if !slices.Contains(e.methods, a.Method) {
		e.methods = append(e.methods, a.Method)
	}
	titles := make([]string, len(e.methods))
	for i, m := range e.methods {
		titles[i] = wording.T("access." + m.String())
	}
	e.method.SetOptions(titles)
	e.method.SetSelectedIndex(slices.Index(e.methods, a.Method))
	for i, input := range accessInputs {
		text := ""
		if input.at != nil {
			text = *input.at(&a)
		}
		e.fields[i].SetText(text)
	}
	e.show()
}

// firstMethod returns the way that a provider is usually signed in to.
func firstMethod(p assets.Preset) engine.Access {
	if len(p.Methods) == 0 {
		return engine.Access{}
	}
	m, _ := engine.ParseMethod(p.Methods[0])
	return engine.Access{Method: m}
}

// chosenMethod returns the way that is chosen.
func (e *accessEditor) chosenMethod() engine.Method {
	return e.methods[max(0, e.method.SelectedIndex())]
}

func (e *accessEditor) chosen() {
	if !e.filling {
		e.show()
		e.changed()
	}
}

// show shows the inputs that the chosen way asks for.
func (e *accessEditor) show() {
	m := e.chosenMethod()
	facts := m.Facts()
	visible(e.choice.whole, len(e.methods) > 1 || m != engine.ByPassword)
	note := ""
	if m != engine.ByPassword {
		note = wording.T("access." + m.String() + ".note")
	}
	e.note.Segments = mutedWords(note).Segments
	e.note.Refresh()
	visible(e.noteBox, note != "")
	visible(e.file, m == engine.ServiceAccount || m == engine.AppMicrosoft)
	for i, input := range accessInputs {
		visible(e.entries[i].whole, input.need(facts) != engine.NotAsked)
		e.entries[i].say("")
		hint := ""
		switch {
		case input.at == nil && e.held():
			hint = wording.T("grid.kept")
		case input.id == "client" && e.builtIn(m):
			hint = wording.T("access.builtin")
		case input.id == "separator":
			hint = "*"
		case input.need(facts) == engine.MayBeGiven && input.id != "client":
			hint = wording.T("access.optional")
		}
		e.fields[i].SetPlaceHolder(hint)
	}
	e.whole.Refresh()
}

// held reports whether the secret that the chosen way needs is kept.
func (e *accessEditor) held() bool { return e.was.Secret != "" && e.was.Method == e.chosenMethod() }

// builtIn reports whether an application of its own was built into the program.
func (e *accessEditor) builtIn(m engine.Method) bool {
	return e.w.parts.SignIns != nil && e.w.parts.SignIns.BuiltIn(m)
}

// entered returns what is typed, right or wrong.
func (e *accessEditor) entered() engine.Access {
	a := engine.Access{Method: e.chosenMethod()}
	for i, input := range accessInputs {
		if input.at != nil && input.need(a.Method.Facts()) != engine.NotAsked {
			*input.at(&a) = strings.TrimSpace(e.fields[i].Text)
		}
	}
	if e.held() {
		a.Secret = e.was.Secret
	}
	return a
}

// secret returns the secret that is typed for all mailboxes.
func (e *accessEditor) secret() engine.Secret {
	last := len(accessInputs) - 1
	if e.chosenMethod().Facts().Secret == engine.NotAsked {
		return engine.Secret{}
	}
	if e.chosenMethod() == engine.AppMicrosoft && !e.key.Empty() && e.fields[last].Text == keyShown {
		return e.key
	}
	return engine.NewSecret(e.fields[last].Text)
}

// right shows what is missing, and reports whether nothing is.
func (e *accessEditor) right() bool {
	m, ok := e.chosenMethod(), true
	a := e.entered()
	for i, input := range accessInputs {
		need := input.need(m.Facts())
		if input.id == "client" && m.Asks() && !e.builtIn(m) {
			need = engine.MustBeGiven
		}
		empty := strings.TrimSpace(e.fields[i].Text) == ""
		problem := ""
		switch {
		case need == engine.MustBeGiven && empty && !(input.at == nil && e.held()):
			problem = wording.T("access." + input.id + ".missing")
		case input.at != nil && need != engine.NotAsked && !empty && onlyThis(m, input.at, a).Validate() != nil:
			problem = wording.T("access.wrong")
		}
		ok = e.entries[i].say(problem) && ok
	}
	return ok
}

// onlyThis returns an access in which nothing but one input can be wrong.
func onlyThis(m engine.Method, at func(*engine.Access) *string, a engine.Access) engine.Access {
	one := engine.Access{Method: m, Client: "x", Tenant: "x", Admin: "x"}
	*at(&one) = *at(&a)
	return one
}

// chooseFile takes a service account's key, or an application's certificate, from its file.
func (e *accessEditor) chooseFile() {
	kinds := []string{".json"}
	if e.chosenMethod() == engine.AppMicrosoft {
		kinds = []string{".pem", ".pfx", ".p12", ".crt", ".cer", ".key"}
	}
	e.w.openFile(kinds, func(file fyne.URIReadCloser) {
		ask(e.w, nil, func(context.Context) ([]byte, error) {
			defer file.Close()
			return io.ReadAll(io.LimitReader(file, largestKey))
		}, func(raw []byte, err error) {
			switch {
			case err != nil:
				e.w.tell(err, "")
			case e.chosenMethod() == engine.AppMicrosoft:
				e.takeCertificate(raw, "")
			default:
				e.fields[len(accessInputs)-1].SetText(strings.TrimSpace(string(raw)))
			}
		})
	})
}

// takeCertificate takes an application's certificate and its key out of a file, and asks for the file's password where it has one.
func (e *accessEditor) takeCertificate(file []byte, password string) {
	last := len(accessInputs) - 1
	secret, err := e.w.parts.SignIns.Certificate(file, password)
	switch {
	case errors.Is(err, engine.ErrKeyPassword):
		e.askKeyPassword(file, password != "")
	case err != nil:
		e.entries[last].say(wording.T("access.certificate.wrong", "Why", wording.Display(err.Error(), 200)))
	default:
		e.key = secret
		e.fields[last].SetText(keyShown)
	}
}

// askKeyPassword asks for the password of a certificate's file.
func (e *accessEditor) askKeyPassword(file []byte, again bool) {
	typed := newSecretField(wording.T("access.certificate.password"))
	problem := newText(theme.SizeNameCaptionText, colorBad)
	if again {
		problem.value = wording.T("access.certificate.again")
	}
	var shown *shownBox
	take := func() bool {
		shown.close()
		e.takeCertificate(file, typed.Text)
		return false
	}
	shown = e.w.showBox(box{title: wording.T("access.certificate.password"), content: container(layout.NewCustomPaddedVBoxLayout(8), typed, problem), first: typed,
		buttons: []boxButton{{label: wording.T("dialog.cancel")}, {label: wording.T("action.open"), press: take, strong: widget.HighImportance}}})
	typed.enter, typed.escape = shown.accept, shown.cancel
}

// largestKey is how long the file of a key may be.
const largestKey = 64 << 10

// keepShared keeps the secrets that were entered for all mailboxes of a project, then goes on with the project as the ledger has it.
func (w *Window) keepShared(id engine.ProjectID, s engine.Secrets, then func(engine.Project)) {
	ask(w, nil, func(ctx context.Context) (engine.Project, error) {
		for _, side := range []engine.Side{engine.Source, engine.Destination} {
			if secret := s.On(side); !secret.Empty() {
				if err := w.parts.Enroller.SetShared(ctx, id, side, secret); err != nil {
					return engine.Project{ID: id}, err
				}
			}
		}
		return w.parts.Book.Project(ctx, id)
	}, func(p engine.Project, err error) {
		w.enrolled(err, func() {
			w.shared[id] = engine.Secrets{Source: unless(s.Source, w.shared[id].Source), Destination: unless(s.Destination, w.shared[id].Destination)}
			then(p)
		}, func() {
			w.shared[id] = engine.Secrets{Source: first(s.Source, w.shared[id].Source), Destination: first(s.Destination, w.shared[id].Destination)}
			ask(w, nil, func(ctx context.Context) (engine.Project, error) { return w.parts.Book.Project(ctx, id) }, func(p engine.Project, err error) {
				if err != nil {
					w.tell(err, "")
					return
				}
				then(p)
			})
		})
	})
}

// first returns a secret, or another one where it is empty.
func first(s, other engine.Secret) engine.Secret {
	if s.Empty() {
		return other
	}
	return s
}

// unless returns a secret for this run only, unless another one is kept now.
func unless(kept, forRun engine.Secret) engine.Secret {
	if kept.Empty() {
		return forRun
	}
	return engine.Secret{}
}
