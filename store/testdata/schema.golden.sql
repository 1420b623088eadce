CREATE TABLE claim( -- "about to append these": one a batch, kept after it is settled, for it says where the copies went
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  pass        INTEGER NOT NULL REFERENCES pass(id),
  folder      INTEGER NOT NULL REFERENCES folder(id),
  destination BLOB NOT NULL,
  validity    INTEGER NOT NULL CHECK(validity BETWEEN 0 AND 4294967295), -- UIDVALIDITY of the destination; 0: not known
  uidnext     INTEGER NOT NULL CHECK(uidnext BETWEEN 0 AND 4294967295),  -- no copy has a lower UID; 0: not known
  at          INTEGER NOT NULL
) STRICT;

CREATE INDEX claim_of_folder ON claim(folder);

CREATE INDEX claim_of_pass ON claim(pass);

CREATE TABLE doomed_secret( -- references that no mailbox holds and that may still lie in the keychain: to be deleted there
  ref         TEXT PRIMARY KEY CHECK(ref <> ''),
  at          INTEGER NOT NULL
) WITHOUT ROWID, STRICT;

CREATE TABLE failure( -- why an item is not at the destination. Stays while the item is tried again, goes when it is there
  folder      INTEGER NOT NULL,
  uid         INTEGER NOT NULL,
  pass        INTEGER NOT NULL REFERENCES pass(id),           -- that tried last
  kind        INTEGER NOT NULL CHECK(kind >= 0),              -- engine.Kind
  text        TEXT NOT NULL,                                  -- the server's words or ours
  subject     TEXT NOT NULL,                                  -- these are empty where the project keeps no details
  sender      TEXT NOT NULL,
  message_id  TEXT NOT NULL,
  PRIMARY KEY(folder, uid),
  FOREIGN KEY(folder, uid) REFERENCES item(folder, uid)
) WITHOUT ROWID, STRICT;

CREATE INDEX failure_of_pass ON failure(pass);

CREATE TABLE folder( -- a source folder of a mailbox under one UIDVALIDITY, with the place that its messages go to
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  mailbox     INTEGER NOT NULL REFERENCES mailbox(id),
  name        BLOB NOT NULL,                                -- as its server writes it
  validity    INTEGER NOT NULL CHECK(validity BETWEEN 0 AND 4294967295), -- UIDVALIDITY
  display     TEXT NOT NULL,
  destination BLOB NOT NULL,                                -- the folder that its messages go to
  mapped      TEXT NOT NULL DEFAULT '',                     -- what rules had to say of it when that was decided; '': nothing
  destination_validity INTEGER NOT NULL DEFAULT 0 CHECK(destination_validity BETWEEN 0 AND 4294967295), -- UIDVALIDITY under which
                                                            -- the destination UIDs of its items mean what they say; 0: not known
  destination_next INTEGER NOT NULL DEFAULT 0 CHECK(destination_next BETWEEN 0 AND 4294967295), -- every message there with a lower UID was
                                                            -- known when the folder was last finished; 0: not finished yet
  watermark   INTEGER NOT NULL DEFAULT 0 CHECK(watermark BETWEEN 0 AND 4294967295), -- every UID up to here is an item, or was gone first, or left out
  filter      TEXT NOT NULL DEFAULT '',                     -- the rules for single messages when it was last finished; '': none
  left_out    INTEGER NOT NULL DEFAULT 0 CHECK(left_out >= 0), -- messages up to the watermark that they left out
  claimed     INTEGER NOT NULL DEFAULT 0 CHECK(claimed >= 0), -- items in each state, kept right by whoever writes an item, in its transaction
  copied      INTEGER NOT NULL DEFAULT 0 CHECK(copied >= 0),
  adopted     INTEGER NOT NULL DEFAULT 0 CHECK(adopted >= 0),
  skipped     INTEGER NOT NULL DEFAULT 0 CHECK(skipped >= 0),
  failed      INTEGER NOT NULL DEFAULT 0 CHECK(failed >= 0),
  held        INTEGER NOT NULL DEFAULT 0 CHECK(held >= 0),
  CHECK(left_out = 0 OR filter <> ''),
  UNIQUE(mailbox, name, validity, destination)
) STRICT;

CREATE INDEX folder_with_failures ON folder(mailbox, failed) WHERE failed > 0;

CREATE TABLE folder_tally( -- what a pass did in one source folder
  pass        INTEGER NOT NULL REFERENCES pass(id),
  position    INTEGER NOT NULL CHECK(position >= 0),        -- in the order the pass told them
  folder      INTEGER,                                      -- NULL: not kept (preview). No REFERENCES: both go with their mailbox, and
                                                            -- the index it needs would be larger than what it guards
  source      TEXT NOT NULL,                                -- display names, as they were then
  destination TEXT NOT NULL,
  why         TEXT NOT NULL CHECK(why IN ('', 'name', 'role', 'table', 'pattern', 'prefix', 'parent', 'renamed', 'earlier', 'excluded', 'virtual', 'chats')), -- engine.Placing
  size        INTEGER NOT NULL CHECK(size >= -1),           -- bytes at the source; -1: not known
  hidden      INTEGER NOT NULL DEFAULT 0 CHECK(hidden IN (0, 1)), -- its owner has not subscribed to it: most programs do not show it
  messages    INTEGER NOT NULL CHECK(messages >= 0),        -- at the source when the folder was opened
  before      INTEGER NOT NULL,                             -- of these, settled by earlier passes
  new         INTEGER NOT NULL CHECK(new >= 0),             -- engine.Tally from here
  copied      INTEGER NOT NULL CHECK(copied >= 0),
  adopted     INTEGER NOT NULL CHECK(adopted >= 0),
  skipped     INTEGER NOT NULL CHECK(skipped >= 0),
  failed      INTEGER NOT NULL CHECK(failed >= 0),
  vanished    INTEGER NOT NULL CHECK(vanished >= 0),
  "left"      INTEGER NOT NULL CHECK(0 <= "left"),
  bytes       INTEGER NOT NULL CHECK(bytes >= 0),
  verified    INTEGER NOT NULL CHECK(verified >= 0),
  different   INTEGER NOT NULL CHECK(different >= 0),
  removed     INTEGER NOT NULL CHECK(removed >= 0),
  there       INTEGER CHECK(there >= 0),                    -- messages in the destination folder at the end; NULL: not known
  error       TEXT NOT NULL,                                -- why the folder as a whole was left; '': it was not
  cause       INTEGER NOT NULL DEFAULT 0 CHECK(0 <= cause), -- engine.Kind of that error
  side        INTEGER NOT NULL DEFAULT 0 CHECK(0 <= side AND side <= 1), -- where it happened, as in pass
  PRIMARY KEY(pass, position)
) WITHOUT ROWID, STRICT;

CREATE TABLE item( -- one source message; absent: not looked at. About 100 bytes with its indexes, so nothing more belongs here
  folder      INTEGER NOT NULL REFERENCES folder(id),
  uid         INTEGER NOT NULL CHECK(uid BETWEEN 1 AND 4294967295),
  state       INTEGER NOT NULL CHECK(state BETWEEN 1 AND 6),  -- 1 claimed, 2 copied, 3 skipped, 4 failed, 5 adopted, 6 held
  size        INTEGER NOT NULL CHECK(size >= -1),             -- octets; -1: not known
  date        INTEGER,                                        -- INTERNALDATE; NULL: not known
  head        BLOB CHECK(length(head) = 16),                  -- digests; NULL: not known
  body        BLOB CHECK(length(body) = 16),
  claim       INTEGER CHECK(state <> 1 OR claim IS NOT NULL), -- the last claim. No REFERENCES, for the reason given at folder_tally
  destination_uid INTEGER CHECK(destination_uid BETWEEN 1 AND 4294967295), -- NULL: not known
  PRIMARY KEY(folder, uid)
) WITHOUT ROWID, STRICT;

CREATE INDEX item_by_head ON item(folder, head);

CREATE INDEX item_failed ON item(folder, uid) WHERE state = 4;

CREATE INDEX item_in_doubt ON item(folder, uid) WHERE state = 1;

CREATE TABLE labelled( -- which message an item is of, where a service shows one in several folders at once. A row may outlive its item, and means nothing then
  mailbox     INTEGER NOT NULL,
  message     INTEGER NOT NULL,                               -- the service's number for it, X-GM-MSGID, as a signed one
  folder      INTEGER NOT NULL,
  uid         INTEGER NOT NULL,
  PRIMARY KEY(mailbox, message, folder, uid)
) WITHOUT ROWID, STRICT;

CREATE TABLE mailbox( -- one person's mail being moved: an account on each side
  id                  INTEGER PRIMARY KEY AUTOINCREMENT,
  project             INTEGER NOT NULL REFERENCES project(id),
  source_address      TEXT NOT NULL,
  source_user         TEXT NOT NULL,
  source_secret       TEXT CHECK(source_secret <> ''),      -- reference into the keychain; NULL: none is kept
  destination_address TEXT NOT NULL,
  destination_user    TEXT NOT NULL,
  destination_secret  TEXT CHECK(destination_secret <> '')
) STRICT;

CREATE INDEX mailbox_by_destination_secret ON mailbox(destination_secret) WHERE destination_secret IS NOT NULL;

CREATE INDEX mailbox_by_source_secret ON mailbox(source_secret) WHERE source_secret IS NOT NULL;

CREATE INDEX mailbox_of_project ON mailbox(project);

CREATE TABLE meta( -- one row: what belongs to this ledger as a whole
  id          INTEGER PRIMARY KEY CHECK(id = 1),
  digest_key  BLOB NOT NULL CHECK(length(digest_key) = 32), -- random, made with the ledger; without it no digest can be compared
  clean       INTEGER NOT NULL CHECK(clean IN (0, 1)),      -- 1 only while no program has the ledger open
  created     INTEGER NOT NULL
) STRICT;

CREATE TABLE pass( -- one run over one mailbox, readable for ever
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  mailbox     INTEGER NOT NULL REFERENCES mailbox(id),
  kind        TEXT NOT NULL CHECK(kind IN ('new', 'preview', 'trial', 'verify', 'retry', 'rebuild')),
  state       TEXT NOT NULL CHECK(state IN ('queued', 'running', 'completed', 'completed with errors', 'stopped', 'failed', 'interrupted')),
  number      INTEGER CHECK(number IS NULL OR number >= 1 AND kind = 'new'), -- which of the mailbox's passes it is; NULL while it does not count
  queued      INTEGER NOT NULL,
  started     INTEGER,                                      -- NULL: it never ran
  ended       INTEGER,                                      -- NULL exactly while it is not finished
  seen        INTEGER NOT NULL,                             -- when it last wrote to the ledger
  new         INTEGER NOT NULL DEFAULT 0 CHECK(new >= 0),   -- engine.Tally from here
  copied      INTEGER NOT NULL DEFAULT 0 CHECK(copied >= 0),
  adopted     INTEGER NOT NULL DEFAULT 0 CHECK(adopted >= 0),
  skipped     INTEGER NOT NULL DEFAULT 0 CHECK(skipped >= 0),
  failed      INTEGER NOT NULL DEFAULT 0 CHECK(failed >= 0),
  vanished    INTEGER NOT NULL DEFAULT 0 CHECK(vanished >= 0),
  "left"      INTEGER NOT NULL DEFAULT 0 CHECK(0 <= "left"),
  bytes       INTEGER NOT NULL DEFAULT 0 CHECK(bytes >= 0),
  verified    INTEGER NOT NULL DEFAULT 0 CHECK(verified >= 0),
  different   INTEGER NOT NULL DEFAULT 0 CHECK(different >= 0),
  removed     INTEGER NOT NULL DEFAULT 0 CHECK(removed >= 0),
  lack_bytes  INTEGER NOT NULL DEFAULT 0 CHECK(lack_bytes >= 0), -- of a preview: what the destination's quota has no room for
  lack_messages INTEGER NOT NULL DEFAULT 0 CHECK(lack_messages >= 0),
  cause       INTEGER NOT NULL DEFAULT 0 CHECK(cause >= 0), -- engine.Kind of the error that ended it
  side        INTEGER NOT NULL DEFAULT 0 CHECK(side IN (0, 1)), -- where it happened: 0 source, 1 destination. Means nothing without a host
  host        TEXT NOT NULL DEFAULT '',                     -- of the mail service that is to blame; '': none is
  error       TEXT NOT NULL DEFAULT '',                     -- its text, the server's words or ours
  CHECK((ended IS NULL) = (state IN ('queued', 'running'))),
  CHECK(state <> 'queued' OR started IS NULL),
  CHECK(state NOT IN ('running', 'completed', 'completed with errors') OR started IS NOT NULL),
  UNIQUE(mailbox, number)
) STRICT;

CREATE INDEX pass_of_mailbox ON pass(mailbox, id, kind, state, copied);

CREATE UNIQUE INDEX pass_unfinished ON pass(mailbox) WHERE state IN ('queued', 'running');

CREATE TABLE pass_record( -- what is kept of a pass that began beside its row and its folders
  pass        INTEGER PRIMARY KEY REFERENCES pass(id),
  settings    TEXT NOT NULL CHECK(json_valid(settings) AND json_type(settings) = 'object'), -- engine.Settings, as the pass had them
  step        INTEGER NOT NULL CHECK(step >= 0),            -- engine.Throughput: milliseconds a point
  points      BLOB NOT NULL,                                -- and its points: messages and bytes of each, as unsigned varints
  notes       TEXT NOT NULL DEFAULT '[]' CHECK(json_valid(notes) AND json_type(notes) = 'array') -- engine.Note: what the user should know that is no error
) STRICT;

CREATE TABLE project( -- a named set of mailboxes moved from one endpoint to another
  id          INTEGER PRIMARY KEY AUTOINCREMENT,            -- never given twice
  name        TEXT NOT NULL CHECK(name <> ''),
  folded      TEXT NOT NULL UNIQUE CHECK(folded <> ''),     -- name without case: two projects never share it
  source      TEXT NOT NULL CHECK(json_valid(source) AND json_type(source) = 'object'),           -- engine.Endpoint
  destination TEXT NOT NULL CHECK(json_valid(destination) AND json_type(destination) = 'object'), -- engine.Endpoint
  settings    TEXT NOT NULL CHECK(json_valid(settings) AND json_type(settings) = 'object'),       -- engine.Settings
  created     INTEGER NOT NULL,
  updated     INTEGER NOT NULL                              -- when it, a mailbox or the state of a pass of it last changed
) STRICT;

CREATE TABLE removed( -- items whose copy the last verifying pass of their folder has not found: theirs who may have them copied again
  folder      INTEGER NOT NULL,
  uid         INTEGER NOT NULL,
  pass        INTEGER NOT NULL REFERENCES pass(id),           -- that looked
  PRIMARY KEY(folder, uid),
  FOREIGN KEY(folder, uid) REFERENCES item(folder, uid)
) WITHOUT ROWID, STRICT;

CREATE INDEX removed_of_pass ON removed(pass);

CREATE TABLE schedule( -- when passes of a project begin by themselves, while the program is open
  project     INTEGER PRIMARY KEY REFERENCES project(id),
  next        INTEGER,                                      -- when the next is due; NULL: none is any more
  every       INTEGER NOT NULL CHECK(every >= 0),           -- milliseconds from one to the next; 0: there is one only
  until       INTEGER,                                      -- none is due after it; NULL: no end
  missed      INTEGER                                       -- the last that was due while the program was not open, until the user is told; NULL: none
) STRICT;

CREATE TABLE volume( -- what accounts have moved in the last day, for services that allow so much; rows that are older go when new ones come
  account     TEXT NOT NULL CHECK(account <> ''),           -- engine.AccountKey
  written     INTEGER NOT NULL CHECK(written IN (0, 1)),    -- 0: read from the account, 1: written to it
  at          INTEGER NOT NULL,                             -- when a slot of engine.VolumeSlot began
  bytes       INTEGER NOT NULL CHECK(bytes >= 0),
  PRIMARY KEY(account, written, at)
) WITHOUT ROWID, STRICT;

