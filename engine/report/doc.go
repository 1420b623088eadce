// Package report makes the customer's page of a project: what was migrated when, what was not and why, and a reconciliation that sums to
// zero. Read gathers it from the ledger once; Write renders the same content as HTML, PDF, CSV or JSON. It holds addresses, hosts and numbers, no
// password, and of messages nothing but their number.
package report
