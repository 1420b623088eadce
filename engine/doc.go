// Package engine holds the words and the work of a migration. It imports the standard library, golang.org/x/sync and golang.org/x/text; everything else
// in the program points at it.
//
// # The tour
//
//	cmd/mwiz-desktop ── joins the parts, runs them, stops them in order
//	     │
//	    gui ── views of a Snapshot ──────────┐        ┌── store: ledger (SQLite), secrets (OS keychain)
//	                                         ▼        ▼
//	                                    engine: words, ports, passes
//	                                         ▲
//	                                         └── engine/imap: sessions over go-imap; engine/imap/wire under it
//
// The words come first, one noun a file: a [Project] is a set of mailboxes moved from one [Endpoint] to another; a [Mailbox] has an
// [Account] on each [Side]; a [Folder] holds messages; a [Message] is bytes in flight; an item is the ledger's entry for one
// source message; a [Pass] is one run over one mailbox. Then the ports (ports.go): what the engine needs of a [Ledger], a [Keychain],
// a [Dialer] and a [Session].
//
// # A pass
//
// [Engine.Start] writes a queued pass a mailbox and returns; [Engine.Run] dispatches them, so many mailboxes of a project at a
// time: more as the services let them in, fewer when they say that it is too much (pace.go). From there (active.go) a pass goes through these steps:
//
//	sign in     both sides at once, one LIST with STATUS a side                       connect.go
//	survey      match the folders of the two sides, as rules and roles say            rules.go, foldermap.go, plan.go
//	look up     settle what an interruption has left in doubt                         doubt.go, match.go
//	plan        which UIDs have no item: from the watermark on, without asking        plan.go
//	recognise   adopt what another tool copied; rematch renumbered folders            recognise.go
//	sift        leave to the folders of its labels what a folder for all messages holds  labels.go
//	filter      leave messages that rules do not let through for a later pass         filter.go
//	share       have the destination copy what another folder has brought there       copies.go
//	copy        lanes of two sessions: fetch → claim → append → settle                copy.go, crew.go, queue.go, lane.go, reader.go, deliver.go, batch.go
//	reconcile   source = before + copied + adopted + skipped + failed; then advance   reconcile.go
//
// A folder whose place the rules change between passes is kept by the ledger once for each place: what was copied stays where it is, and is known
// to every later pass. A folder that was finished under other rules for single messages is planned from its first UID on, less what is known.
//
// Looking up to reconciling is a round; a lost connection or a message that was not reached makes another. The two halves of a lane
// run side by side and are joined by one channel: fetch streams messages from the source, folder
// after folder without waiting for one to end before the next is asked for, takes their digests and gathers them into batches; deliver
// claims ahead the batches that wait, appends several at a time, and settles behind what is answered. Batches hold memory out of the
// pass's share of one budget of the engine; a large message is streamed through a batch of its own.
//
// A pass begins with as many lanes as its work is worth, four or half of what it may have. From then on a governor measures what the lanes do together (governor.go,
// crew.go): more come while they raise the rate, and leave, after what they have begun, when they have not; the services' limits, and what they say when it is
// too much, come first. The same decides on more mailboxes in flight than sign-ins alone allow (pace.go).
//
// What a service has refused is looked for before it is sent again (denied.go): some deny what they have stored. What was on its way when a connection
// fell goes again in small groups, then one by one, until the message that brings connections down is found and fails alone (falls.go). A
// first pass reads a few of its copies back and tells where the destination changes messages (calibrate.go).
//
// A service that is away costs a pass its attempts to connect again; a network that is away is waited for (outage.go). Connections that the
// computer's sleep or another network has killed are ended by the dialer's guard (engine/imap).
//
// Stopping cancels the pass's context with a cause. What is under way ends under a second context that outlives the first by 30 s,
// and outcomes are written under [context.WithoutCancel].
//
// # Promises, and the tests that hold them
//
//  1. Nothing at the source is changed: EXAMINE and BODY.PEEK only. No EXPUNGE, DELETE, RENAME, MOVE and no STORE exists in the
//     engine, on either side. (TestSessionCannotDelete greps the port; TestSourceIsNeverChanged records the wire.)
//  2. Every item is claimed in the ledger, durably, before it is appended, or copied within the destination, and settled after.
//     (TestKilledPassesAreExact, TestSharingIsExactAtDovecot)
//  3. A claim found unsettled is looked up at the destination before anything is appended again. (TestKilledPassesAreExact,
//     TestCutConnectionsAreExact)
//  4. A copy is byte-identical to what the source sent; a message that the destination refuses is failed and listed, never
//     altered. (TestFirstPassIsExact)
//  5. Secrets live only in the keychain: none enters a log, an error or the ledger. Subject, sender and Message-ID are kept
//     only of items that failed or were skipped; a setting turns that off. (TestSecretsStayOut)
//  6. A pass that was cut short never reads as a success. (TestCutShortIsNoSuccess, TestLastLaneDoesNotRetire)
//  7. Stopping starts nothing new, lets appends in flight finish for at most 30 s, and settles what happened. (TestStopAndResume)
package engine
