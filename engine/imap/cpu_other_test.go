//go:build !unix

package imap

import (
	"testing"
	"time"
)

func processorTime(testing.TB) time.Duration { return 0 }
