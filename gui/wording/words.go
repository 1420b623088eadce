package wording

import (
	"strings"
	"time"

	"mwiz/engine"
)

// Status returns a project's or a mailbox's status in words.
func Status(s engine.Status) string { return T("status." + key(string(s))) }

// State returns a pass's state in words.
func State(s engine.PassState) string { return T("state." + key(string(s))) }

// Kind returns what a pass is for, in words.
func Kind(k engine.PassKind) string { return T("kind." + key(string(k))) }

// Phase returns what a running pass is doing, in words.
func Phase(p engine.Phase) string { return T("phase." + key(string(p))) }

// Doing returns what an unfinished pass is doing, with the folder or how long it waits and why.
func Doing(p engine.Progress) string {
	switch {
	case p.Stopping:
		return Status(engine.Stopping)
	case p.State == engine.Queued:
		return State(engine.Queued)
	case p.Phase == engine.Waiting && p.Daily && !p.Until.IsZero():
		return T("doing.daily", "Clock", p.Until.Format("15:04"))
	case p.Phase == engine.Waiting && p.Reason == engine.Throttled && !p.Until.IsZero():
		return T("doing.throttled.until", "Clock", p.Until.Format("15:04"))
	case p.Phase == engine.Waiting && p.Reason == engine.Throttled:
		return T("doing.throttled")
	case p.Phase == engine.Waiting && p.Reason == engine.Unreachable:
		return T("doing.unreachable")
	case (p.Phase == engine.Waiting || p.Phase == engine.Connecting) && !p.Until.IsZero():
		return T("doing.until", "Phase", Phase(p.Phase), "Clock", p.Until.Format("15:04:05"))
	case p.Phase == engine.Copying && p.Folder != "":
		return T("doing.folder", "Phase", Phase(p.Phase), "Folder", Display(p.Folder, 60))
	}
	return Phase(p.Phase)
}

// Rate returns how fast messages and bytes go: "120 messages/s", "3.4 MB/s".
func Rate(messages, bytes float64) (string, string) {
	return T("rate.messages", "Count", int(messages+.5)), T("rate.bytes", "Bytes", Bytes(int64(bytes)))
}

// Passes returns how many of a mailbox's passes are used: "3 of 10".
func Passes(used, limit int) string { return T("passes.used", "Used", used, "Limit", limit) }

// Ended returns the sentence with which a notification says that a pass has ended. It holds fixed words and numbers only: the system
// that shows it may take anything else for a command.
func Ended(t engine.Tally, took time.Duration) string {
	if t.Failed > 0 {
		return T("ended.errors", "Count", t.Copied, "Failed", Number(t.Failed), "Time", Duration(took))
	}
	return T("ended", "Count", t.Copied, "Time", Duration(took))
}

// key turns a word of the engine into the end of a sentence's id.
func key(s string) string { return strings.ReplaceAll(s, " ", "_") }
