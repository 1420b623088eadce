package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/oauth2"

	"mwiz/engine"
)

// again are the codes by which a provider says that the owner of an account has to sign in once more (RFC 6749, OpenID Connect, Microsoft).
var again = []string{"invalid_grant", "interaction_required", "login_required", "consent_required"}

// wait are the codes by which it says that it cannot now.
var wait = []string{"temporarily_unavailable", "server_error", "slow_down", "rate_limit_exceeded"}

// fail makes the one error of a question to a provider. Secrets are taken out of the provider's words.
func fail(ctx context.Context, c engine.Credential, err error, secrets ...string) *engine.Error {
	e := &engine.Error{Op: "sign in", Side: c.Side, Host: c.To.Host}
	var refused *oauth2.RetrieveError
	var done *engine.Error
	if errors.As(err, &done) {
		return done
	}
	if !errors.As(err, &refused) {
		e.Kind, e.Text = engine.Unreachable, "the identity provider does not answer"
		var place *url.Error
		if errors.As(err, &place) {
			if u, bad := url.Parse(place.URL); bad == nil {
				e.Host = u.Hostname()
			}
			e.Text = networkText(place.Err)
		}
		if cause := context.Cause(ctx); cause != nil {
			e.Err = cause
		}
		return e
	}
	code, text := explain(refused)
	for _, s := range secrets {
		if s != "" {
			text = strings.ReplaceAll(text, s, "[secret]")
		}
	}
	e.Kind, e.Text = engine.Denied, text
	switch status := refused.Response.StatusCode; {
	case slices.Contains(again, code) && c.To.Access.Method.Own():
		e.Err, e.Text = engine.ErrSignInAgain, engine.ErrSignInAgain.Error()+": "+text
	case slices.Contains(wait, code), status == 429, status >= 500:
		e.Kind = engine.Throttled
		if seconds, bad := strconv.Atoi(refused.Response.Header.Get("Retry-After")); bad == nil && seconds > 0 && seconds < 3600 {
			e.Wait = time.Duration(seconds) * time.Second
		}
	}
	return e
}

func networkText(err error) string {
	var dns *net.DNSError
	var timeout interface{ Timeout() bool }
	switch {
	case errors.As(err, &dns):
		return "no address is known for " + dns.Name
	case errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	}
	return clip(err.Error())
}

// explain returns a provider's error code, and its words with the code before them: "invalid_grant: AADSTS70008: The refresh token has expired …".
func explain(refused *oauth2.RetrieveError) (code, text string) {
	code, text = refused.ErrorCode, refused.ErrorDescription
	if code == "" { // the library does not read it where it asks with a signed assertion
		var answer struct {
			Code string `json:"error"`
			Text string `json:"error_description"`
		}
		_ = json.Unmarshal(refused.Body, &answer)
		code, text = answer.Code, answer.Text
	}
	text, _, _ = strings.Cut(strings.TrimSpace(text), "\n") // Microsoft's next lines are traces
	text, _, _ = strings.Cut(text, " Trace ID:")
	switch {
	case code == "" && text == "":
		return "", clip(refused.Response.Status)
	case text == "":
		return code, clip(code)
	case code == "":
		return "", clip(text)
	}
	return code, clip(code + ": " + text)
}

// clip returns text from outside as one line that is not long.
func clip(text string) string {
	const longest = 300
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "") + " …"
	}
	return strings.TrimSpace(text)
}
