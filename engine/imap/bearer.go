package imap

import (
	"encoding/json"

	"github.com/emersion/go-sasl"
)

// bearer signs in by an access token: XOAUTH2 as Google and Microsoft define it, or OAUTHBEARER (RFC 7628).
type bearer struct {
	mechanism string
	response  []byte
	refused   refusedToken // what the server has said of the token, if it did not like it
}

// refusedToken is what servers say, in JSON, of a token that they do not take.
type refusedToken struct {
	Status  string `json:"status"` // an HTTP status, or a code of RFC 6750: "invalid_token" …
	Schemes string `json:"schemes"`
	Scope   string `json:"scope"`
}

func newXOAUTH2(user, token string) *bearer {
	return &bearer{mechanism: "XOAUTH2", response: []byte("user=" + user + "\x01auth=Bearer " + token + "\x01\x01")}
}

func newOAuthBearer(host string, port int, user, token string) *bearer {
	standard := sasl.NewOAuthBearerClient(&sasl.OAuthBearerOptions{Username: escapeName(user), Token: token, Host: host, Port: port})
	mechanism, response, _ := standard.Start()
	return &bearer{mechanism: mechanism, response: response}
}

// escapeName writes a user name as it stands in the header of GS2 (RFC 5801, section 4).
func escapeName(user string) string {
	var out []byte
	for i := range len(user) {
		switch c := user[i]; c {
		case ',':
			out = append(out, "=2C"...)
		case '=':
			out = append(out, "=3D"...)
		default:
			out = append(out, c)
		}
	}
	return string(out)
}

// Start implements sasl.Client.
func (b *bearer) Start() (mechanism string, response []byte, err error) {
	return b.mechanism, b.response, nil
}

// Next implements sasl.Client: a challenge says why the token is refused. It is answered by one byte, as RFC 7628 has it, for the refusal to come; servers
// that want nothing there take it too, and an empty answer would leave as "=", which Dovecot calls bad.
func (b *bearer) Next(challenge []byte) ([]byte, error) {
	_ = json.Unmarshal(challenge, &b.refused) // where it is something else, the refusal that follows has its own words
	return []byte{1}, nil
}

// why says by what the sign-in was tried, and what the server has told of it.
func (b *bearer) why() string {
	if b.refused.Status == "" {
		return "access token refused"
	}
	return "access token refused, status " + clip(b.refused.Status)
}
