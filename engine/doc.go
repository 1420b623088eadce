// Package engine holds the words and the work of a migration.
package engine
