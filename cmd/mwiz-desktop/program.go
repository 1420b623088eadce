package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/alecthomas/kong"

	"mwiz/engine"
	"mwiz/engine/discover"
	"mwiz/engine/oauth"
	"mwiz/gui/wording"
	"mwiz/store"
)

// The exit codes.
const (
	exitDone       = 0
	exitItemErrors = 1 // done, but some messages could not be migrated
	exitUsage      = 2 // what was asked for cannot be done as it was written
	exitFailed     = 3
	exitStopped    = 4
)

// choices are what every verb takes.
type choices struct {
	JSON    bool `name:"json" help:"Write JSON on standard output, and nothing else there."`
	Verbose bool `short:"v" help:"Write a log of the work on standard error."`
}

// verb is one thing that the command line can do.
type verb struct {
	name, help string
	command    any // pointer to a struct that kong fills in, with a method Run
}

// verbs returns those that the command line has, in the order of its help.
func verbs() []verb {
	return []verb{
		{"project", "Add a project, or change it.", &projectCmd{}},
		{"projects", "List the projects and where they stand.", &projectsCmd{}},
		{"find", "Find out how to reach the mail service of an address.", &findCmd{}},
		{"certificate", "Show what a mail service shows to prove who it is, and how to trust it.", &certCmd{}},
		{"mailbox", "Add mailboxes to a project.", &mailboxCmd{}},
		{"folders", "Show where the messages of every folder go, and why.", &foldersCmd{}},
		{"signin", "Let the owners of mailboxes sign in at Microsoft or Google.", &signInCmd{}},
		{"pass", "Migrate what is new since the last pass, or look without migrating.", &passCmd{}},
		{"schedule", "Say when passes of a project begin by themselves, or show it.", &scheduleCmd{}},
		{"history", "List every pass of every mailbox.", &historyCmd{}},
		{"errors", "List every message that was not migrated, and why; save them as .eml files.", &errorsCmd{}},
		{"report", "Write the report of a project: what was migrated when, and a reconciliation that sums to zero.", &reportCmd{}},
		{"receipt", "Say what became of a message: when it was copied, where it lies, or why it was not.", &receiptCmd{}},
		{"copy-again", "Copy again what the last verifying pass has found removed at the destination.", &againCmd{}},
		{"ledger", "Check the migration history, or rebuild one that was lost.", &ledgerCmd{}},
		{"support", "Write a bundle that shows others what went wrong: without passwords, addresses, names and mail.", &supportCmd{}},
		{"demo", "Try it out on two mail servers with made-up mail. Nothing is kept.", &demoCmd{}},
		{"version", "Say which version this is.", &versionCmd{}},
	}
}

// program is what a verb meets: the world, and the choices that hold for every verb.
type program struct {
	name           string
	env            func(string) string
	stdin          io.Reader
	stdout, stderr io.Writer
	json           bool
	log            *slog.Logger
	keychain       engine.Keychain // nil: the system's
	maySleep       bool            // the computer may fall asleep while passes run
	leisure        <-chan struct{} // closed when there is time for what can wait; nil: there is

	signInWait time.Duration           // how long a pass waits, in the middle, for somebody to sign in again
	attends    bool                    // it waits for that also before it was let in the first time
	person     *bool                   // somebody sits at a terminal; nil: see attended
	drawn      atomic.Pointer[screen]  // that shows progress now; nil: none
	identity   oauth.Options           // of identity providers; zero: the real ones
	tokens     *oauth.Tokens           // see tokensFor
	finder     discover.Finder         // of mail services; zero: in the real world
	browse     func(page string) error // opens a page; nil: the system's browser does
}

// run does what args ask for and returns the exit code. When ctx is cancelled it stops in order.
func run(ctx context.Context, args []string, env func(string) string, stdin io.Reader, stdout, stderr io.Writer) int {
	p := &program{name: strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe"), env: env, stdin: stdin, stdout: stdout, stderr: stderr}
	return p.run(ctx, args)
}

func (p *program) run(ctx context.Context, args []string) int {
	if len(args) == 0 {
		log, closeLog := p.logger(false)
		defer closeLog()
		p.log = log
		return p.tell(p.desktop(ctx))
	}
	if args[0] == "help" {
		args = append(args[1:], "--help")
	}
	var chosen choices
	left := false // kong has said what there is to say
	parser, err := p.grammar(ctx, &chosen, args[0], func(int) { left = true })
	if err != nil {
		return p.tell(err) // a fault in the grammar: every test meets it
	}
	verb, err := parser.Parse(args)
	if left {
		return exitDone
	}
	if err != nil {
		p.json = asksForJSON(args)
		return p.tell(usage(err))
	}
	log, closeLog := p.logger(chosen.Verbose)
	defer closeLog()
	p.json, p.log = chosen.JSON, log
	return p.tell(verb.Run())
}

// grammar returns what understands a command line whose first word is first: of the one verb where it names one, since the grammar of all is a
// third of what a start does to memory, and a quarter of its time.
func (p *program) grammar(ctx context.Context, chosen *choices, first string, exit func(int)) (*kong.Kong, error) {
	options := []kong.Option{
		kong.Name(p.name),
		kong.Description("Moves a company's mail from one IMAP host to another. Without a verb it opens its window.\n\n" +
			"Exit codes: 0 done, 1 done but some messages failed, 2 wrong usage, 3 failed, 4 stopped. " +
			"MWIZ_HOME names the folder of the migration history. CSV files have MigrationWiz's header."),
		kong.Writers(p.stdout, p.stderr),
		kong.Exit(exit),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(p),
	}
	all := verbs()
	if i := slices.IndexFunc(all, func(v verb) bool { return v.name == first }); i >= 0 {
		all = all[i : i+1]
	}
	for _, v := range all {
		options = append(options, kong.DynamicCommand(v.name, v.help, "", v.command))
	}
	return kong.New(chosen, options...)
}

// logger returns the log of this start of the program: beside the ledger, and on standard error as well where the user asks for it.
func (p *program) logger(loud bool) (log *slog.Logger, done func()) {
	var handlers []slog.Handler
	done = func() {}
	if dir, err := store.Dir(p.env("MWIZ_HOME")); err == nil {
		file := &logFile{dir: dir, largest: logLargest}
		handlers = append(handlers, slog.NewTextHandler(file, nil))
		done = func() { _ = file.Close() }
	}
	if loud {
		handlers = append(handlers, slog.NewTextHandler(p.stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	return slog.New(slog.NewMultiHandler(handlers...)), done
}

// asksForJSON reports whether args that cannot be parsed ask for JSON.
func asksForJSON(args []string) bool {
	for _, arg := range args {
		if arg == "--json" {
			return true
		}
	}
	return false
}

// ending is the error of a verb that ends with a certain exit code. With a nil cause everything has been said already.
type ending struct {
	code  int
	cause error
}

func (e *ending) Error() string { return fmt.Sprintf("exit code %d: %v", e.code, e.cause) }
func (e *ending) Unwrap() error { return e.cause }

// usage marks an error as one of what the user wrote.
func usage(err error) error { return &ending{exitUsage, err} }

// tell says what went wrong and returns the exit code.
func (p *program) tell(err error) int {
	if err == nil {
		return exitDone
	}
	code := exitFailed
	var end *ending
	switch {
	case errors.As(err, &end):
		code = end.code
		if end.cause == nil {
			return code
		}
		err = end.cause
	case errors.Is(err, engine.ErrStopped), errors.Is(err, context.Canceled):
		code, err = exitStopped, engine.ErrStopped
	}
	text := advice(err)
	if p.json {
		_ = p.writeJSON(struct {
			Error string `json:"error"`
		}{text}) // the exit code tells it as well
	}
	fmt.Fprintf(p.stderr, "%s: %s\n", p.name, text)
	return code
}

// advice says what happened, and the one thing to do next where there is one.
func advice(err error) string {
	if !worded(err) {
		return sentence(err)
	}
	if said := pinAdvice(err); said != "" {
		return said
	}
	return sentence(err) + " " + wording.TroubleOf(err, "").Step()
}

// worded reports whether wording has words for err. Others are ours, written for the user.
func worded(err error) bool {
	var e *engine.Error
	return errors.As(err, &e) || special(err)
}

// sentence says what happened in plain words, with the details where there are any.
func sentence(err error) string {
	if !worded(err) {
		return wording.Display(err.Error(), 1000)
	}
	t := wording.TroubleOf(err, "")
	if details := t.Details(); details != "" {
		return t.Sentence() + " (" + details + ")"
	}
	return t.Sentence()
}

// special reports whether wording has a sentence of its own for a cause without a kind.
func special(err error) bool {
	for _, cause := range []error{engine.ErrLocked, engine.ErrNewer, engine.ErrDamaged, engine.ErrUnsuitable, engine.ErrNoKeychain, engine.ErrNoSecret, engine.ErrStopped, context.DeadlineExceeded} {
		if errors.Is(err, cause) {
			return true
		}
	}
	return false
}

// open opens the ledger. The caller closes it.
func (p *program) open(ctx context.Context) (*store.Ledger, error) {
	dir, err := store.Dir(p.env("MWIZ_HOME"))
	if err != nil {
		return nil, err
	}
	return store.Open(ctx, dir, p.log)
}

// with opens the ledger, does something with it, and closes it.
func (p *program) with(ctx context.Context, do func(*store.Ledger) error) error {
	ledger, err := p.open(ctx)
	if err != nil {
		return err
	}
	return errors.Join(do(ledger), ledger.Close())
}

// withProject is with, for a project that the user has named.
func (p *program) withProject(ctx context.Context, name string, do func(*store.Ledger, engine.Project) error) error {
	return p.with(ctx, func(ledger *store.Ledger) error {
		project, err := ledger.ProjectByName(ctx, name)
		if errors.Is(err, engine.ErrNotFound) {
			return usage(errors.New(wording.T("cli.no_project", "Name", wording.Display(name, 80))))
		}
		if err != nil {
			return err
		}
		return do(ledger, project)
	})
}
