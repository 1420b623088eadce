// Package sheet reads lists of mailboxes from CSV files and writes tables that a spreadsheet opens without running
// anything in them. It takes MigrationWiz's header and that of Microsoft's IMAP migration as they are.
package sheet
